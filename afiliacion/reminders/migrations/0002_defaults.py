from django.db import migrations

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    replaces = [
        ("reminders", "0004_receipts"),
        ("reminders", "0005_alarms"),
        ("reminders", "0006_sheet_refused"),
    ]

    dependencies = [
        ("reminders", "0001_tables"),
    ]

    operations = [
        datafiles.defaults("reminders", "mail_rules", "reminder_kinds"),
    ]
