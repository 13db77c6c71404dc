"""Cases with another cover are asked about by a cadence of their own."""

from django.db import migrations, models

from afiliacion.database import datafiles


def load(apps, schema_editor):
    """An office that asks about no vigencia asks about none at rest either."""
    if apps.get_model("imss", "Cadence").objects.filter(kind="check_vigencia").exists():
        datafiles.load(apps, "imss", "cadences", state="REPOSO")


class Migration(migrations.Migration):
    dependencies = [("imss", "0007_cause_of_defuncion")]

    operations = [
        migrations.AlterField(
            model_name="cadence",
            name="state",
            field=models.CharField(
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
                    ("REPOSO", "Con otra cobertura"),
                ],
                max_length=20,
                verbose_name="estado",
            ),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
