from django.db import migrations

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    replaces = [
        ("dashboard", "0004_settings"),
        ("dashboard", "0007_desks"),
    ]

    dependencies = [
        ("cases", "0002_rules"),
        ("dashboard", "0001_tables"),
    ]

    operations = [
        datafiles.sql("dashboard", "append_only"),
    ]
