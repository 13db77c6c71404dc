"""Lists of who IMSS says is insured, and what was done about movements unknown here."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("movements", "0002_answers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attended",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=240, verbose_name="qué se hizo")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                ("name", models.CharField(max_length=160, verbose_name="quién")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "row",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="attended", to="movements.answerrow"),
                ),
            ],
            options={
                "verbose_name": "movimiento ajeno atendido",
                "verbose_name_plural": "movimientos ajenos atendidos",
            },
        ),
        migrations.CreateModel(
            name="InsuredList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("registro", models.CharField(max_length=16, verbose_name="registro patronal")),
                ("on", models.DateField(verbose_name="fecha de la lista")),
                ("filename", models.CharField(max_length=160, verbose_name="archivo")),
                ("sha256", models.CharField(max_length=64, verbose_name="huella")),
                ("count", models.PositiveIntegerField(verbose_name="asegurados")),
                ("notes", models.JSONField(default=list, verbose_name="lo que se corrigió al leerla")),
                ("brought_at", models.DateTimeField(verbose_name="traída")),
                ("brought_name", models.CharField(max_length=160, verbose_name="quién la trajo")),
                (
                    "ended",
                    models.CharField(
                        blank=True,
                        choices=[("reemplazada", "Reemplazada por otra"), ("descartada", "Descartada")],
                        max_length=12,
                        verbose_name="cómo terminó",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="terminó")),
                ("ended_name", models.CharField(blank=True, max_length=160, verbose_name="quién la quitó")),
                (
                    "brought_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "lista de asegurados",
                "verbose_name_plural": "listas de asegurados",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="InsuredRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nss", models.CharField(max_length=11, verbose_name="NSS")),
                ("line", models.PositiveIntegerField(verbose_name="fila")),
                ("curp", models.CharField(blank=True, max_length=18, verbose_name="CURP")),
                ("name", models.CharField(blank=True, max_length=160, verbose_name="nombre")),
                ("since", models.DateField(null=True, verbose_name="desde")),
                (
                    "list",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="reconciliation.insuredlist"
                    ),
                ),
            ],
            options={
                "verbose_name": "asegurado de una lista",
                "verbose_name_plural": "asegurados de una lista",
            },
        ),
        migrations.AddConstraint(
            model_name="insuredlist",
            constraint=models.UniqueConstraint(condition=models.Q(("ended", "")), fields=("registro",), name="insuredlist_one_standing"),
        ),
        migrations.AddConstraint(
            model_name="insuredlist",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended", ""), ("ended_at__isnull", False), _connector="XOR"), name="insuredlist_ended_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="insuredrow",
            constraint=models.UniqueConstraint(fields=("list", "nss"), name="insuredrow_once"),
        ),
    ]
