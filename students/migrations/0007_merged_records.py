"""A record that turned out to be of a person who had another one: without CURP, NSS, enrolments or cases."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0006_former_values"),
    ]

    operations = [
        migrations.AddField(
            model_name="student",
            name="merged_into",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="students.student",
                verbose_name="unido a",
            ),
        ),
        migrations.AlterField(
            model_name="student",
            name="curp",
            field=models.CharField(max_length=18, null=True, verbose_name="CURP"),
        ),
        migrations.AddIndex(
            model_name="student",
            index=models.Index(condition=models.Q(("merged_into__isnull", False)), fields=["merged_into"], name="student_merged_into"),
        ),
        migrations.AddConstraint(
            model_name="student",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("curp__isnull", False), ("merged_into", None)),
                    models.Q(("curp", None), ("merged_into__isnull", False), ("nss", None)),
                    _connector="OR",
                ),
                name="student_curp_unless_merged",
            ),
        ),
    ]
