import afiliacion.reminders.models.policy
import datetime as dt
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("reminders", "0001_initial"),
        ("reminders", "0002_page_key"),
        ("reminders", "0003_manners"),
    ]

    dependencies = [
        ("cases", "0001_tables"),
        ("students", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "zone",
                    models.CharField(
                        choices=[
                            ("America/Mexico_City", "Centro"),
                            ("America/Cancun", "Sureste (Quintana Roo)"),
                            ("America/Mazatlan", "Pacífico"),
                            ("America/Hermosillo", "Sonora"),
                            ("America/Tijuana", "Noroeste (Baja California)"),
                            ("America/Chihuahua", "Chihuahua"),
                            ("America/Ciudad_Juarez", "Frontera de Chihuahua"),
                            ("America/Matamoros", "Frontera del noreste"),
                        ],
                        default="America/Mexico_City",
                        max_length=40,
                        verbose_name="huso horario",
                    ),
                ),
                ("opens_at", models.TimeField(default=dt.time(8, 0), verbose_name="se envía desde las")),
                ("closes_at", models.TimeField(default=dt.time(21, 0), verbose_name="y hasta las")),
                (
                    "quiet_days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            choices=[
                                (0, "lunes"),
                                (1, "martes"),
                                (2, "miércoles"),
                                (3, "jueves"),
                                (4, "viernes"),
                                (5, "sábado"),
                                (6, "domingo"),
                            ]
                        ),
                        blank=True,
                        default=afiliacion.reminders.models.policy.sundays,
                        size=None,
                        verbose_name="días en que no se envía",
                    ),
                ),
                (
                    "rests_on_holidays",
                    models.BooleanField(
                        default=True, verbose_name="tampoco en días de descanso obligatorio ni en los inhábiles del plantel"
                    ),
                ),
                ("per_week", models.PositiveSmallIntegerField(default=3, verbose_name="correos a una persona en siete días, a lo más")),
                ("tells_tutors", models.BooleanField(default=False, verbose_name="se avisa también al tutor de un menor de edad")),
                (
                    "plantel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="students.plantel",
                        verbose_name="plantel (vacío: todos los que no tengan lo suyo)",
                    ),
                ),
            ],
            options={
                "verbose_name": "horario de los avisos",
                "verbose_name_plural": "horarios de los avisos",
                "constraints": [
                    models.UniqueConstraint(fields=("plantel",), name="mailrule_once_per_plantel", nulls_distinct=False),
                    models.CheckConstraint(
                        condition=models.Q(("closes_at__gt", models.F("opens_at"))), name="mailrule_opens_before_it_closes"
                    ),
                    models.CheckConstraint(condition=models.Q(("quiet_days__len__lte", 6)), name="mailrule_some_day_is_open"),
                    models.CheckConstraint(condition=models.Q(("per_week__gte", 1)), name="mailrule_per_week_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MailStop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(verbose_name="desde")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="hasta")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="quién"
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién lo levantó",
                    ),
                ),
                (
                    "plantel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="students.plantel",
                        verbose_name="plantel (vacío: todos)",
                    ),
                ),
            ],
            options={
                "verbose_name": "alto a los avisos",
                "verbose_name_plural": "altos a los avisos",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)), fields=("plantel",), name="mailstop_one_in_force", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MailText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, verbose_name="textos")),
                ("number", models.PositiveIntegerField(verbose_name="edición")),
                ("parts", models.JSONField(blank=True, null=True, verbose_name="textos")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="quién"
                    ),
                ),
                (
                    "plantel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="students.plantel",
                        verbose_name="plantel (vacío: todos los que no tengan lo suyo)",
                    ),
                ),
            ],
            options={
                "verbose_name": "textos propios",
                "verbose_name_plural": "textos propios",
                "constraints": [
                    models.UniqueConstraint(fields=("plantel", "key", "number"), name="mailtext_number_once", nulls_distinct=False)
                ],
            },
        ),
        migrations.CreateModel(
            name="Pace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("free_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "paso del correo",
                "verbose_name_plural": "paso del correo",
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="pace_only_one")],
            },
        ),
        migrations.CreateModel(
            name="Tutor",
            fields=[
                (
                    "student",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="tutor",
                        serialize=False,
                        to="students.student",
                        verbose_name="alumno",
                    ),
                ),
                ("name", models.CharField(max_length=160, verbose_name="nombre")),
                ("email", models.CharField(max_length=254, verbose_name="correo")),
            ],
            options={
                "verbose_name": "madre, padre o tutor",
                "verbose_name_plural": "madres, padres o tutores",
            },
        ),
        migrations.CreateModel(
            name="BadAddress",
            fields=[
                ("address", models.CharField(max_length=254, primary_key=True, serialize=False, verbose_name="correo")),
                ("since", models.DateTimeField(verbose_name="desde")),
                ("words", models.TextField(verbose_name="lo que dijo el servidor")),
            ],
            options={
                "verbose_name": "correo que no sirve",
                "verbose_name_plural": "correos que no sirven",
            },
        ),
        migrations.CreateModel(
            name="OptOut",
            fields=[
                (
                    "student",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="students.student",
                        verbose_name="alumno",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="cuándo")),
            ],
            options={
                "verbose_name": "sin avisos opcionales",
                "verbose_name_plural": "sin avisos opcionales",
            },
        ),
        migrations.CreateModel(
            name="PageKey",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="page_key",
                        serialize=False,
                        to="cases.case",
                        verbose_name="expediente",
                    ),
                ),
                ("generation", models.PositiveIntegerField(default=0, verbose_name="veces que se anularon sus enlaces")),
            ],
            options={
                "verbose_name": "llave de la página del alumno",
                "verbose_name_plural": "llaves de las páginas de los alumnos",
            },
        ),
        migrations.CreateModel(
            name="ReminderKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=30, verbose_name="clave")),
                ("name", models.CharField(max_length=120, verbose_name="nombre")),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("student", "Alumno"),
                            ("tutor", "Tutor de un menor de edad"),
                            ("officer", "Responsable"),
                            ("coordinator", "Coordinación"),
                            ("receipt", "Alumno, al recibirle"),
                            ("alarm", "Coordinación, cuando algo falla"),
                        ],
                        max_length=11,
                        verbose_name="para quién",
                    ),
                ),
                (
                    "states",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
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
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="estados",
                    ),
                ),
                (
                    "turn",
                    models.CharField(
                        blank=True,
                        choices=[("alumno", "Alumno"), ("escuela", "Escuela"), ("imss", "IMSS"), ("nadie", "Nadie")],
                        max_length=10,
                        verbose_name="turno (vacío: cualquiera)",
                    ),
                ),
                (
                    "anchor",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("due", "Vencimiento del plazo"),
                            ("since", "Desde que está en el estado"),
                            ("refused", "Desde que se rechazó su hoja"),
                        ],
                        max_length=10,
                        verbose_name="se cuenta desde",
                    ),
                ),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(),
                        blank=True,
                        default=list,
                        help_text="De menor a mayor. Negativos: antes de la fecha.",
                        size=None,
                        verbose_name="días de cada paso",
                    ),
                ),
                ("window", models.PositiveSmallIntegerField(verbose_name="noches en que un paso todavía vale")),
                (
                    "stop",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Mientras siga en el estado"),
                            ("due", "Cuando vence el plazo"),
                            ("clinic", "Cuando ya se registró en su clínica o lo cubre otra institución"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="deja de valer",
                    ),
                ),
                ("urgency", models.PositiveSmallIntegerField(verbose_name="urgencia (gana la mayor)")),
                ("waits_for_imss", models.BooleanField(default=False, verbose_name="espera si el IMSS está caído")),
                ("texts", models.CharField(blank=True, max_length=60, verbose_name="textos")),
                ("active", models.BooleanField(default=True, verbose_name="activo")),
                ("optional", models.BooleanField(default=False, verbose_name="el alumno puede dejar de recibirlo")),
                ("stops_with_sheet", models.BooleanField(default=False, verbose_name="calla cuando el alumno ya subió su hoja")),
            ],
            options={
                "verbose_name": "clase de aviso",
                "verbose_name_plural": "clases de aviso",
                "ordering": ["-urgency", "key"],
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="reminderkind_key_once"),
                    models.CheckConstraint(condition=models.Q(("window__gte", 1)), name="reminderkind_window_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("audience__in", ["officer", "receipt", "alarm"]), ("states", [])),
                            models.Q(
                                models.Q(("states", []), _negated=True),
                                models.Q(("days", []), _negated=True),
                                ("anchor__in", ["due", "since", "refused"]),
                            ),
                            _connector="OR",
                        ),
                        name="reminderkind_has_schedule",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(blank=True, max_length=40, verbose_name="paso")),
                ("recipient", models.CharField(max_length=254, verbose_name="para")),
                ("night", models.DateField(verbose_name="noche")),
                ("data", models.JSONField(default=dict, verbose_name="cifras")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "En espera"),
                            ("sending", "Enviándose"),
                            ("sent", "Enviado"),
                            ("failed", "Rechazado"),
                            ("uncertain", "Dudoso"),
                            ("bounced", "Devuelto"),
                            ("dropped", "Ya no hizo falta"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="situación",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="intentos")),
                ("send_after", models.DateTimeField(verbose_name="no antes de")),
                ("lease", models.UUIDField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(verbose_name="decidido")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="enviado")),
                ("error", models.TextField(blank=True, verbose_name="error")),
                ("message_id", models.CharField(blank=True, max_length=200)),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="asunto")),
                ("text", models.TextField(blank=True, verbose_name="texto")),
                ("version", models.CharField(blank=True, max_length=12, verbose_name="versión de los textos")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="cases.case",
                        verbose_name="expediente",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="students.student",
                        verbose_name="alumno",
                    ),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="reminders.reminderkind",
                        verbose_name="clase",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("student", "Alumno"),
                            ("tutor", "Tutor de un menor de edad"),
                            ("officer", "Responsable"),
                            ("coordinator", "Coordinación"),
                            ("receipt", "Alumno, al recibirle"),
                            ("alarm", "Coordinación, cuando algo falla"),
                        ],
                        default="student",
                        max_length=11,
                        verbose_name="para quién",
                    ),
                ),
                (
                    "part_of",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="reminders.reminder",
                        verbose_name="va en el correo",
                    ),
                ),
            ],
            options={
                "verbose_name": "aviso",
                "verbose_name_plural": "avisos",
                "indexes": [
                    models.Index(models.F("send_after"), models.F("id"), condition=models.Q(("status", "queued")), name="reminder_to_send"),
                    models.Index(models.F("lease_until"), condition=models.Q(("status", "sending")), name="reminder_in_flight"),
                    models.Index(models.F("night"), models.F("status"), name="reminder_by_night"),
                    models.Index(models.F("student"), models.F("night"), name="reminder_by_student"),
                    models.Index(models.F("part_of"), condition=models.Q(("part_of__isnull", False)), name="reminder_part_of"),
                    models.Index(
                        models.F("message_id"), condition=models.Q(("message_id", ""), _negated=True), name="reminder_by_message_id"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "kind", "step", "recipient"), name="reminder_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("case", None)), fields=("kind", "recipient", "night"), name="reminder_digest_once_a_night"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("part_of", None),
                            models.Q(("status", "dropped"), _negated=True),
                            models.Q(("audience", "receipt"), _negated=True),
                        ),
                        fields=("student", "audience", "night"),
                        name="reminder_student_once_a_night",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "recipient__regex",
                                "^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,63}$",
                            )
                        ),
                        name="reminder_recipient_is_one_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["queued", "sending", "sent", "failed", "uncertain", "bounced", "dropped"])),
                        name="reminder_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("case", None), ("student", None)),
                            models.Q(("case__isnull", False), ("student__isnull", False)),
                            _connector="OR",
                        ),
                        name="reminder_case_with_student",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "sent"), _negated=True),
                            models.Q(("sent_at__isnull", False), models.Q(("message_id", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="reminder_sent_says_when_and_what",
                    ),
                ],
            },
        ),
    ]
