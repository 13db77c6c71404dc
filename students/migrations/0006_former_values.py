import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0005_plantel_zone"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormerValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "field",
                    models.CharField(
                        choices=[
                            ("curp", "CURP"),
                            ("nombre", "nombre(s)"),
                            ("primer_apellido", "primer apellido"),
                            ("segundo_apellido", "segundo apellido"),
                            ("fecha_nacimiento", "fecha de nacimiento"),
                            ("sexo", "sexo"),
                            ("entidad_nacimiento", "entidad de nacimiento"),
                            ("correo", "correo"),
                            ("telefono", "teléfono"),
                            ("matricula", "matrícula"),
                        ],
                        max_length=20,
                        verbose_name="dato",
                    ),
                ),
                ("value", models.TextField(blank=True, verbose_name="valor anterior")),
                ("became", models.TextField(blank=True, verbose_name="valor corregido")),
                ("search", models.TextField(blank=True, db_collation="C")),
                ("at", models.DateTimeField(verbose_name="corregido")),
                ("list_id", models.BigIntegerField(null=True, verbose_name="lista")),
                (
                    "plantel",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="students.plantel",
                        verbose_name="plantel",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="former_values",
                        to="students.student",
                        verbose_name="alumno",
                    ),
                ),
            ],
            options={
                "verbose_name": "dato anterior",
                "verbose_name_plural": "datos anteriores",
                "indexes": [
                    models.Index(fields=["student", "-at"], name="formervalue_of_student"),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass("search", "text_pattern_ops"),
                        condition=models.Q(("search", ""), _negated=True),
                        name="formervalue_begins",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="formervalue_trigrams", opclasses=["gin_trgm_ops"]),
                    models.Index(condition=models.Q(("list_id__isnull", False)), fields=["list_id"], name="formervalue_of_list"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "field__in",
                                [
                                    "curp",
                                    "nombre",
                                    "primer_apellido",
                                    "segundo_apellido",
                                    "fecha_nacimiento",
                                    "sexo",
                                    "entidad_nacimiento",
                                    "correo",
                                    "telefono",
                                    "matricula",
                                ],
                            )
                        ),
                        name="formervalue_field_known",
                    )
                ],
            },
        ),
    ]
