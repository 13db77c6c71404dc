from django.db import migrations

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0002_guards"),
        ("cases", "0006_lists"),
        ("cases", "0011_fewer_references"),
        ("cases", "0014_sheet_refused"),
        ("cases", "0015_copies_planned_anew"),
    ]

    dependencies = [
        ("cases", "0001_tables"),
    ]

    operations = [
        datafiles.sql("cases", "append_only"),
        datafiles.sql("cases", "guards"),
        datafiles.sql("cases", "copies"),
        datafiles.sql("cases", "counters"),
    ]
