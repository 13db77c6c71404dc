from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("operations", "0001_initial"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="NightRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(verbose_name="fecha")),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "En curso"), ("done", "Terminada"), ("failed", "Terminada con errores")],
                        default="running",
                        max_length=10,
                        verbose_name="estado",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="intentos")),
                ("lease_until", models.DateTimeField(null=True, verbose_name="apartada hasta")),
                ("started_at", models.DateTimeField(null=True, verbose_name="inicio")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="fin")),
                ("report", models.JSONField(default=list, verbose_name="informe")),
            ],
            options={
                "verbose_name": "noche",
                "verbose_name_plural": "noches",
                "ordering": ["-date"],
                "constraints": [models.UniqueConstraint(fields=("date",), name="nightrun_once_a_date")],
            },
        ),
    ]
