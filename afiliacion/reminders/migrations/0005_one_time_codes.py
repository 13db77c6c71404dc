import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from afiliacion.database import datafiles

KINDS = ("codigo", "correo_cambiado")


def load(apps, schema_editor):
    """Add the kinds to offices that have others already; new offices have them from 0002, which did not know the new field."""
    for key in KINDS:
        datafiles.load(apps, "reminders", "reminder_kinds", key=key)
    apps.get_model("reminders", "ReminderKind").objects.filter(key__in=KINDS).update(at_once=True)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_defaults"),
        ("reminders", "0004_mail_pause"),
        ("students", "0002_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="reminderkind",
            name="at_once",
            field=models.BooleanField(default=False, verbose_name="sale a cualquier hora"),
        ),
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("whose", models.CharField(choices=[("student", "Alumno"), ("tutor", "Tutor")], max_length=7, verbose_name="de quién")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                ("untold", models.BooleanField(default=False, verbose_name="sin aviso al anterior")),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="students.student",
                        verbose_name="alumno",
                    ),
                ),
            ],
            options={
                "verbose_name": "cambio de correo",
                "verbose_name_plural": "cambios de correo",
                "indexes": [models.Index(fields=["student", "whose", "-at"], name="addresschange_latest")],
            },
        ),
        migrations.CreateModel(
            name="OneTimeCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(max_length=20, verbose_name="para qué")),
                ("expires_at", models.DateTimeField(verbose_name="caduca")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="intentos")),
                ("used_at", models.DateTimeField(null=True, verbose_name="usado")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cases.case",
                        verbose_name="expediente",
                    ),
                ),
                (
                    "mail",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="code", to="reminders.reminder", verbose_name="correo"
                    ),
                ),
            ],
            options={
                "verbose_name": "código de un solo uso",
                "verbose_name_plural": "códigos de un solo uso",
                "indexes": [models.Index(fields=["case", "act", "-expires_at"], name="onetimecode_of_case")],
            },
        ),
        datafiles.sql("reminders", "address_changes"),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
