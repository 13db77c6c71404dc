from django.db import migrations, models
from django.db.models import Q

RECEIPT = {
    "key": "recibo", "name": "Recibo de lo que entregó", "audience": "receipt", "window": 1, "urgency": 90, "texts": "recibo",
}  # fmt: skip
AUDIENCES = [
    ("student", "Alumno"), ("tutor", "Tutor de un menor de edad"), ("officer", "Responsable"), ("coordinator", "Coordinación"),
    ("receipt", "Alumno, al recibirle"),
]  # fmt: skip


def load(apps, schema_editor):
    apps.get_model("reminders", "ReminderKind").objects.get_or_create(key=RECEIPT["key"], defaults=RECEIPT)


class Migration(migrations.Migration):
    dependencies = [("reminders", "0003_manners")]

    operations = [
        migrations.AlterField("reminderkind", "audience", models.CharField("para quién", max_length=11, choices=AUDIENCES)),
        migrations.AlterField("reminder", "audience", models.CharField("para quién", max_length=11, choices=AUDIENCES, default="student")),
        migrations.RemoveConstraint("reminderkind", "reminderkind_has_schedule"),
        migrations.AddConstraint(
            "reminderkind",
            models.CheckConstraint(
                condition=Q(audience__in=["officer", "receipt"], states=[])
                | (~Q(states=[]) & ~Q(days=[]) & Q(anchor__in=["due", "since"])),
                name="reminderkind_has_schedule",
            ),
        ),
        migrations.RemoveConstraint("reminder", "reminder_student_once_a_night"),
        migrations.AddConstraint(
            "reminder",
            models.UniqueConstraint(
                fields=["student", "audience", "night"],
                condition=Q(part_of=None) & ~Q(status="dropped") & ~Q(audience="receipt"),
                name="reminder_student_once_a_night",
            ),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
