from django.db import migrations

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    replaces = [
        ("imss", "0003_pace"),
    ]

    dependencies = [
        ("imss", "0001_tables"),
    ]

    operations = [
        datafiles.sql("imss", "movement_frozen"),
        datafiles.sql("imss", "notify"),
    ]
