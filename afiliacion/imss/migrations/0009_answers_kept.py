from django.core.validators import MinValueValidator
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("imss", "0008_way")]

    operations = [
        migrations.AddField(
            "manners",
            "answers_kept_days",
            models.PositiveSmallIntegerField(
                "días que se guardan las respuestas tal como llegaron",
                default=365,
                validators=[MinValueValidator(1)],
                help_text="Lo que prueba un hecho se queda en su expediente; lo que nadie ha revisado de la cuarentena, también.",
            ),
        ),
        migrations.AddConstraint("manners", models.CheckConstraint(condition=Q(answers_kept_days__gte=1), name="manners_archive_kept")),
    ]
