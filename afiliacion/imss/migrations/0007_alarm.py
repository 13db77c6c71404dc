from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imss", "0006_share_is_a_lease")]

    operations = [
        migrations.AddField(
            "manners",
            "alarm_minutes",
            models.PositiveSmallIntegerField("minutos sin respuesta antes de escribir a coordinación", default=15),
        ),
    ]
