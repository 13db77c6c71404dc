from django.db import migrations

from afiliacion.cases import states
from afiliacion.database import datafiles


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0003_first_rules"),
        ("cases", "0007_retract"),
        ("cases", "0009_undo_load"),
    ]

    dependencies = [
        ("cases", "0002_rules"),
    ]

    operations = [
        datafiles.defaults("cases", "clock_rules", "paper_kinds"),
        migrations.RunPython(states.load_transitions),
    ]
