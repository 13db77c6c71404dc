"""Documents that are brought: what was read and decided about them, bundles, mails, and what a plantel lets happen."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0021_answer_awaited"),
        ("students", "0007_merged_records"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BroughtPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("filename", models.CharField(blank=True, max_length=160, verbose_name="nombre del archivo")),
                (
                    "door",
                    models.CharField(
                        choices=[("student", "Página del alumno"), ("office", "Oficina"), ("counter", "Ventanilla"), ("mail", "Correo")],
                        max_length=10,
                        verbose_name="por dónde llegó",
                    ),
                ),
                ("on", models.DateField(verbose_name="día en que llegó")),
                ("brought_at", models.DateTimeField(verbose_name="llegó")),
                ("brought_name", models.CharField(max_length=320, verbose_name="por")),
                ("planteles", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unread", "Por leer"),
                            ("waiting", "Por revisar"),
                            ("applied", "Anotada"),
                            ("refused", "Rechazada"),
                            ("aside", "Apartada"),
                        ],
                        default="unread",
                        max_length=10,
                        verbose_name="situación",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("kind", models.CharField(blank=True, max_length=24, verbose_name="clase")),
                ("reading", models.JSONField(null=True)),
                ("proposal", models.CharField(blank=True, max_length=20, verbose_name="propuesta")),
                ("certainty", models.CharField(blank=True, max_length=10, verbose_name="certeza")),
                ("reasons", models.JSONField(default=list, verbose_name="motivos")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decidida")),
                ("decided_name", models.CharField(blank=True, max_length=320, verbose_name="la decidió")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="motivo")),
                ("said", models.JSONField(default=dict)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "brought_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="brought",
                        to="cases.case",
                        verbose_name="expediente",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "evidence",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="brought",
                        to="cases.evidence",
                        verbose_name="archivo",
                    ),
                ),
                (
                    "instead",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="instead_of",
                        to="papers_in.broughtpaper",
                    ),
                ),
                (
                    "plantel",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="students.plantel",
                        verbose_name="plantel",
                    ),
                ),
            ],
            options={
                "verbose_name": "hoja",
                "verbose_name_plural": "hojas",
            },
        ),
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=160, verbose_name="archivo")),
                ("sha256", models.CharField(max_length=64)),
                (
                    "door",
                    models.CharField(
                        choices=[("student", "Página del alumno"), ("office", "Oficina"), ("counter", "Ventanilla"), ("mail", "Correo")],
                        max_length=10,
                        verbose_name="por dónde llegó",
                    ),
                ),
                ("on", models.DateField(verbose_name="día en que llegó")),
                ("planteles", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None)),
                ("brought_at", models.DateTimeField(verbose_name="llegó")),
                ("brought_name", models.CharField(max_length=320, verbose_name="por")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "En espera"),
                            ("unpacking", "Abriéndose"),
                            ("unpacked", "Abierto"),
                            ("failed", "No se pudo abrir"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="situación",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=500, verbose_name="qué pasó")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="terminó")),
                (
                    "brought_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="quién"
                    ),
                ),
            ],
            options={
                "verbose_name": "archivos traídos juntos",
                "verbose_name_plural": "archivos traídos juntos",
            },
        ),
        migrations.CreateModel(
            name="BundleFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("filename", models.CharField(blank=True, max_length=160, verbose_name="nombre del archivo")),
                ("again", models.BooleanField(default=False, verbose_name="ya estaba")),
                ("problem", models.CharField(blank=True, max_length=300, verbose_name="qué pasó")),
                (
                    "bundle",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="files", to="papers_in.bundle"
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="papers_in.broughtpaper",
                        verbose_name="hoja",
                    ),
                ),
            ],
            options={
                "verbose_name": "archivo traído",
                "verbose_name_plural": "archivos traídos",
            },
        ),
        migrations.CreateModel(
            name="BundlePart",
            fields=[
                ("pk", models.CompositePrimaryKey("bundle_id", "number", blank=True, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("body", models.BinaryField()),
                (
                    "bundle",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="papers_in.bundle"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MailMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("sender", models.CharField(blank=True, max_length=254, verbose_name="remitente")),
                ("at", models.DateTimeField(verbose_name="llegó")),
                ("too_large", models.BooleanField(default=False, verbose_name="pesaba demasiado")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="respondido")),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case", verbose_name="expediente"
                    ),
                ),
                ("papers", models.ManyToManyField(related_name="messages", to="papers_in.broughtpaper", verbose_name="hojas")),
            ],
            options={
                "verbose_name": "correo con hojas",
                "verbose_name_plural": "correos con hojas",
            },
        ),
        migrations.CreateModel(
            name="PaperDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                (
                    "to_status",
                    models.CharField(
                        choices=[
                            ("unread", "Por leer"),
                            ("waiting", "Por revisar"),
                            ("applied", "Anotada"),
                            ("refused", "Rechazada"),
                            ("aside", "Apartada"),
                        ],
                        max_length=10,
                        verbose_name="queda",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                ("by_name", models.CharField(max_length=320, verbose_name="quién")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="motivo")),
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
                    "paper",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="papers_in.broughtpaper"
                    ),
                ),
            ],
            options={
                "verbose_name": "decisión sobre una hoja",
                "verbose_name_plural": "decisiones sobre hojas",
            },
        ),
        migrations.CreateModel(
            name="PaperRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("clear_acts", models.BooleanField(default=False, verbose_name="las hojas claras se anotan solas")),
                (
                    "plantel",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="students.plantel", verbose_name="plantel"
                    ),
                ),
            ],
            options={
                "verbose_name": "hojas de un plantel",
                "verbose_name_plural": "hojas de los planteles",
            },
        ),
        migrations.AddIndex(
            model_name="broughtpaper",
            index=models.Index(condition=models.Q(("status", "waiting")), fields=["id"], name="brought_waiting"),
        ),
        migrations.AddIndex(
            model_name="broughtpaper",
            index=models.Index(condition=models.Q(("status", "waiting")), fields=["plantel", "id"], name="brought_waiting_of_plantel"),
        ),
        migrations.AddIndex(
            model_name="broughtpaper",
            index=models.Index(condition=models.Q(("status", "unread")), fields=["id"], name="brought_unread"),
        ),
        migrations.AddConstraint(
            model_name="broughtpaper",
            constraint=models.UniqueConstraint(
                condition=models.Q(("evidence__isnull", False)),
                fields=("evidence", "plantel", "case"),
                name="brought_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="broughtpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["unread", "waiting", "applied", "refused", "aside"])), name="brought_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="broughtpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(("door__in", ["student", "office", "counter", "mail"])), name="brought_door_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="broughtpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("status", "applied"), _negated=True), ("case__isnull", False), _connector="OR"),
                name="brought_applied_to_a_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="broughtpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(("case", None), ("plantel__isnull", False), _connector="OR"), name="brought_case_has_plantel"
            ),
        ),
        migrations.AddIndex(
            model_name="bundle",
            index=models.Index(fields=["-brought_at"], name="bundle_latest"),
        ),
        migrations.AddIndex(
            model_name="bundle",
            index=models.Index(condition=models.Q(("status__in", ["waiting", "unpacking"])), fields=["id"], name="bundle_unfinished"),
        ),
        migrations.AddConstraint(
            model_name="bundlefile",
            constraint=models.UniqueConstraint(fields=("bundle", "position"), name="bundlefile_once"),
        ),
        migrations.AddIndex(
            model_name="mailmessage",
            index=models.Index(condition=models.Q(("answered_at", None)), fields=["id"], name="mailmessage_unanswered"),
        ),
        migrations.AddIndex(
            model_name="mailmessage",
            index=models.Index(fields=["sender", "-at"], name="mailmessage_of_sender"),
        ),
        migrations.AddConstraint(
            model_name="mailmessage",
            constraint=models.UniqueConstraint(fields=("key",), name="mailmessage_once"),
        ),
        migrations.AddConstraint(
            model_name="paperdecision",
            constraint=models.UniqueConstraint(fields=("paper", "version"), name="paperdecision_once_a_version"),
        ),
        migrations.AddConstraint(
            model_name="paperrules",
            constraint=models.UniqueConstraint(fields=("plantel",), name="paperrules_once_a_plantel"),
        ),
    ]
