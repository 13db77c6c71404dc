from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imss", "0008_cadence_at_rest"),
    ]

    operations = [
        migrations.AlterField(
            model_name="bajacause",
            name="reason",
            field=models.CharField(
                choices=[
                    ("temporal", "Baja temporal"),
                    ("definitiva", "Baja definitiva"),
                    ("egreso", "Egreso"),
                    ("desercion", "Deserción"),
                    ("defuncion", "Defunción"),
                    ("traslado", "Cambio de plantel"),
                    ("deshecha", "No cuenta: carga deshecha o expediente repetido"),
                    ("renuncia", "Renuncia"),
                ],
                max_length=12,
                verbose_name="motivo escolar",
            ),
        ),
    ]
