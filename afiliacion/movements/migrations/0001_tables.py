"""Lotes of altas and bajas, their movements, and how a registro patronal has them written."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0019_without_curp_search"),
        ("insurance", "0003_merged"),
        ("students", "0007_merged_records"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Lote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("registro", models.CharField(max_length=16, verbose_name="registro patronal")),
                ("type", models.CharField(choices=[("08", "Altas"), ("02", "Bajas")], max_length=2, verbose_name="tipo")),
                ("planteles", models.JSONField(default=list)),
                ("filename", models.CharField(max_length=80, verbose_name="archivo")),
                ("body", models.BinaryField()),
                ("sha256", models.CharField(max_length=64, verbose_name="huella")),
                ("count", models.PositiveIntegerField(verbose_name="movimientos")),
                ("changed_names", models.JSONField(default=list)),
                ("made_at", models.DateTimeField(verbose_name="hecho")),
                ("made_name", models.CharField(max_length=160, verbose_name="quién lo hizo")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="deshecho")),
                ("undone_name", models.CharField(blank=True, max_length=160, verbose_name="quién lo deshizo")),
                ("sent_on", models.DateField(null=True, verbose_name="presentado en IDSE")),
                ("number", models.CharField(blank=True, max_length=40, verbose_name="número de lote")),
                ("signed_by", models.CharField(blank=True, max_length=160, verbose_name="quién lo firmó")),
                ("sent_name", models.CharField(blank=True, max_length=160, verbose_name="quién anotó el envío")),
                ("received_on", models.DateField(null=True, verbose_name="recibido por el IMSS")),
                ("received_name", models.CharField(blank=True, max_length=160, verbose_name="quién anotó el acuse de recibo")),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "lote",
                "verbose_name_plural": "lotes",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="LoteKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("registro", models.CharField(max_length=16)),
                ("clave", models.CharField(max_length=10)),
                ("student", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="students.student")),
            ],
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(verbose_name="línea")),
                ("type", models.CharField(choices=[("08", "Alta"), ("02", "Baja")], max_length=2, verbose_name="tipo")),
                ("registro", models.CharField(max_length=16, verbose_name="registro patronal")),
                ("nss", models.CharField(max_length=11, verbose_name="NSS")),
                ("clave", models.CharField(max_length=10, verbose_name="clave")),
                ("on", models.DateField(verbose_name="fecha del movimiento")),
                ("data", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="como se envía")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("en_lote", "En lote"),
                            ("enviado", "Enviado"),
                            ("recibido", "Recibido"),
                            ("de_entrada", "Rechazado de entrada"),
                            ("anulado", "Anulado"),
                        ],
                        default="en_lote",
                        max_length=10,
                        verbose_name="situación",
                    ),
                ),
                ("message", models.TextField(blank=True, verbose_name="lo que dijo el IMSS")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case", verbose_name="expediente"
                    ),
                ),
                (
                    "cover",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="insurance.cover"
                    ),
                ),
                ("lote", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="movements.lote")),
            ],
            options={
                "verbose_name": "movimiento",
                "verbose_name_plural": "movimientos",
                "ordering": ["lote", "position"],
            },
        ),
        migrations.CreateModel(
            name="RegistroProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("registro", models.CharField(max_length=16, verbose_name="registro patronal")),
                ("signer", models.CharField(blank=True, max_length=160, verbose_name="quién tiene la e.firma")),
                ("signature_until", models.DateField(blank=True, null=True, verbose_name="vence la e.firma")),
                ("umf", models.CharField(blank=True, default="000", max_length=3, verbose_name="UMF (3 dígitos; vacío: en blanco)")),
                ("guia", models.CharField(blank=True, default="00000", max_length=5, verbose_name="guía (5 dígitos; vacío: en blanco)")),
                (
                    "alphabet",
                    models.CharField(
                        choices=[("ascii", "ASCII: Ñ como N"), ("cp1252", "Windows: con Ñ")],
                        default="ascii",
                        max_length=6,
                        verbose_name="alfabeto",
                    ),
                ),
                ("keeps_accents", models.BooleanField(default=False, verbose_name="con acentos")),
                ("signs", models.CharField(blank=True, default=".'-/", max_length=7, verbose_name="signos que llevan los nombres")),
                (
                    "missing_surname",
                    models.CharField(blank=True, default="", max_length=1, verbose_name="quien no tiene segundo apellido (vacío o X)"),
                ),
                (
                    "long_names",
                    models.CharField(
                        choices=[("cut", "Se cortan"), ("refuse", "No se envían")],
                        default="cut",
                        max_length=6,
                        verbose_name="nombres de más de 27 letras",
                    ),
                ),
                (
                    "line_end",
                    models.CharField(
                        choices=[("CRLF", "Windows"), ("LF", "Unix")], default="CRLF", max_length=4, verbose_name="fin de línea"
                    ),
                ),
                ("trailer", models.BooleanField(default=False, verbose_name="con línea de totales al final")),
                (
                    "filler",
                    models.CharField(
                        choices=[(" ", "Blancos"), ("0", "Ceros")], default=" ", max_length=1, verbose_name="relleno de 110 a 115"
                    ),
                ),
                ("salario", models.PositiveIntegerField(default=0, verbose_name="salario base en centavos")),
                (
                    "tipo_trabajador",
                    models.CharField(
                        choices=[
                            ("1", "1 permanente"),
                            ("2", "2 eventual"),
                            ("3", "3 eventual de la construcción"),
                            ("4", "4 eventual del campo"),
                        ],
                        default="1",
                        max_length=1,
                        verbose_name="tipo de trabajador",
                    ),
                ),
                (
                    "tipo_salario",
                    models.CharField(
                        choices=[("0", "0 fijo"), ("1", "1 variable"), ("2", "2 mixto")],
                        default="0",
                        max_length=1,
                        verbose_name="tipo de salario",
                    ),
                ),
                (
                    "jornada",
                    models.CharField(
                        choices=[
                            ("0", "0 normal"),
                            ("1", "1 1 días a la semana"),
                            ("2", "2 2 días a la semana"),
                            ("3", "3 3 días a la semana"),
                            ("4", "4 4 días a la semana"),
                            ("5", "5 5 días a la semana"),
                            ("6", "6 jornada reducida"),
                        ],
                        default="0",
                        max_length=1,
                        verbose_name="jornada",
                    ),
                ),
                (
                    "date_rule",
                    models.CharField(
                        choices=[
                            ("envio", "El día en que se hace el lote"),
                            ("inscripcion", "La inscripción"),
                            ("ciclo", "El inicio del ciclo"),
                        ],
                        default="envio",
                        max_length=12,
                        verbose_name="fecha del movimiento",
                    ),
                ),
                ("most", models.PositiveIntegerField(default=5000, verbose_name="movimientos por lote, a lo más")),
            ],
            options={
                "verbose_name": "envío por lotes",
                "verbose_name_plural": "envío por lotes",
                "ordering": ["registro"],
                "constraints": [models.UniqueConstraint(fields=("registro",), name="registroprofile_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="lote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sent_on", None), models.Q(("undone_at", None), models.Q(("number", ""), _negated=True)), _connector="OR"
                ),
                name="lote_sent_or_undone",
            ),
        ),
        migrations.AddConstraint(
            model_name="lote",
            constraint=models.CheckConstraint(
                condition=models.Q(("received_on", None), ("sent_on__isnull", False), _connector="OR"), name="lote_received_after_sent"
            ),
        ),
        migrations.AddConstraint(
            model_name="lotekey",
            constraint=models.UniqueConstraint(fields=("registro", "clave"), name="lotekey_clave_once"),
        ),
        migrations.AddConstraint(
            model_name="lotekey",
            constraint=models.UniqueConstraint(fields=("registro", "student"), name="lotekey_student_once"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.UniqueConstraint(fields=("lote", "position"), name="movement_line_once"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["en_lote", "enviado"])),
                fields=("type", "nss", "registro"),
                name="movement_one_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["en_lote", "enviado", "recibido", "de_entrada", "anulado"])),
                name="movement_status_known",
            ),
        ),
        datafiles.sql("movements", "lote_frozen"),
    ]
