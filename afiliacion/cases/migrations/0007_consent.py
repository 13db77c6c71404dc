import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from afiliacion.database import datafiles


def load(apps, schema_editor):
    """The rule by which a request to another plantel is answered: a row, as the others are."""
    datafiles.load(apps, "cases", "clock_rules", key="visto_bueno")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_history_roots"),
        ("students", "0002_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="clockrule",
            name="key",
            field=models.CharField(
                choices=[
                    ("acuse", "Entrega del acuse por el alumno"),
                    ("alta", "Envío del alta por la escuela"),
                    ("vigencia", "Respuesta esperada del IMSS"),
                    ("revision", "Nueva consulta de la vigencia"),
                    ("atencion", "Atención de un caso sin vigencia"),
                    ("subdelegacion", "Seguimiento en la subdelegación"),
                    ("baja", "Envío de la baja por la escuela"),
                    ("visto_bueno", "Respuesta de otro plantel a una solicitud"),
                ],
                max_length=20,
                verbose_name="plazo",
            ),
        ),
        migrations.CreateModel(
            name="ConsentRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enrol", "Inscribir en el plantel"),
                            ("obtain_nss", "Registrar su NSS"),
                            ("correct_nss", "Corregir su NSS"),
                            ("disown_nss", "Quitarle un NSS que no es suyo"),
                            ("contact", "Cambiar sus datos personales"),
                            ("tutor", "Cambiar los datos de su madre, padre o tutor"),
                        ],
                        max_length=12,
                        verbose_name="qué se pide",
                    ),
                ),
                ("own", models.JSONField(default=list)),
                ("user_name", models.CharField(max_length=160, verbose_name="quién lo pidió")),
                ("at", models.DateTimeField(verbose_name="cuándo se pidió")),
                ("curp", models.CharField(blank=True, max_length=18, verbose_name="CURP")),
                ("payload", models.JSONField(default=dict)),
                ("digest", models.CharField(max_length=64)),
                ("list_id", models.BigIntegerField(null=True, verbose_name="lista")),
                ("line", models.PositiveIntegerField(null=True, verbose_name="fila")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "En verificación"),
                            ("accepted", "Aceptada"),
                            ("refused", "No se aceptó"),
                            ("withdrawn", "Retirada"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="estado",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="la decide la coordinación después del")),
                ("decided_name", models.CharField(blank=True, max_length=160, verbose_name="quién la decidió")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="cuándo se decidió")),
                ("reason", models.TextField(blank=True, verbose_name="motivo")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.case",
                        verbose_name="expediente",
                    ),
                ),
                (
                    "ciclo",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="students.ciclo",
                        verbose_name="ciclo",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién la decidió",
                    ),
                ),
                (
                    "plantel",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="students.plantel",
                        verbose_name="plantel que lo pide",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="students.student",
                        verbose_name="alumno",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién lo pidió",
                    ),
                ),
            ],
            options={
                "verbose_name": "solicitud",
                "verbose_name_plural": "solicitudes",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(condition=models.Q(("status", "pending")), fields=["due_on"], name="consentrequest_pending"),
                    models.Index(fields=["plantel", "-id"], name="consentrequest_of_plantel"),
                    models.Index(condition=models.Q(("curp", ""), _negated=True), fields=["plantel", "curp"], name="consentrequest_of_row"),
                    models.Index(condition=models.Q(("list_id__isnull", False)), fields=["list_id"], name="consentrequest_of_list"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "pending")), fields=("plantel", "digest"), name="consentrequest_once_while_pending"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["pending", "accepted", "refused", "withdrawn"])),
                        name="consentrequest_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status", "pending"), ("decided_at__isnull", False), _connector="OR"),
                        name="consentrequest_decided_when",
                    ),
                ],
            },
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
