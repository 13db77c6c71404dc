from django.db import migrations, models
from django.db.models import Q

ALARMS = [
    {
        "key": "alarma_noche",
        "name": "Alarma: la noche terminó con errores",
        "audience": "alarm",
        "window": 1,
        "urgency": 100,
        "texts": "alarma",
    },
    {"key": "alarma_imss", "name": "Alarma: el IMSS no responde", "audience": "alarm", "window": 1, "urgency": 100, "texts": "alarma"},
]
AUDIENCES = [
    ("student", "Alumno"), ("tutor", "Tutor de un menor de edad"), ("officer", "Responsable"), ("coordinator", "Coordinación"),
    ("receipt", "Alumno, al recibirle"), ("alarm", "Coordinación, cuando algo falla"),
]  # fmt: skip


def load(apps, schema_editor):
    for alarm in ALARMS:
        apps.get_model("reminders", "ReminderKind").objects.get_or_create(key=alarm["key"], defaults=alarm)


class Migration(migrations.Migration):
    dependencies = [("reminders", "0004_receipts")]

    operations = [
        migrations.AlterField("reminderkind", "audience", models.CharField("para quién", max_length=11, choices=AUDIENCES)),
        migrations.AlterField("reminder", "audience", models.CharField("para quién", max_length=11, choices=AUDIENCES, default="student")),
        migrations.RemoveConstraint("reminderkind", "reminderkind_has_schedule"),
        migrations.AddConstraint(
            "reminderkind",
            models.CheckConstraint(
                condition=Q(audience__in=["officer", "receipt", "alarm"], states=[])
                | (~Q(states=[]) & ~Q(days=[]) & Q(anchor__in=["due", "since"])),
                name="reminderkind_has_schedule",
            ),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
