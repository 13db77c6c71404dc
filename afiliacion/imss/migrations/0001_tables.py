import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("imss", "0001_initial"),
        ("imss", "0004_waiting_room"),
        ("imss", "0005_undone_loads"),
        ("imss", "0006_share_is_a_lease"),
        ("imss", "0007_alarm"),
        ("imss", "0008_way"),
        ("imss", "0009_answers_kept"),
    ]

    dependencies = [
        ("cases", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Errand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("locate_nss", "Localizar el NSS"),
                            ("check_vigencia", "Consultar la vigencia"),
                            ("send_alta", "Enviar el alta"),
                            ("send_baja", "Enviar la baja"),
                        ],
                        max_length=20,
                        verbose_name="gestión",
                    ),
                ),
                ("key", models.UUIDField()),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "En curso"), ("parked", "Espera a una persona"), ("done", "Terminado")],
                        default="open",
                        max_length=10,
                        verbose_name="situación",
                    ),
                ),
                ("requested_on", models.DateField(verbose_name="pedido el")),
                ("requested_at", models.DateTimeField(verbose_name="pedido")),
                ("requested_name", models.CharField(max_length=160, verbose_name="pedido por")),
                ("next_on", models.DateField(verbose_name="se pregunta el")),
                ("next_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("lease_until", models.DateTimeField(null=True)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("misses", models.PositiveSmallIntegerField(default=0)),
                ("strikes", models.PositiveSmallIntegerField(default=0)),
                ("in_doubt", models.BooleanField(default=False)),
                ("movement", models.JSONField(null=True, verbose_name="movimiento, como se envía")),
                ("lote", models.CharField(blank=True, max_length=40, verbose_name="lote")),
                ("recibo", models.CharField(blank=True, max_length=80, verbose_name="recibo")),
                ("received_on", models.DateField(null=True, verbose_name="recibido por el IMSS")),
                ("code", models.CharField(blank=True, max_length=60, verbose_name="código")),
                ("message", models.TextField(blank=True, verbose_name="lo último que se supo")),
                ("told_at", models.DateTimeField(null=True, verbose_name="cuándo se supo")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="errands", to="cases.case", verbose_name="expediente"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("holder", models.BigIntegerField(null=True)),
            ],
            options={
                "verbose_name": "gestión ante el IMSS",
                "verbose_name_plural": "gestiones ante el IMSS",
                "indexes": [
                    models.Index(condition=models.Q(("status", "open")), fields=["next_on", "next_at"], name="errand_due"),
                    models.Index(condition=models.Q(("status", "parked")), fields=["case", "kind"], name="errand_parked"),
                    models.Index(condition=models.Q(("lease_until__isnull", False)), fields=["holder"], name="errand_in_hand"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="errand_key_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["open", "parked"])),
                        fields=("case", "kind"),
                        name="errand_one_unfinished_per_case_and_kind",
                    ),
                    models.CheckConstraint(condition=models.Q(("status__in", ["open", "parked", "done"])), name="errand_status_known"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["locate_nss", "check_vigencia", "send_alta", "send_baja"])),
                        name="errand_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("received_on", None), ("movement__isnull", False), _connector="OR"),
                        name="errand_received_what_was_sent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempt", models.PositiveIntegerField()),
                ("at", models.DateTimeField(verbose_name="recibida")),
                ("http_status", models.PositiveSmallIntegerField()),
                ("media_type", models.CharField(max_length=80)),
                ("body", models.BinaryField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("applied", "Aplicada"),
                            ("refused", "Negativa"),
                            ("quarantined", "En cuarentena: no es de esta persona"),
                            ("unreadable", "No se pudo leer"),
                            ("late", "Llegó tarde: no se aplicó"),
                        ],
                        max_length=12,
                        verbose_name="qué se hizo",
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=60, verbose_name="código")),
                ("errand", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="imss.errand")),
                ("reviewed_at", models.DateTimeField(null=True, verbose_name="revisada")),
                ("reviewed_by", models.CharField(blank=True, max_length=160, verbose_name="quién la revisó")),
            ],
            options={
                "verbose_name": "respuesta del IMSS",
                "verbose_name_plural": "respuestas del IMSS",
                "indexes": [
                    models.Index(
                        condition=models.Q(("reviewed_at", None), ("verdict", "quarantined")), fields=["id"], name="answer_quarantined"
                    ),
                    models.Index(fields=["at"], name="answer_by_age"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cadence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("locate_nss", "Localizar el NSS"),
                            ("check_vigencia", "Consultar la vigencia"),
                            ("send_alta", "Enviar el alta"),
                            ("send_baja", "Enviar la baja"),
                        ],
                        max_length=20,
                        verbose_name="gestión",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("SIN_NSS", "Sin NSS"),
                            ("NSS_OBTENIDO", "NSS obtenido"),
                            ("ACUSE_ENTREGADO", "Acuse entregado"),
                            ("ALTA_ENVIADA", "Alta enviada"),
                            ("VIGENTE", "Vigente"),
                            ("SIN_VIGENCIA", "Sin vigencia"),
                            ("EN_SUBDELEGACION", "En subdelegación"),
                            ("RENUNCIA", "Renuncia"),
                            ("BAJA", "Baja"),
                        ],
                        max_length=20,
                        verbose_name="estado",
                    ),
                ),
                (
                    "anchor",
                    models.CharField(
                        choices=[("state", "que está en el estado"), ("due", "que vence su plazo")],
                        default="state",
                        max_length=10,
                        verbose_name="se cuenta desde",
                    ),
                ),
                ("after_days", models.PositiveSmallIntegerField(verbose_name="a partir del día")),
                ("every_days", models.PositiveSmallIntegerField(verbose_name="cada cuántos días")),
            ],
            options={
                "verbose_name": "cadencia de consulta",
                "verbose_name_plural": "cadencias de consulta",
                "ordering": ["kind", "state", "after_days"],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "state", "anchor", "after_days"), name="cadence_once"),
                    models.CheckConstraint(condition=models.Q(("every_days__gte", 1)), name="cadence_every_day_at_most"),
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownRefusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, verbose_name="código")),
                (
                    "do",
                    models.CharField(
                        choices=[
                            ("wait", "Volver a preguntar"),
                            ("escalate", "Llevarlo a la subdelegación"),
                            ("park", "Que lo vea una persona"),
                        ],
                        default="park",
                        max_length=10,
                        verbose_name="qué se hace",
                    ),
                ),
                ("meaning", models.CharField(max_length=240, verbose_name="qué significa y quién lo arregla")),
            ],
            options={
                "verbose_name": "respuesta conocida",
                "verbose_name_plural": "respuestas conocidas",
                "ordering": ["code"],
                "constraints": [models.UniqueConstraint(fields=("code",), name="knownrefusal_code_once")],
            },
        ),
        migrations.CreateModel(
            name="BajaCause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("temporal", "Baja temporal"),
                            ("definitiva", "Baja definitiva"),
                            ("egreso", "Egreso"),
                            ("desercion", "Deserción"),
                            ("traslado", "Cambio de plantel"),
                            ("deshecha", "Abierto por una carga que se deshizo"),
                            ("renuncia", "Renuncia"),
                        ],
                        max_length=12,
                        verbose_name="motivo escolar",
                    ),
                ),
                ("causa", models.CharField(max_length=1, verbose_name="causa de baja")),
            ],
            options={
                "verbose_name": "causa de baja",
                "verbose_name_plural": "causas de baja",
                "constraints": [
                    models.UniqueConstraint(fields=("reason",), name="bajacause_once"),
                    models.CheckConstraint(condition=models.Q(("causa__regex", "^[1-9A]$")), name="bajacause_in_catalogue"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Manners",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("paused", models.BooleanField(default=False, verbose_name="no preguntar nada por ahora")),
                (
                    "most_strikes",
                    models.PositiveSmallIntegerField(default=5, verbose_name="intentos fallidos antes de que lo vea una persona"),
                ),
                ("backoff_seconds", models.FloatField(default=2.0, verbose_name="primera espera tras un intento fallido (s)")),
                ("backoff_most_seconds", models.FloatField(default=900.0, verbose_name="espera máxima (s)")),
                ("failures_to_open", models.PositiveSmallIntegerField(default=10, verbose_name="fallas seguidas para dejar de llamar")),
                ("probe_seconds", models.FloatField(default=10.0, verbose_name="cada cuánto se prueba si ya volvió (s)")),
                (
                    "requests_per_second",
                    models.FloatField(
                        blank=True,
                        help_text="El límite que dio el IMSS. Vacío si no se conoce: la oficina lo encuentra por sí misma, empezando despacio.",
                        null=True,
                        verbose_name="preguntas por segundo, entre todos",
                    ),
                ),
                (
                    "alarm_minutes",
                    models.PositiveSmallIntegerField(default=15, verbose_name="minutos sin respuesta antes de escribir a coordinación"),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("service", "Por su servicio: la oficina pregunta y envía por sí misma"),
                            ("by_hand", "Sin servicio: se anota lo que traen los alumnos y los papeles"),
                        ],
                        default="service",
                        max_length=10,
                        verbose_name="cómo se trata con el IMSS",
                    ),
                ),
                (
                    "answers_kept_days",
                    models.PositiveSmallIntegerField(
                        default=365,
                        help_text="Lo que prueba un hecho se queda en su expediente; lo que nadie ha revisado de la cuarentena, también.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="días que se guardan las respuestas tal como llegaron",
                    ),
                ),
            ],
            options={
                "verbose_name": "trato con el IMSS",
                "verbose_name_plural": "trato con el IMSS",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="manners_one_row"),
                    models.CheckConstraint(condition=models.Q(("way__in", ["service", "by_hand"])), name="manners_way_known"),
                    models.CheckConstraint(condition=models.Q(("answers_kept_days__gte", 1)), name="manners_archive_kept"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("backoff_seconds__gt", 0),
                            ("failures_to_open__gte", 1),
                            ("most_strikes__gte", 1),
                            ("probe_seconds__gt", 0),
                            models.Q(("requests_per_second", None), ("requests_per_second__gte", 0.5), _connector="OR"),
                        ),
                        name="manners_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("failures", models.PositiveIntegerField(default=0)),
                ("quiet_until", models.DateTimeField(null=True)),
                ("probe_at", models.DateTimeField(null=True)),
                ("asked", models.PositiveIntegerField(default=0)),
                ("bad", models.FloatField(null=True)),
                ("good", models.FloatField(default=0.0)),
                ("limit", models.FloatField(null=True)),
                ("rate", models.FloatField(default=0.0)),
                ("rate_since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="line_one_row")],
            },
        ),
        migrations.CreateModel(
            name="Asker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pid", models.IntegerField()),
                ("backend_start", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("among", models.PositiveIntegerField()),
                ("asks_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Outage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(verbose_name="desde")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="hasta")),
                ("reason", models.CharField(max_length=240, verbose_name="qué pasó")),
            ],
            options={
                "verbose_name": "interrupción del IMSS",
                "verbose_name_plural": "interrupciones del IMSS",
                "ordering": ["-since"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)), fields=("until",), name="outage_one_at_a_time", nulls_distinct=False
                    )
                ],
            },
        ),
    ]
