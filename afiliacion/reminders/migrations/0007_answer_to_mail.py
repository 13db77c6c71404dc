"""Who sends documents by mail is answered what they are."""

from django.db import migrations

from afiliacion.database import datafiles


def load(apps, schema_editor):
    datafiles.load(apps, "reminders", "reminder_kinds", key="hoja_por_correo")


class Migration(migrations.Migration):
    dependencies = [("reminders", "0006_other_cover")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
