import datetime as dt
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("cases", "0001_initial"),
        ("cases", "0004_index_states"),
        ("cases", "0005_fewer_indexes"),
        ("cases", "0008_order_of_due"),
        ("cases", "0010_case_of_student"),
        ("cases", "0012_reading_lists"),
        ("cases", "0013_sheets_to_review"),
    ]

    dependencies = [
        ("students", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClockRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        choices=[
                            ("acuse", "Entrega del acuse por el alumno"),
                            ("alta", "Envío del alta por la escuela"),
                            ("vigencia", "Respuesta esperada del IMSS"),
                            ("revision", "Nueva consulta de la vigencia"),
                            ("atencion", "Atención de un caso sin vigencia"),
                            ("subdelegacion", "Seguimiento en la subdelegación"),
                            ("baja", "Envío de la baja por la escuela"),
                        ],
                        max_length=20,
                        verbose_name="plazo",
                    ),
                ),
                ("n", models.PositiveSmallIntegerField(verbose_name="días")),
                (
                    "unit",
                    models.CharField(
                        choices=[("habiles", "días hábiles"), ("naturales", "días naturales")], max_length=10, verbose_name="unidad"
                    ),
                ),
                ("rolls", models.BooleanField(default=False, verbose_name="si vence en día inhábil, pasa al siguiente hábil")),
                ("stops_with_imss", models.BooleanField(default=False, verbose_name="no corre los días en que el IMSS no da servicio")),
                (
                    "alert_after",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="días de atraso para avisar a coordinación"),
                ),
                ("source", models.CharField(max_length=240, verbose_name="de dónde sale la regla")),
                ("valid_from", models.DateField(verbose_name="rige desde")),
                (
                    "plantel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="students.plantel",
                        verbose_name="plantel (vacío: todos)",
                    ),
                ),
            ],
            options={
                "verbose_name": "regla de plazo",
                "verbose_name_plural": "reglas de plazo",
                "ordering": ["key", "plantel", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "plantel", "valid_from"), name="clockrule_once_a_date", nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(("n__gte", 1), ("n__lte", 365)), name="clockrule_days_sane"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutageDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(verbose_name="día")),
                ("source", models.CharField(max_length=240, verbose_name="cómo se supo")),
            ],
            options={
                "verbose_name": "día sin servicio del IMSS",
                "verbose_name_plural": "días sin servicio del IMSS",
                "constraints": [models.UniqueConstraint(fields=("date",), name="outageday_once")],
            },
        ),
        migrations.CreateModel(
            name="PaperKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=30, verbose_name="clave")),
                ("label", models.CharField(max_length=120, verbose_name="documento")),
            ],
            options={
                "verbose_name": "documento",
                "verbose_name_plural": "documentos",
                "ordering": ["label"],
                "constraints": [models.UniqueConstraint(fields=("key",), name="paperkind_key_once")],
            },
        ),
        migrations.CreateModel(
            name="WantedPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.CharField(
                        choices=[("deliver_acuse", "Acuse entregado"), ("renounce", "Renuncia firmada")], max_length=20, verbose_name="paso"
                    ),
                ),
                ("minors_only", models.BooleanField(default=False, verbose_name="solo a menores de edad")),
                ("kind", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="cases.paperkind", verbose_name="documento")),
                (
                    "plantel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="students.plantel",
                        verbose_name="plantel (vacío: todos)",
                    ),
                ),
            ],
            options={
                "verbose_name": "documento que se pide",
                "verbose_name_plural": "documentos que se piden",
                "constraints": [models.UniqueConstraint(fields=("plantel", "step", "kind"), name="wantedpaper_once", nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(choices=[("imss", "Respuesta del IMSS"), ("paper", "Documento")], max_length=10, verbose_name="clase"),
                ),
                ("media_type", models.CharField(max_length=80)),
                ("body", models.BinaryField()),
                ("received_at", models.DateTimeField(verbose_name="recibido")),
            ],
            options={
                "verbose_name": "evidencia",
                "verbose_name_plural": "evidencias",
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0)),
                ("head_hash", models.CharField(default="", max_length=64)),
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
                ("state_since", models.DateField(verbose_name="desde")),
                (
                    "turn",
                    models.CharField(
                        choices=[("alumno", "Alumno"), ("escuela", "Escuela"), ("imss", "IMSS"), ("nadie", "Nadie")],
                        max_length=10,
                        verbose_name="turno",
                    ),
                ),
                ("due_on", models.DateField(null=True, verbose_name="vence")),
                ("enrolled_on", models.DateField(verbose_name="inscripción")),
                ("nss_on", models.DateField(null=True, verbose_name="NSS obtenido")),
                ("acuse_on", models.DateField(null=True, verbose_name="acuse entregado")),
                ("alta_on", models.DateField(null=True, verbose_name="alta enviada")),
                ("vigencia_on", models.DateField(null=True, verbose_name="vigente desde")),
                ("vigencia_evidence", models.CharField(blank=True, max_length=64)),
                ("checked_on", models.DateField(null=True, verbose_name="última consulta")),
                ("filed_on", models.DateField(null=True, verbose_name="presentado en subdelegación")),
                ("baja_kind", models.CharField(blank=True, max_length=12, verbose_name="tipo de baja")),
                ("baja_sent_on", models.DateField(null=True, verbose_name="baja enviada")),
                ("baja_operada_on", models.DateField(null=True, verbose_name="baja operada")),
                (
                    "coverage",
                    models.CharField(
                        choices=[
                            ("none", "Sin cobertura comprobada"),
                            ("ours", "Seguro de estudiante por esta escuela"),
                            ("other_school", "Seguro de estudiante por otra escuela"),
                            ("other", "Otra cobertura (trabajo, familia u otro instituto)"),
                        ],
                        max_length=14,
                        verbose_name="cobertura",
                    ),
                ),
                ("umf", models.CharField(blank=True, max_length=60, verbose_name="UMF")),
                ("clinic_on", models.DateField(null=True, verbose_name="registro en clínica")),
                ("held_since", models.DateField(null=True, verbose_name="en pausa desde")),
                ("pauses", models.JSONField(default=list)),
                ("papers", models.JSONField(default=list, verbose_name="documentos")),
                ("alerted_on", models.DateField(null=True, verbose_name="atraso avisado")),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="students.enrolment",
                        verbose_name="inscripción",
                    ),
                ),
                (
                    "plantel",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="students.plantel",
                        verbose_name="plantel",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="students.student",
                        verbose_name="alumno",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="cases.clockrule",
                        verbose_name="regla de plazo",
                    ),
                ),
                (
                    "ciclo",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="students.ciclo",
                        verbose_name="ciclo",
                    ),
                ),
                ("grupo", models.CharField(blank=True, max_length=30)),
                ("name_order", models.TextField(db_collation="C")),
                (
                    "reached",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(clinic_on__isnull=False, then=models.Value(5), vigencia_on__isnull=False),
                            models.When(then=models.Value(4), vigencia_on__isnull=False),
                            models.When(alta_on__isnull=False, then=models.Value(3)),
                            models.When(acuse_on__isnull=False, then=models.Value(2)),
                            models.When(nss_on__isnull=False, then=models.Value(1)),
                            default=models.Value(0),
                        ),
                        output_field=models.PositiveSmallIntegerField(),
                    ),
                ),
                (
                    "due_order",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce("due_on", models.Value(dt.date(9999, 12, 31))),
                        output_field=models.DateField(),
                    ),
                ),
                ("sheet_refused_on", models.DateField(null=True, verbose_name="hoja rechazada")),
            ],
            options={
                "verbose_name": "expediente",
                "verbose_name_plural": "expedientes",
                "indexes": [
                    models.Index(fields=["student", "plantel"], name="case_of_student"),
                    models.Index(fields=["state", "due_on"], name="case_by_state_due"),
                    models.Index(fields=["state", "state_since"], name="case_by_state_since"),
                    models.Index(fields=["due_order", "id"], name="case_by_due"),
                    models.Index(
                        fields=["plantel", "state", "due_order", "id"],
                        include=("turn", "ciclo", "grupo", "coverage", "reached"),
                        name="case_of_plantel_by_due",
                    ),
                    models.Index(
                        fields=["plantel", "name_order", "id"],
                        include=("state", "turn", "due_order", "ciclo", "grupo", "coverage", "reached"),
                        name="case_of_plantel_by_name",
                    ),
                    models.Index(
                        fields=["state", "coverage", "ciclo", "due_order", "id"],
                        include=("plantel", "turn", "reached"),
                        name="case_of_all_by_due",
                    ),
                    models.Index(
                        fields=["name_order", "id"],
                        include=("state", "turn", "due_order", "ciclo", "coverage", "reached"),
                        name="case_by_name",
                    ),
                    models.Index(
                        condition=models.Q(("alerted_on__isnull", False)),
                        fields=["plantel", "due_order", "id"],
                        include=("state", "turn", "ciclo", "grupo", "coverage", "reached"),
                        name="case_alerted_by_due",
                    ),
                    models.Index(
                        condition=models.Q(("papers__contains", [["acuse", "received"]]), ("state__in", ["SIN_NSS", "NSS_OBTENIDO"])),
                        fields=["plantel", "due_order", "id"],
                        name="case_with_sheet_by_due",
                    ),
                    models.Index(
                        condition=models.Q(("sheet_refused_on__isnull", False)),
                        fields=["state", "sheet_refused_on"],
                        name="case_by_sheet_refused",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "ACUSE_ENTREGADO",
                                    "ALTA_ENVIADA",
                                    "EN_SUBDELEGACION",
                                    "NSS_OBTENIDO",
                                    "SIN_NSS",
                                    "SIN_VIGENCIA",
                                    "VIGENTE",
                                ],
                            )
                        ),
                        fields=("student", "plantel"),
                        name="case_one_open_per_student_and_plantel",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "VIGENTE"), _negated=True),
                            models.Q(("vigencia_evidence", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="case_vigente_on_evidence",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "SIN_NSS",
                                    "NSS_OBTENIDO",
                                    "ACUSE_ENTREGADO",
                                    "ALTA_ENVIADA",
                                    "VIGENTE",
                                    "SIN_VIGENCIA",
                                    "EN_SUBDELEGACION",
                                    "RENUNCIA",
                                    "BAJA",
                                ],
                            )
                        ),
                        name="case_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("turn__in", ["alumno", "escuela", "imss", "nadie"])), name="case_turn_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveIntegerField()),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("open", "Expediente abierto"),
                            ("continue", "Reinscripción"),
                            ("obtain_nss", "NSS obtenido"),
                            ("correct_nss", "NSS corregido"),
                            ("disown_nss", "El NSS no es del alumno"),
                            ("deliver_acuse", "Acuse entregado"),
                            ("retract_acuse", "Entrega del acuse deshecha"),
                            ("send_alta", "Alta enviada al IMSS"),
                            ("confirm_vigencia", "Vigencia confirmada por el IMSS"),
                            ("miss_vigencia", "El IMSS no reporta vigencia"),
                            ("reject_alta", "Alta rechazada por el IMSS"),
                            ("escalate", "Enviado a la subdelegación"),
                            ("file_at_desk", "Presentado en la subdelegación"),
                            ("return", "Regresó de la subdelegación"),
                            ("renounce", "Renuncia firmada"),
                            ("withdraw_renuncia", "Renuncia retirada"),
                            ("leave", "Baja escolar"),
                            ("send_baja", "Baja enviada al IMSS"),
                            ("operate_baja", "Baja operada por el IMSS"),
                            ("rejoin", "Reingreso"),
                            ("note_coverage", "Cobertura anotada"),
                            ("note_clinic", "Clínica anotada"),
                            ("receive_papers", "Documentos recibidos"),
                            ("verify_papers", "Documentos verificados"),
                            ("reject_papers", "Documentos rechazados"),
                            ("retract_papers", "Recepción de documentos deshecha"),
                            ("hold", "Plazo en pausa"),
                            ("release", "Plazo reanudado"),
                            ("undo_load", "Carga de lista deshecha"),
                            ("reschedule", "Plazo recalculado"),
                            ("alert", "Atraso avisado a coordinación"),
                        ],
                        max_length=20,
                    ),
                ),
                ("from_state", models.CharField(blank=True, max_length=20)),
                (
                    "to_state",
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
                    ),
                ),
                ("on", models.DateField(verbose_name="fecha del hecho")),
                ("at", models.DateTimeField(verbose_name="anotado")),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("person", "Persona"),
                            ("import", "Carga de lista"),
                            ("night", "Proceso nocturno"),
                            ("imss", "Respuesta del IMSS"),
                            ("student", "Alumno"),
                        ],
                        max_length=10,
                    ),
                ),
                ("actor_name", models.CharField(max_length=160)),
                ("reason", models.TextField(blank=True, verbose_name="motivo")),
                ("data", models.JSONField(default=dict)),
                ("evidence", models.CharField(blank=True, max_length=64)),
                ("prev_hash", models.CharField(blank=True, max_length=64)),
                ("hash", models.CharField(max_length=64)),
                (
                    "actor",
                    models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                (
                    "case",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="cases.case"),
                ),
            ],
            options={
                "verbose_name": "hecho",
                "verbose_name_plural": "hechos",
                "constraints": [models.UniqueConstraint(fields=("case", "seq"), name="event_seq_once_per_case")],
            },
        ),
        migrations.CreateModel(
            name="Transition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verb", models.CharField(max_length=20)),
                ("from_state", models.CharField(blank=True, max_length=20)),
                ("to_state", models.CharField(max_length=20)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("verb", "from_state", "to_state"), name="transition_once")],
            },
        ),
        migrations.CreateModel(
            name="StandingTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "plantel",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="students.plantel",
                    ),
                ),
                (
                    "ciclo",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="students.ciclo",
                    ),
                ),
                ("state", models.CharField(max_length=20)),
                ("turn", models.CharField(max_length=10)),
                ("coverage", models.CharField(max_length=14)),
                ("reached", models.PositiveSmallIntegerField()),
                ("n", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["plantel"], name="standingtally_of_plantel")],
            },
        ),
        migrations.CreateModel(
            name="DueTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "plantel",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="students.plantel",
                    ),
                ),
                ("state", models.CharField(max_length=20)),
                ("turn", models.CharField(max_length=10)),
                ("due_on", models.DateField(null=True)),
                ("alerted", models.BooleanField()),
                ("n", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["plantel"], name="duetally_of_plantel")],
            },
        ),
        migrations.CreateModel(
            name="FunnelDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "plantel",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="students.plantel"),
                ),
                (
                    "ciclo",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="students.ciclo"),
                ),
                ("date", models.DateField()),
                ("reached", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("ciclo", "date", "plantel"), name="funnelday_once")],
            },
        ),
    ]
