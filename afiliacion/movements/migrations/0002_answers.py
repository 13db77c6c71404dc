"""What IMSS answers about lotes: documents, their rows, what its codes mean, and movements sent again."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from afiliacion.database import datafiles

NOT_TAKEN = """
UPDATE imss_errand e SET status = 'done' FROM movements_movement m
WHERE m.status IN ('en_lote', 'enviado') AND e.status IN ('open', 'parked') AND NOT e.in_doubt AND e.received_on IS NULL
  AND (e.nss, e.registro, e.kind) = (m.nss, m.registro, CASE m.type WHEN '08' THEN 'send_alta' ELSE 'send_baja' END)
"""
UNDER_WAY = """
INSERT INTO imss_movementunderway (nss, registro, type, by_lote)
SELECT nss, registro, type, true FROM movements_movement WHERE status IN ('en_lote', 'enviado')
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0020_answer_retracted"),
        ("imss", "0010_channels"),
        ("insurance", "0005_taken_back"),
        ("movements", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerColumns",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("headings", models.TextField(verbose_name="encabezados")),
                ("places", models.JSONField(default=dict)),
                ("said_at", models.DateTimeField(verbose_name="dicho")),
                ("said_name", models.CharField(max_length=160, verbose_name="quién lo dijo")),
            ],
            options={
                "verbose_name": "columnas de una respuesta",
                "verbose_name_plural": "columnas de respuestas",
            },
        ),
        migrations.CreateModel(
            name="AnswerDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Documento que no se entendió"),
                            ("acuse", "Acuse de recibo"),
                            ("constancia", "Constancia de presentación"),
                            ("detalle", "Respuesta por renglones"),
                            ("anotado", "Acuse de recibo, anotado por una persona"),
                        ],
                        max_length=10,
                        verbose_name="qué es",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("columnas", "Falta decir qué es cada columna"),
                            ("por_aplicar", "Por aplicar"),
                            ("aplicado", "Aplicado"),
                            ("deshecho", "Deshecho"),
                            ("descartado", "Descartado"),
                            ("no_sirve", "No se aplicó nada"),
                        ],
                        max_length=12,
                        verbose_name="situación",
                    ),
                ),
                ("planteles", models.JSONField(default=list, null=True)),
                ("filename", models.CharField(max_length=160, verbose_name="archivo")),
                ("body", models.BinaryField()),
                ("sha256", models.CharField(max_length=64, verbose_name="huella")),
                ("number", models.CharField(blank=True, max_length=40, verbose_name="número de lote")),
                ("folio", models.CharField(blank=True, max_length=40, verbose_name="folio")),
                ("on", models.DateField(null=True, verbose_name="fecha")),
                ("headers", models.JSONField(default=list, verbose_name="encabezados")),
                ("reason", models.TextField(blank=True, verbose_name="motivo")),
                ("brought_at", models.DateTimeField(verbose_name="traído")),
                ("brought_name", models.CharField(max_length=160, verbose_name="quién lo trajo")),
                ("applied_at", models.DateTimeField(null=True, verbose_name="aplicado")),
                ("applied_name", models.CharField(blank=True, max_length=160, verbose_name="quién lo aplicó")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="deshecho")),
                ("undone_name", models.CharField(blank=True, max_length=160, verbose_name="quién lo deshizo")),
                ("counts", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "documento del IMSS",
                "verbose_name_plural": "documentos del IMSS",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="AnswerRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(verbose_name="renglón")),
                ("said", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                (
                    "finding",
                    models.CharField(
                        choices=[
                            ("recibido", "El IMSS lo recibió"),
                            ("de_entrada", "Rechazado de entrada"),
                            ("operado", "Operado"),
                            ("rechazado", "Rechazado"),
                            ("sabido", "Ya se sabía"),
                            ("contradice", "Contradice lo que ya se sabe: no se aplica"),
                            ("calla", "No dice qué pasó"),
                            ("ajeno", "No está en ningún lote de la oficina"),
                        ],
                        max_length=12,
                        verbose_name="qué significa",
                    ),
                ),
                ("before", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
            ],
            options={
                "verbose_name": "renglón de un documento del IMSS",
                "verbose_name_plural": "renglones de documentos del IMSS",
                "ordering": ["document", "position"],
            },
        ),
        migrations.CreateModel(
            name="RejectionCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, verbose_name="código")),
                ("family", models.CharField(max_length=24, verbose_name="de qué clase es")),
                ("meaning", models.CharField(blank=True, max_length=240, verbose_name="qué significa")),
            ],
            options={
                "verbose_name": "código de rechazo",
                "verbose_name_plural": "códigos de rechazo",
                "ordering": ["code"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="movement",
            name="movement_status_known",
        ),
        migrations.AddField(
            model_name="movement",
            name="answered_on",
            field=models.DateField(null=True, verbose_name="respondido"),
        ),
        migrations.AddField(
            model_name="movement",
            name="cleared_at",
            field=models.DateTimeField(null=True, verbose_name="se puede enviar otra vez desde"),
        ),
        migrations.AddField(
            model_name="movement",
            name="cleared_name",
            field=models.CharField(blank=True, max_length=160, verbose_name="quién dijo que ya está arreglado"),
        ),
        migrations.AddField(
            model_name="movement",
            name="code",
            field=models.CharField(blank=True, max_length=20, verbose_name="código"),
        ),
        migrations.AddField(
            model_name="movement",
            name="late",
            field=models.BooleanField(null=True, verbose_name="extemporáneo"),
        ),
        migrations.AddField(
            model_name="movement",
            name="previous",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="again", to="movements.movement"
            ),
        ),
        migrations.AddField(
            model_name="movement",
            name="register_name",
            field=models.CharField(blank=True, max_length=120, verbose_name="nombre en el IMSS"),
        ),
        migrations.AlterField(
            model_name="movement",
            name="status",
            field=models.CharField(
                choices=[
                    ("en_lote", "En lote"),
                    ("enviado", "Enviado"),
                    ("recibido", "Recibido, sin respuesta"),
                    ("operado", "Operado"),
                    ("rechazado", "Rechazado"),
                    ("de_entrada", "Rechazado de entrada"),
                    ("anulado", "Anulado"),
                ],
                default="en_lote",
                max_length=10,
                verbose_name="situación",
            ),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["nss", "registro"], name="movement_of_number"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                condition=models.Q(("status__in", ["operado", "anulado"]), _negated=True),
                fields=["registro", "status"],
                name="movement_standing",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["en_lote", "enviado", "recibido", "operado", "rechazado", "de_entrada", "anulado"])),
                name="movement_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="answercolumns",
            constraint=models.UniqueConstraint(fields=("headings",), name="answercolumns_once"),
        ),
        migrations.AddField(
            model_name="answerdocument",
            name="brought_by",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="answerdocument",
            name="lote",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="movements.lote"),
        ),
        migrations.AddField(
            model_name="answerrow",
            name="document",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="movements.answerdocument"),
        ),
        migrations.AddField(
            model_name="answerrow",
            name="movement",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="answer_rows", to="movements.movement"
            ),
        ),
        migrations.AddConstraint(
            model_name="rejectioncode",
            constraint=models.UniqueConstraint(fields=("code",), name="rejectioncode_once"),
        ),
        migrations.AddConstraint(
            model_name="answerdocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["columnas", "por_aplicar", "aplicado"])),
                fields=("sha256",),
                name="answerdocument_standing_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="answerdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("applied_at", None), ("status__in", ["aplicado", "deshecho"]), _connector="XOR"),
                name="answerdocument_applied",
            ),
        ),
        migrations.AddConstraint(
            model_name="answerrow",
            constraint=models.UniqueConstraint(fields=("document", "position"), name="answerrow_once"),
        ),
        datafiles.sql("movements", "lote_frozen"),
        # Without the service an errand may wait for it that IMSS has surely not received: what is in a lote goes in the lote.
        migrations.RunSQL(NOT_TAKEN),
        migrations.RunSQL(UNDER_WAY),
    ]
