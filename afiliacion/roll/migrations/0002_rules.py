from django.db import migrations

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    replaces = [
        ("roll", "0005_parts_as_they_are"),
    ]

    dependencies = [
        ("roll", "0001_tables"),
    ]

    operations = [
        datafiles.sql("roll", "parts"),
    ]
