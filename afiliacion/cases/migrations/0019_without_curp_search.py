"""Who has no CURP is looked for by name and matrícula."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0018_merge"),
        ("students", "0007_merged_records"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="withoutcurp",
            index=GinIndex(
                fields=["name_search"],
                condition=models.Q(("enrolment", None)),
                name="withoutcurp_name_trigrams",
                opclasses=["gin_trgm_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="withoutcurp",
            index=models.Index(
                OpClass(Upper("matricula"), "text_pattern_ops"),
                models.F("plantel"),
                condition=models.Q(("enrolment", None)),
                name="withoutcurp_matricula_of",
            ),
        ),
    ]
