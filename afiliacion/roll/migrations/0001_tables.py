import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("roll", "0001_jobs"),
        ("roll", "0002_headings"),
        ("roll", "0003_undone_by"),
        ("roll", "0004_refused"),
    ]

    dependencies = [
        ("students", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="File",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("size", models.PositiveBigIntegerField(verbose_name="bytes")),
            ],
            options={
                "verbose_name": "archivo de lista",
                "verbose_name_plural": "archivos de lista",
            },
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("body", models.BinaryField()),
                (
                    "file",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="roll.file"),
                ),
            ],
            options={
                "verbose_name": "parte de archivo",
                "verbose_name_plural": "partes de archivo",
                "constraints": [models.UniqueConstraint(fields=("file", "number"), name="part_once")],
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("enrolled_on", models.DateField(blank=True, null=True, verbose_name="fecha de inscripción para quien no la traiga")),
                ("owner_name", models.CharField(max_length=160, verbose_name="quién la trajo")),
                ("confirmed_name", models.CharField(blank=True, max_length=160, verbose_name="confirmada por")),
                ("own", models.JSONField(default=list, null=True)),
                ("filename", models.CharField(max_length=160, verbose_name="archivo")),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="bytes")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Recibida"),
                            ("checking", "Revisándose"),
                            ("checked", "Revisada: falta confirmar"),
                            ("confirmed", "Confirmada: espera su turno"),
                            ("running", "Cargándose"),
                            ("done", "Cargada"),
                            ("done_with_errors", "Cargada, con filas sin cargar"),
                            ("refused", "Rechazada"),
                            ("failed", "Detenida por una falla"),
                            ("cancelled", "Cancelada"),
                            ("undoing", "Deshaciéndose"),
                            ("undone", "Deshecha"),
                        ],
                        default="uploaded",
                        max_length=20,
                        verbose_name="estado",
                    ),
                ),
                ("uploaded_at", models.DateTimeField(verbose_name="subida")),
                ("checked_at", models.DateTimeField(null=True, verbose_name="revisada")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmada")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="terminada")),
                ("forgotten_at", models.DateTimeField(null=True, verbose_name="filas borradas")),
                ("progress", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("beat_at", models.DateTimeField(null=True, verbose_name="último avance")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.TextField(blank=True, verbose_name="por qué se rechazó o falló")),
                ("origin", models.CharField(blank=True, max_length=240, verbose_name="cómo se leyó")),
                ("header_line", models.PositiveIntegerField(default=0)),
                ("headers", models.JSONField(default=list)),
                ("mapping", models.JSONField(null=True)),
                ("notes", models.JSONField(default=list)),
                ("counts", models.JSONField(default=dict)),
                ("done", models.JSONField(default=dict)),
                (
                    "ciclo",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="students.ciclo",
                        verbose_name="ciclo",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién la confirmó",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién la trajo",
                    ),
                ),
                (
                    "plantel",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="students.plantel",
                        verbose_name="plantel",
                    ),
                ),
                ("examples", models.JSONField(default=list)),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="deshecha por",
                    ),
                ),
                ("undone_name", models.CharField(blank=True, max_length=160, verbose_name="deshecha por")),
            ],
            options={
                "verbose_name": "carga de lista",
                "verbose_name_plural": "cargas de listas",
                "ordering": ["-uploaded_at"],
                "indexes": [
                    models.Index(fields=["plantel", "-uploaded_at"], name="import_latest"),
                    models.Index(
                        condition=models.Q(("state__in", ("uploaded", "checking", "confirmed", "running", "undoing"))),
                        fields=["uploaded_at"],
                        name="import_at_work",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("uploaded", "checking", "checked", "confirmed", "running", "undoing"))),
                        fields=("plantel", "ciclo", "sha256"),
                        name="import_once_while_open",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("running", "undoing"))),
                        fields=("plantel", "ciclo"),
                        name="import_one_writes_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "uploaded",
                                    "checking",
                                    "checked",
                                    "confirmed",
                                    "running",
                                    "done",
                                    "done_with_errors",
                                    "refused",
                                    "failed",
                                    "cancelled",
                                    "undoing",
                                    "undone",
                                ],
                            )
                        ),
                        name="import_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Headings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shape", models.CharField(max_length=64)),
                ("mapping", models.JSONField()),
                ("said_by", models.CharField(max_length=160)),
                ("said_at", models.DateTimeField()),
                (
                    "plantel",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="students.plantel"),
                ),
            ],
            options={
                "verbose_name": "encabezados de un plantel",
                "verbose_name_plural": "encabezados de los planteles",
                "constraints": [models.UniqueConstraint(fields=("plantel", "shape"), name="headings_once")],
            },
        ),
        migrations.CreateModel(
            name="Chunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("first_line", models.PositiveIntegerField()),
                ("last_line", models.PositiveIntegerField()),
                ("rows", models.PositiveIntegerField(verbose_name="filas por cargar")),
                ("applied_at", models.DateTimeField(null=True, verbose_name="aplicado")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="deshecho")),
                ("done", models.JSONField(default=dict)),
                (
                    "job",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="chunks", to="roll.import"),
                ),
            ],
            options={
                "verbose_name": "tramo de lista",
                "verbose_name_plural": "tramos de lista",
                "ordering": ["number"],
                "constraints": [models.UniqueConstraint(fields=("job", "number"), name="chunk_once")],
            },
        ),
        migrations.CreateModel(
            name="Row",
            fields=[
                ("pk", models.CompositePrimaryKey("job_id", "line", blank=True, editable=False, primary_key=True, serialize=False)),
                ("line", models.PositiveIntegerField(verbose_name="fila")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "Nuevo"),
                            ("changed", "Cambia"),
                            ("unchanged", "Sin cambios"),
                            ("invalid", "Con error"),
                            ("repeated", "Repetido"),
                        ],
                        max_length=10,
                        verbose_name="qué es",
                    ),
                ),
                ("known", models.BooleanField(default=False)),
                ("to_do", models.BooleanField(default=False)),
                ("curp_key", models.TextField()),
                ("matricula", models.TextField(null=True)),
                ("curp", models.TextField(null=True)),
                ("nombre", models.TextField(null=True)),
                ("primer_apellido", models.TextField(null=True)),
                ("segundo_apellido", models.TextField(null=True)),
                ("fecha_nacimiento", models.DateField(null=True)),
                ("sexo", models.TextField(null=True)),
                ("entidad_nacimiento", models.TextField(null=True)),
                ("correo", models.TextField(null=True)),
                ("telefono", models.TextField(null=True)),
                ("nss", models.TextField(null=True)),
                ("grupo", models.TextField(null=True)),
                ("fecha_inscripcion", models.DateField(null=True)),
                ("estatus", models.TextField(null=True)),
                ("curp_nacimiento", models.DateField(null=True)),
                ("curp_sexo", models.TextField(null=True)),
                ("curp_entidad", models.TextField(null=True)),
                ("name_order", models.TextField(db_collation="C")),
                ("name_search", models.TextField()),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="roll.import",
                    ),
                ),
            ],
            options={
                "verbose_name": "fila de lista",
                "verbose_name_plural": "filas de lista",
                "indexes": [models.Index(fields=["job", "kind", "line"], name="row_by_kind")],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("error", "Error"),
                            ("warning", "Aviso"),
                            ("refused", "No se cargó"),
                            ("skipped", "Paso que el expediente no permitió"),
                        ],
                        max_length=8,
                        verbose_name="clase",
                    ),
                ),
                ("line", models.PositiveIntegerField(verbose_name="fila")),
                ("column", models.CharField(blank=True, max_length=30, verbose_name="columna")),
                ("value", models.TextField(blank=True, verbose_name="valor")),
                ("reason", models.TextField(verbose_name="motivo")),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="roll.import",
                    ),
                ),
            ],
            options={
                "verbose_name": "observación",
                "verbose_name_plural": "observaciones",
                "ordering": ["line", "column", "pk"],
                "indexes": [models.Index(fields=["job", "severity", "line"], name="finding_of_job")],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField(verbose_name="fila")),
                ("column", models.CharField(max_length=30, verbose_name="columna")),
                ("old", models.TextField(null=True, verbose_name="antes")),
                ("new", models.TextField(verbose_name="después")),
                ("kept", models.BooleanField(default=False)),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="roll.import",
                    ),
                ),
            ],
            options={
                "verbose_name": "cambio",
                "verbose_name_plural": "cambios",
                "ordering": ["line", "column"],
                "indexes": [models.Index(fields=["job", "line"], name="change_of_job")],
            },
        ),
        migrations.CreateModel(
            name="Absent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("matricula", models.CharField(max_length=30, verbose_name="matrícula")),
                ("name", models.TextField(verbose_name="nombre")),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absent",
                        to="roll.import",
                    ),
                ),
            ],
            options={
                "verbose_name": "ausente de la lista",
                "verbose_name_plural": "ausentes de la lista",
                "ordering": ["position"],
                "indexes": [models.Index(fields=["job", "position"], name="absent_of_job")],
            },
        ),
    ]
