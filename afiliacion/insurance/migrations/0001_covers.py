import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0008_covers"),
        ("students", "0002_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Cover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nss", models.CharField(blank=True, max_length=11, verbose_name="NSS")),
                ("registro", models.CharField(blank=True, max_length=16, verbose_name="registro patronal")),
                (
                    "whose",
                    models.CharField(
                        choices=[
                            ("ours", "De la escuela"),
                            ("other_school", "De otra escuela"),
                            ("other", "Otra (trabajo, familia u otro instituto)"),
                        ],
                        default="ours",
                        max_length=12,
                        verbose_name="de quién",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("sent", "Alta recibida, sin vigencia comprobada"),
                            ("proved", "Vigente"),
                            ("denied", "Alta recibida; el IMSS responde que no hay vigencia"),
                            ("resting", "Prevalece otra cobertura"),
                            ("ended", "Terminado"),
                        ],
                        max_length=10,
                        verbose_name="situación",
                    ),
                ),
                ("since", models.DateField(verbose_name="desde")),
                ("status_on", models.DateField(verbose_name="situación desde")),
                ("evidence", models.CharField(blank=True, max_length=64)),
                ("baja_sent_on", models.DateField(null=True, verbose_name="baja enviada")),
                ("ended_on", models.DateField(null=True, verbose_name="hasta")),
                (
                    "ended_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sent", "El IMSS recibió el alta"),
                            ("declared", "Declarado por la escuela"),
                            ("proved", "El IMSS dice que sí"),
                            ("denied", "El IMSS dice que no"),
                            ("prevailed", "Prevalece otra cobertura"),
                            ("rejected", "El IMSS rechazó el alta"),
                            ("baja_sent", "El IMSS recibió la baja"),
                            ("baja_rejected", "El IMSS rechazó la baja"),
                            ("baja_operated", "El IMSS operó la baja"),
                            ("lost", "Ya no la tiene"),
                            ("unified", "El IMSS unificó los números del alumno"),
                        ],
                        max_length=14,
                        verbose_name="cómo terminó",
                    ),
                ),
                ("stood", models.BooleanField(default=False)),
                ("scope", models.JSONField(null=True)),
                ("version", models.PositiveIntegerField(default=0)),
                ("head_hash", models.CharField(default="", max_length=64)),
                (
                    "owed_by",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="owed_covers", to="cases.case"
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covers",
                        to="students.student",
                        verbose_name="alumno",
                    ),
                ),
            ],
            options={
                "verbose_name": "aseguramiento",
                "verbose_name_plural": "aseguramientos",
            },
        ),
        migrations.CreateModel(
            name="CoverEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveIntegerField()),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("sent", "El IMSS recibió el alta"),
                            ("declared", "Declarado por la escuela"),
                            ("proved", "El IMSS dice que sí"),
                            ("denied", "El IMSS dice que no"),
                            ("prevailed", "Prevalece otra cobertura"),
                            ("rejected", "El IMSS rechazó el alta"),
                            ("baja_sent", "El IMSS recibió la baja"),
                            ("baja_rejected", "El IMSS rechazó la baja"),
                            ("baja_operated", "El IMSS operó la baja"),
                            ("lost", "Ya no la tiene"),
                            ("unified", "El IMSS unificó los números del alumno"),
                        ],
                        max_length=14,
                    ),
                ),
                ("on", models.DateField(verbose_name="fecha del hecho")),
                ("at", models.DateTimeField(verbose_name="anotado")),
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
                ("actor_name", models.CharField(max_length=160)),
                ("case", models.BigIntegerField(null=True)),
                ("evidence", models.CharField(blank=True, max_length=64)),
                ("prev_hash", models.CharField(blank=True, max_length=64)),
                ("hash", models.CharField(max_length=64)),
                (
                    "actor",
                    models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                (
                    "cover",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="insurance.cover"
                    ),
                ),
            ],
            options={
                "verbose_name": "hecho de un aseguramiento",
                "verbose_name_plural": "hechos de aseguramientos",
            },
        ),
        migrations.AddIndex(
            model_name="cover",
            index=models.Index(fields=["student"], name="cover_of_student"),
        ),
        migrations.AddIndex(
            model_name="cover",
            index=models.Index(condition=models.Q(("owed_by__isnull", False)), fields=["owed_by"], name="cover_owed"),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_on", None), ("whose", "ours")), fields=("student", "nss", "registro"), name="cover_one_live"
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["sent", "proved", "denied", "resting", "ended"])), name="cover_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("whose__in", ["ours", "other_school", "other"])), name="cover_whose_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_on", None), ("status", "ended"), _connector="XOR"), name="cover_ended_on_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="coverevent",
            constraint=models.UniqueConstraint(fields=("cover", "seq"), name="coverevent_seq_once"),
        ),
        datafiles.sql("insurance", "append_only"),
    ]
