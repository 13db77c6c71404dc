from django.db import migrations, models
from django.db.models import Q

REFUSED = {
    "key": "hoja_rechazada", "name": "Su hoja no sirvió", "audience": "student", "states": ["SIN_NSS", "NSS_OBTENIDO"], "anchor": "refused",
    "days": [0], "window": 7, "urgency": 85, "texts": "hoja_rechazada",
}  # fmt: skip
ANCHORS = [("due", "Vencimiento del plazo"), ("since", "Desde que está en el estado"), ("refused", "Desde que se rechazó su hoja")]


def load(apps, schema_editor):
    apps.get_model("reminders", "ReminderKind").objects.get_or_create(key=REFUSED["key"], defaults=REFUSED)


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_sheet_refused"), ("reminders", "0005_alarms")]

    operations = [
        migrations.AlterField("reminderkind", "anchor", models.CharField("se cuenta desde", max_length=10, choices=ANCHORS, blank=True)),
        migrations.RemoveConstraint("reminderkind", "reminderkind_has_schedule"),
        migrations.AddConstraint(
            "reminderkind",
            models.CheckConstraint(
                condition=Q(audience__in=["officer", "receipt", "alarm"], states=[])
                | (~Q(states=[]) & ~Q(days=[]) & Q(anchor__in=["due", "since", "refused"])),
                name="reminderkind_has_schedule",
            ),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
