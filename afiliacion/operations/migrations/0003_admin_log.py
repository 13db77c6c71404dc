from django.db import migrations

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("cases", "0006_history_roots"),
        ("operations", "0002_mail_outage"),
    ]

    operations = [
        datafiles.sql("operations", "admin_log"),
    ]
