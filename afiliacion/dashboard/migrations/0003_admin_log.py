from django.db import migrations

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("dashboard", "0002_rules"),
    ]

    operations = [
        datafiles.sql("dashboard", "admin_log"),
    ]
