import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("dashboard", "0001_initial"),
        ("dashboard", "0002_counter"),
        ("dashboard", "0003_desk"),
        ("dashboard", "0005_lists_are_imports"),
        ("dashboard", "0006_jobs"),
    ]

    dependencies = [
        ("cases", "0001_tables"),
        ("students", "0001_tables"),
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
            name="CounterReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField()),
                ("papers", models.JSONField(default=list, verbose_name="documentos")),
                ("nss", models.BooleanField(default=False, verbose_name="con NSS")),
                ("acuse", models.BooleanField(default=False, verbose_name="completó la entrega del acuse")),
                ("version", models.PositiveIntegerField()),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="deshecho")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counter_receipts",
                        to="cases.case",
                        verbose_name="expediente",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="quién"
                    ),
                ),
            ],
            options={
                "verbose_name": "recepción en ventanilla",
                "verbose_name_plural": "recepciones en ventanilla",
                "indexes": [models.Index(fields=["user", "-at"], name="counterreceipt_of_user")],
                "constraints": [models.UniqueConstraint(fields=("key",), name="counterreceipt_key_once")],
            },
        ),
        migrations.CreateModel(
            name="DeskVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subdelegacion", models.CharField(blank=True, max_length=120, verbose_name="subdelegación")),
                ("day", models.DateField(verbose_name="día en que se acude")),
                ("officer", models.CharField(max_length=160, verbose_name="quién acude")),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="número de oficio")),
                ("created_at", models.DateTimeField(verbose_name="preparada")),
                ("filed_on", models.DateField(null=True, verbose_name="presentado")),
                ("folio", models.CharField(blank=True, max_length=60, verbose_name="folio o sello que dieron")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="quién la preparó"
                    ),
                ),
            ],
            options={
                "verbose_name": "salida a la subdelegación",
                "verbose_name_plural": "salidas a la subdelegación",
                "ordering": ["-day", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("folio", ""), ("filed_on__isnull", False), _connector="OR"), name="deskvisit_folio_when_filed"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeskErrand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("solved", "Resuelto: el trámite sigue"),
                            ("resend", "Hay que volver a enviar el alta"),
                            ("again", "Faltó algo: hay que volver a ir"),
                            ("dropped", "No se llevó"),
                        ],
                        max_length=10,
                        verbose_name="resultado",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="qué respondieron")),
                ("answered_on", models.DateField(null=True, verbose_name="respondieron el")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="desk_errands", to="cases.case", verbose_name="expediente"
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="errands", to="dashboard.deskvisit"
                    ),
                ),
            ],
            options={
                "verbose_name": "caso en una salida",
                "verbose_name_plural": "casos en salidas",
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "case"), name="deskerrand_once_a_visit"),
                    models.UniqueConstraint(condition=models.Q(("result", "")), fields=("case",), name="deskerrand_one_open_visit_a_case"),
                    models.CheckConstraint(
                        condition=models.Q(("result__in", ["", "solved", "resend", "again", "dropped"])), name="deskerrand_result_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SettingChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                ("user_name", models.CharField(max_length=160, verbose_name="quién")),
                ("section", models.CharField(max_length=30, verbose_name="ajuste")),
                ("what", models.CharField(max_length=240, verbose_name="qué")),
                ("before", models.JSONField(default=dict, verbose_name="antes")),
                ("after", models.JSONField(default=dict, verbose_name="después")),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="quién"
                    ),
                ),
            ],
            options={
                "verbose_name": "cambio de ajustes",
                "verbose_name_plural": "cambios de ajustes",
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["section", "-id"], name="settingchange_of_section")],
            },
        ),
        migrations.CreateModel(
            name="JobSeen",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=20, verbose_name="clase de trabajo")),
                ("ref", models.CharField(max_length=60, verbose_name="cuál")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="quién")),
            ],
            options={
                "verbose_name": "trabajo visto",
                "verbose_name_plural": "trabajos vistos",
                "constraints": [models.UniqueConstraint(fields=("source", "ref"), name="jobseen_once")],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién lo asignó",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="cases.case",
                        verbose_name="expediente",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assigned",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién lo atiende",
                    ),
                ),
            ],
            options={
                "verbose_name": "asignación",
                "verbose_name_plural": "asignaciones",
                "constraints": [models.UniqueConstraint(fields=("case",), name="assignment_one_a_case")],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="nota")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                ("token", models.UUIDField()),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="cases.case",
                        verbose_name="expediente",
                    ),
                ),
            ],
            options={
                "verbose_name": "nota",
                "verbose_name_plural": "notas",
                "indexes": [models.Index(fields=["case", "-at"], name="note_of_case")],
                "constraints": [models.UniqueConstraint(fields=("token",), name="note_once")],
            },
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField(null=True, verbose_name="vista")),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="a quién",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mentions", to="dashboard.note", verbose_name="nota"
                    ),
                ),
            ],
            options={
                "verbose_name": "mención",
                "verbose_name_plural": "menciones",
                "indexes": [models.Index(condition=models.Q(("seen_at", None)), fields=["user"], name="mention_unseen")],
                "constraints": [models.UniqueConstraint(fields=("note", "user"), name="mention_once")],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="nombre")),
                ("query", models.CharField(blank=True, max_length=400, verbose_name="filtros")),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None, verbose_name="columnas"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="de quién",
                    ),
                ),
                (
                    "plantel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to="students.plantel",
                        verbose_name="compartida con",
                    ),
                ),
            ],
            options={
                "verbose_name": "vista guardada",
                "verbose_name_plural": "vistas guardadas",
                "constraints": [models.UniqueConstraint(fields=("owner", "name"), name="savedview_name_once")],
            },
        ),
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                ("action", models.CharField(max_length=40, verbose_name="acción")),
                ("query", models.CharField(blank=True, max_length=400, verbose_name="lista")),
                ("result", models.JSONField()),
                ("undone_at", models.DateTimeField(null=True, verbose_name="deshecha")),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién",
                    ),
                ),
            ],
            options={
                "verbose_name": "acción en bloque",
                "verbose_name_plural": "acciones en bloque",
                "indexes": [models.Index(fields=["owner", "-at"], name="bulkrun_of_owner")],
            },
        ),
        migrations.CreateModel(
            name="ListExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                ("what", models.CharField(max_length=40, verbose_name="qué")),
                ("query", models.CharField(blank=True, max_length=400, verbose_name="filtros")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="quién"
                    ),
                ),
            ],
            options={
                "verbose_name": "lista descargada",
                "verbose_name_plural": "listas descargadas",
            },
        ),
        migrations.CreateModel(
            name="LoginTally",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField()),
                ("wait_until", models.DateTimeField()),
            ],
            options={
                "verbose_name": "entradas fallidas",
                "verbose_name_plural": "entradas fallidas",
            },
        ),
    ]
