"""What an answer said of a cover can be taken back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("insurance", "0004_a_no_proves_nothing"),
    ]

    operations = [
        migrations.AlterField(
            model_name="cover",
            name="ended_by",
            field=models.CharField(
                blank=True,
                choices=[
                    ("sent", "El IMSS recibió el alta"),
                    ("declared", "Declarado por la escuela"),
                    ("proved", "El IMSS dice que sí"),
                    ("denied", "El IMSS dice que no"),
                    ("prevailed", "Prevalece otra cobertura"),
                    ("rejected", "El IMSS rechazó el alta"),
                    ("baja_sent", "El IMSS recibió la baja"),
                    ("baja_rejected", "El IMSS rechazó la baja"),
                    ("baja_operated", "El IMSS operó la baja"),
                    ("retracted", "Se deshizo la declaración"),
                    ("lost", "Ya no la tiene"),
                    ("unified", "El IMSS unificó los números del alumno"),
                    ("merged", "Pasó al otro registro de la misma persona"),
                    ("taken_back", "Se deshizo la última respuesta del IMSS"),
                ],
                max_length=14,
                verbose_name="cómo terminó",
            ),
        ),
        migrations.AlterField(
            model_name="coverevent",
            name="what",
            field=models.CharField(
                choices=[
                    ("sent", "El IMSS recibió el alta"),
                    ("declared", "Declarado por la escuela"),
                    ("proved", "El IMSS dice que sí"),
                    ("denied", "El IMSS dice que no"),
                    ("prevailed", "Prevalece otra cobertura"),
                    ("rejected", "El IMSS rechazó el alta"),
                    ("baja_sent", "El IMSS recibió la baja"),
                    ("baja_rejected", "El IMSS rechazó la baja"),
                    ("baja_operated", "El IMSS operó la baja"),
                    ("retracted", "Se deshizo la declaración"),
                    ("lost", "Ya no la tiene"),
                    ("unified", "El IMSS unificó los números del alumno"),
                    ("merged", "Pasó al otro registro de la misma persona"),
                    ("taken_back", "Se deshizo la última respuesta del IMSS"),
                ],
                max_length=14,
            ),
        ),
    ]
