"""Finding people: a matrícula by how it begins, and names well enough known to the planner to tell a rare one from a common one."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("matricula"), "text_pattern_ops"),
                name="enrolment_matricula_begins",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE students_student ALTER COLUMN name_search SET STATISTICS 1000",
            "ALTER TABLE students_student ALTER COLUMN name_search SET STATISTICS -1",
        ),
    ]
