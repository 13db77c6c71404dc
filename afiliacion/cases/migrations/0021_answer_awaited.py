"""The rule by which the answer of IMSS to a movement is awaited: a row, as the others are."""

from django.db import migrations, models

from afiliacion.database import datafiles


def load(apps, schema_editor):
    """The rule, where an office has none of its key yet."""
    datafiles.load(apps, "cases", "clock_rules", key="respuesta")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0020_answer_retracted"),
    ]

    operations = [
        migrations.AlterField(
            model_name="clockrule",
            name="key",
            field=models.CharField(
                choices=[
                    ("acuse", "Entrega del acuse por el alumno"),
                    ("alta", "Envío del alta por la escuela"),
                    ("vigencia", "Respuesta esperada del IMSS"),
                    ("revision", "Nueva consulta de la vigencia"),
                    ("atencion", "Atención de un caso sin vigencia"),
                    ("subdelegacion", "Seguimiento en la subdelegación"),
                    ("baja", "Envío de la baja por la escuela"),
                    ("traslado", "Llegada al otro plantel en un cambio"),
                    ("cobertura", "Nueva consulta de una cobertura ajena"),
                    ("visto_bueno", "Respuesta de otro plantel a una solicitud"),
                    ("curp", "Seguimiento de quien no tiene CURP"),
                    ("respuesta", "Respuesta del IMSS a un movimiento"),
                ],
                max_length=20,
                verbose_name="plazo",
            ),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
