from django.db import migrations

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    replaces = [
        ("students", "0002_search"),
        ("students", "0005_know_matriculas"),
    ]

    dependencies = [
        ("students", "0001_tables"),
    ]

    operations = [
        datafiles.sql("students", "search"),
    ]
