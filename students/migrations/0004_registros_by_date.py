"""A plantel's registros patronales get dates: the one a plantel has holds since always, as the plain value; a blank one is none."""

import re

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


def keep_those_there_are(apps, schema_editor):
    """`plain` of students/registro_patronal.py, as of this migration. When they were added is not known."""
    planteles = apps.get_model("students", "Plantel").objects.values_list("pk", "registro_patronal")
    known = ((pk, re.sub(r"[^A-Z0-9]", "", text.upper())) for pk, text in planteles)
    registro = apps.get_model("students", "RegistroPatronal")
    registro.objects.bulk_create(registro(plantel_id=pk, registro=plain, added_at=None) for pk, plain in known if plain)


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0003_status_defuncion"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegistroPatronal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("registro", models.CharField(max_length=16, verbose_name="registro patronal")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="rige desde")),
                (
                    "added_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, null=True, verbose_name="agregado"
                    ),
                ),
                (
                    "plantel",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="registros",
                        to="students.plantel",
                        verbose_name="plantel",
                    ),
                ),
            ],
            options={
                "verbose_name": "registro patronal",
                "verbose_name_plural": "registros patronales",
                "ordering": ["plantel__name", "plantel_id", models.OrderBy(models.F("valid_from"), nulls_first=True)],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plantel", "valid_from"),
                        name="registropatronal_once_a_date",
                        nulls_distinct=False,
                        violation_error_message=(
                            "Ese plantel ya tiene un registro patronal que rige desde ese día: corrija ese o escriba otro día."
                        ),
                    ),
                    models.CheckConstraint(condition=models.Q(("registro__regex", "^[A-Z0-9]+$")), name="registropatronal_plain"),
                ],
            },
        ),
        migrations.RunPython(keep_those_there_are),
        migrations.RemoveField("plantel", "registro_patronal"),
    ]
