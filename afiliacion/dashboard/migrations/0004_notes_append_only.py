from django.db import migrations

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0003_admin_log"),
    ]

    operations = [
        datafiles.sql("dashboard", "append_only"),
    ]
