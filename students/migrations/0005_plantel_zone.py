from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0004_registros_by_date"),
    ]

    operations = [
        migrations.AddField(
            model_name="plantel",
            name="zone",
            field=models.CharField(
                blank=True,
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
                max_length=40,
                verbose_name="huso horario (vacío: el de la oficina)",
            ),
        ),
    ]
