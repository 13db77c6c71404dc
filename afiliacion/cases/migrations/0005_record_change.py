import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_erasable_texts"),
        ("students", "0002_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RecordChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("contact", "Correo o teléfono"),
                            ("tutor", "Madre, padre o tutor"),
                            ("link", "Liga de su página"),
                            ("address", "Dirección que vuelve a servir"),
                        ],
                        max_length=10,
                        verbose_name="qué",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=400, verbose_name="detalle")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("person", "Persona"),
                            ("import", "Carga de lista"),
                            ("night", "Proceso nocturno"),
                            ("imss", "Respuesta del IMSS"),
                            ("student", "Alumno"),
                        ],
                        max_length=10,
                    ),
                ),
                ("actor_name", models.CharField(max_length=400, verbose_name="quién")),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="record_changes",
                        to="students.student",
                        verbose_name="alumno",
                    ),
                ),
            ],
            options={
                "verbose_name": "cambio de datos",
                "verbose_name_plural": "cambios de datos",
                "indexes": [models.Index(fields=["student", "-at"], name="recordchange_of_student")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ["contact", "tutor", "link", "address"])), name="recordchange_what_known"
                    )
                ],
            },
        ),
        datafiles.sql("cases", "record_changes"),
    ]
