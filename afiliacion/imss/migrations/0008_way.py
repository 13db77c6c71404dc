from django.db import migrations, models
from django.db.models import Q

WAYS = [
    ("service", "Por su servicio: la oficina pregunta y envía por sí misma"),
    ("by_hand", "Sin servicio: se anota lo que traen los alumnos y los papeles"),
]


class Migration(migrations.Migration):
    dependencies = [("imss", "0007_alarm")]

    operations = [
        migrations.AddField(
            "manners", "way", models.CharField("cómo se trata con el IMSS", max_length=10, choices=WAYS, default="service")
        ),
        migrations.AddConstraint("manners", models.CheckConstraint(condition=Q(way__in=["service", "by_hand"]), name="manners_way_known")),
    ]
