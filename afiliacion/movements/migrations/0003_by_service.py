"""What goes by the service is a movement like that in a lote, written for each errand that sends one; one table says what is under way."""

import django.db.models.deletion
from django.db import migrations, models

from afiliacion.database import datafiles


BEFORE = """
DROP TRIGGER IF EXISTS imss_errand_under_way_opened ON imss_errand;
DROP TRIGGER IF EXISTS imss_errand_under_way_changed ON imss_errand;
DROP TRIGGER IF EXISTS imss_errand_under_way_gone ON imss_errand;
DROP TRIGGER IF EXISTS movements_under_way_made ON movements_movement;
DROP TRIGGER IF EXISTS movements_under_way_changed ON movements_movement;
DROP TRIGGER IF EXISTS movements_under_way_gone ON movements_movement;
DROP FUNCTION IF EXISTS imss_errand_under_way();
DROP FUNCTION IF EXISTS movements_under_way();
DROP TABLE imss_movementunderway;
"""
BY_SERVICE = """
INSERT INTO movements_movement (errand_id, errand_open, case_id, cover_id, type, registro, nss, clave, "on", data, status, code, message,
  register_name, cleared_name, answered_on)
SELECT e.id, e.status <> 'done', e.case_id, e.cover_id, CASE e.kind WHEN 'send_alta' THEN '08' ELSE '02' END, e.registro, e.nss, '',
  e.requested_on, movements_data_of(e.movement), s.status, CASE WHEN s.rejected THEN e.code ELSE '' END,
  CASE WHEN s.rejected THEN coalesce(nullif(e.result_text, ''), e.message) ELSE '' END, e.register_name, '', e.resolved_on
FROM imss_errand e, LATERAL (
  SELECT found.status, found.status IN ('rechazado', 'de_entrada') AS rejected FROM (SELECT movements_status_of(e, '') AS status) found
) s WHERE e.kind IN ('send_alta', 'send_baja') ORDER BY e.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0021_answer_awaited"),
        ("imss", "0011_movement_results"),
        ("insurance", "0005_taken_back"),
        ("movements", "0002_answers"),
    ]

    operations = [
        migrations.RunSQL(BEFORE),
        migrations.RemoveConstraint(
            model_name="movement",
            name="movement_one_under_way",
        ),
        migrations.RemoveConstraint(
            model_name="movement",
            name="movement_status_known",
        ),
        migrations.AddField(
            model_name="movement",
            name="errand",
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="sends", to="imss.errand"),
        ),
        migrations.AddField(
            model_name="movement",
            name="errand_open",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="movement",
            name="clave",
            field=models.CharField(blank=True, max_length=10, verbose_name="clave"),
        ),
        migrations.AlterField(
            model_name="movement",
            name="code",
            field=models.CharField(blank=True, max_length=60, verbose_name="código"),
        ),
        migrations.AlterField(
            model_name="movement",
            name="lote",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="movements.lote"),
        ),
        migrations.AlterField(
            model_name="movement",
            name="nss",
            field=models.CharField(blank=True, max_length=11, verbose_name="NSS"),
        ),
        migrations.AlterField(
            model_name="movement",
            name="position",
            field=models.PositiveIntegerField(null=True, verbose_name="línea"),
        ),
        migrations.AlterField(
            model_name="movement",
            name="status",
            field=models.CharField(
                choices=[
                    ("en_lote", "En lote"),
                    ("enviado", "Enviado"),
                    ("servicio", "Por salir por el servicio"),
                    ("en_duda", "Enviado por el servicio, sin saber si llegó"),
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
        migrations.AlterField(
            model_name="rejectioncode",
            name="code",
            field=models.CharField(max_length=60, verbose_name="código"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["en_lote", "enviado"]), ("errand_open", True), _connector="OR"),
                    models.Q(("nss", ""), _negated=True),
                ),
                fields=("nss", "registro", "type"),
                name="movement_one_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["en_lote", "enviado", "servicio", "en_duda", "recibido", "operado", "rechazado", "de_entrada", "anulado"],
                    )
                ),
                name="movement_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("errand", None), ("errand_open", False), ("lote__isnull", False), ("position__isnull", False)),
                    models.Q(("errand__isnull", False), ("lote", None), ("position", None)),
                    _connector="OR",
                ),
                name="movement_by_one_channel",
            ),
        ),
        datafiles.sql("movements", "by_service"),
        migrations.RunSQL(BY_SERVICE),
    ]
