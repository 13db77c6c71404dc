import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("documents", "0001_papers"),
    ]

    dependencies = [
        ("cases", "0002_rules"),
        ("students", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Letterhead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("institution", models.CharField(blank=True, max_length=200, verbose_name="institución")),
                ("dependency", models.CharField(blank=True, max_length=200, verbose_name="dependencia o área")),
                (
                    "place",
                    models.CharField(
                        blank=True,
                        help_text="Por ejemplo: Iguala de la Independencia, Guerrero",
                        max_length=120,
                        verbose_name="lugar de expedición",
                    ),
                ),
                (
                    "signatory",
                    models.CharField(
                        blank=True, help_text="Vacío: el responsable del plantel", max_length=160, verbose_name="firma los oficios"
                    ),
                ),
                ("signatory_post", models.CharField(blank=True, max_length=160, verbose_name="cargo de quien firma")),
                ("addressee", models.CharField(blank=True, max_length=160, verbose_name="a quién se dirige el oficio")),
                ("addressee_post", models.CharField(blank=True, max_length=160, verbose_name="cargo de a quien se dirige")),
                ("copies", models.TextField(blank=True, verbose_name="con copia para (una por renglón)")),
                (
                    "plantel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="students.plantel",
                        verbose_name="plantel (vacío: los demás)",
                    ),
                ),
            ],
            options={
                "verbose_name": "membrete y firmas",
                "verbose_name_plural": "membretes y firmas",
                "constraints": [models.UniqueConstraint(fields=("plantel",), name="letterhead_once_a_plantel", nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name="PaperText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("acuse", "Acuse de recibo"),
                            ("renuncia", "Carta de renuncia"),
                            ("manifestacion", "Manifestación de no contar con otra seguridad social"),
                            ("instrucciones", "Instrucciones para el alumno"),
                            ("expediente", "Expediente completo"),
                            ("oficio", "Oficio a la subdelegación"),
                            ("lista", "Lista de grupo"),
                            ("informe", "Informe del ciclo"),
                        ],
                        max_length=20,
                        verbose_name="documento",
                    ),
                ),
                ("part", models.CharField(max_length=40, verbose_name="parte")),
                (
                    "text",
                    models.TextField(
                        help_text="Un párrafo o punto por renglón. $nombre, $curp y demás se llenan con los datos del alumno.",
                        verbose_name="texto",
                    ),
                ),
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
                "verbose_name": "texto de un documento",
                "verbose_name_plural": "textos de los documentos",
                "constraints": [models.UniqueConstraint(fields=("plantel", "kind", "part"), name="papertext_once", nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name="Issued",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("acuse", "Acuse de recibo"),
                            ("renuncia", "Carta de renuncia"),
                            ("manifestacion", "Manifestación de no contar con otra seguridad social"),
                            ("instrucciones", "Instrucciones para el alumno"),
                            ("expediente", "Expediente completo"),
                            ("oficio", "Oficio a la subdelegación"),
                            ("lista", "Lista de grupo"),
                            ("informe", "Informe del ciclo"),
                        ],
                        max_length=20,
                        verbose_name="documento",
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="huella de lo impreso")),
                ("check_part", models.CharField(max_length=12, verbose_name="parte de control")),
                ("issued_at", models.DateTimeField(verbose_name="expedido")),
                ("issued_name", models.CharField(max_length=320, verbose_name="por")),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="issued",
                        to="cases.case",
                        verbose_name="expediente",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién",
                    ),
                ),
                (
                    "plantel",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="students.plantel",
                        verbose_name="plantel",
                    ),
                ),
            ],
            options={
                "verbose_name": "documento expedido",
                "verbose_name_plural": "documentos expedidos",
                "constraints": [
                    models.UniqueConstraint(fields=("digest",), name="issued_paper_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["acuse", "renuncia", "manifestacion", "instrucciones", "expediente", "oficio", "lista", "informe"],
                            )
                        ),
                        name="issued_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrintJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("acuse", "Acuse de recibo"),
                            ("renuncia", "Carta de renuncia"),
                            ("manifestacion", "Manifestación de no contar con otra seguridad social"),
                            ("instrucciones", "Instrucciones para el alumno"),
                            ("expediente", "Expediente completo"),
                            ("oficio", "Oficio a la subdelegación"),
                            ("lista", "Lista de grupo"),
                            ("informe", "Informe del ciclo"),
                        ],
                        max_length=20,
                        verbose_name="documento",
                    ),
                ),
                ("what", models.CharField(max_length=240, verbose_name="de quiénes")),
                (
                    "planteles",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name="planteles"),
                ),
                (
                    "case_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None, verbose_name="expedientes"
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="número de oficio")),
                ("on", models.DateField(verbose_name="fecha de los documentos")),
                ("asked_name", models.CharField(max_length=320, verbose_name="pedida por")),
                ("asked_at", models.DateTimeField(verbose_name="pedida")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "En espera"),
                            ("running", "Imprimiendo"),
                            ("done", "Lista"),
                            ("failed", "Con error"),
                            ("cancelled", "Cancelada"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="situación",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="intentos")),
                ("lease_until", models.DateTimeField(null=True, verbose_name="apartada hasta")),
                ("strikes", models.PositiveSmallIntegerField(default=0, verbose_name="interrupciones")),
                ("total", models.PositiveIntegerField(verbose_name="por imprimir")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="impresos")),
                ("pages", models.PositiveIntegerField(default=0, verbose_name="hojas")),
                ("parts", models.JSONField(default=list, verbose_name="partes")),
                ("skipped", models.JSONField(default=list, verbose_name="sin imprimir")),
                ("error", models.CharField(blank=True, max_length=500, verbose_name="qué pasó")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="terminada")),
                ("file", models.CharField(blank=True, max_length=120, verbose_name="archivo")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="quién"
                    ),
                ),
                (
                    "ciclo",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="students.ciclo", verbose_name="ciclo"
                    ),
                ),
            ],
            options={
                "verbose_name": "impresión",
                "verbose_name_plural": "impresiones",
                "indexes": [
                    models.Index(fields=["-asked_at"], name="printjob_latest"),
                    models.Index(
                        condition=models.Q(("status__in", ["waiting", "running"])), fields=["asked_at"], name="printjob_unfinished"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("done__lte", models.F("total"))), name="printjob_no_more_than_asked")
                ],
            },
        ),
        datafiles.sql("documents", "append_only"),
    ]
