"""Who has another cover is told once that nothing is asked of them."""

from django.db import migrations

from afiliacion.database import datafiles


def load(apps, schema_editor):
    datafiles.load(apps, "reminders", "reminder_kinds", key="otra_cobertura")


class Migration(migrations.Migration):
    dependencies = [("reminders", "0005_one_time_codes")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
