from django.db import migrations

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    replaces = [
        ("imss", "0002_first_rows"),
    ]

    dependencies = [
        ("imss", "0002_rules"),
    ]

    operations = [
        datafiles.defaults(
            "imss", "baja_causes", "cadences", "known_refusals", "single_rows", then={"ImssSettings": "Manners", "ConnectionState": "Line"}
        ),
    ]
