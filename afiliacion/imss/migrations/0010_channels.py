"""By which channel a registro patronal's altas and bajas go; and what is under way, one row a movement whatever its channel."""

from django.db import migrations, models

UNDER_WAY = """
INSERT INTO imss_movementunderway (nss, registro, type, by_lote)
SELECT nss, registro, CASE kind WHEN 'send_alta' THEN '08' ELSE '02' END, false
FROM imss_errand WHERE kind IN ('send_alta', 'send_baja') AND status IN ('open', 'parked') AND nss <> ''
"""


class Migration(migrations.Migration):
    dependencies = [
        ("imss", "0009_baja_kind_label"),
    ]

    operations = [
        migrations.CreateModel(
            name="LoteRegistro",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("registro", models.CharField(max_length=16, verbose_name="registro patronal")),
            ],
            options={
                "verbose_name": "registro patronal que va por lotes",
                "verbose_name_plural": "registros patronales que van por lotes",
                "ordering": ["registro"],
                "constraints": [models.UniqueConstraint(fields=("registro",), name="loteregistro_once")],
            },
        ),
        migrations.CreateModel(
            name="MovementUnderWay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("type", models.CharField(choices=[("08", "Alta"), ("02", "Baja")], max_length=2, verbose_name="tipo")),
                ("nss", models.CharField(max_length=11, verbose_name="NSS")),
                ("registro", models.CharField(max_length=16, verbose_name="registro patronal")),
                ("by_lote", models.BooleanField(verbose_name="va en un lote")),
            ],
            options={
                "verbose_name": "movimiento en camino",
                "verbose_name_plural": "movimientos en camino",
                "constraints": [
                    models.UniqueConstraint(fields=("nss", "registro", "type"), name="underway_by_one_channel"),
                    models.CheckConstraint(condition=models.Q(("type__in", ["08", "02"])), name="underway_type_known"),
                ],
            },
        ),
        migrations.RunSQL(UNDER_WAY),
    ]
