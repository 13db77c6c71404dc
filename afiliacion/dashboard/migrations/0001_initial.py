import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0003_first_rules"),
        ("students", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("numbers", "CURP y NSS completos"), ("paper", "Documento del expediente")],
                        max_length=10,
                        verbose_name="qué",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=64, verbose_name="detalle")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disclosures", to="cases.case", verbose_name="expediente"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="quién")),
            ],
            options={
                "verbose_name": "lectura de datos",
                "verbose_name_plural": "lecturas de datos",
                "indexes": [models.Index(fields=["case", "-at"], name="disclosure_of_case")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("what__in", ["numbers", "paper"])), name="disclosure_what_known")
                ],
            },
        ),
        migrations.CreateModel(
            name="RollUpload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("filename", models.CharField(max_length=160, verbose_name="archivo")),
                ("sha256", models.CharField(max_length=64)),
                ("enrolled_on", models.DateField(blank=True, null=True, verbose_name="fecha de inscripción para quien no la traiga")),
                ("uploaded_at", models.DateTimeField(verbose_name="subida")),
                ("applied_at", models.DateTimeField(null=True, verbose_name="cargada")),
                ("result", models.JSONField(default=dict, verbose_name="resultado")),
                ("ciclo", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="students.ciclo", verbose_name="ciclo")),
                (
                    "owner",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="quién"),
                ),
                ("plantel", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="students.plantel", verbose_name="plantel")),
            ],
            options={
                "verbose_name": "lista subida",
                "verbose_name_plural": "listas subidas",
                "indexes": [models.Index(fields=["plantel", "-uploaded_at"], name="rollupload_latest")],
            },
        ),
        # Who read what is as final as what happened.
        migrations.RunSQL(
            "CREATE TRIGGER dashboard_disclosure_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dashboard_disclosure "
            "FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();",
            "DROP TRIGGER dashboard_disclosure_append_only ON dashboard_disclosure;",
        ),
    ]
