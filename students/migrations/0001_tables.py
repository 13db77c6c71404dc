import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import students.checks
import students.envelope
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("students", "0001_initial"),
        ("students", "0003_fewer_indexes"),
        ("students", "0004_reading_lists"),
        ("students", "0006_by_address"),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="Calendar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("clave", models.CharField(max_length=20, verbose_name="clave")),
                ("name", models.CharField(max_length=120, verbose_name="nombre")),
            ],
            options={
                "verbose_name": "calendario",
                "verbose_name_plural": "calendarios",
                "constraints": [models.UniqueConstraint(fields=("clave",), name="calendar_clave_once")],
            },
        ),
        migrations.CreateModel(
            name="NonWorkingDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(verbose_name="día")),
                ("reason", models.CharField(max_length=120, verbose_name="motivo")),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="days", to="students.calendar", verbose_name="calendario"
                    ),
                ),
            ],
            options={
                "verbose_name": "día inhábil",
                "verbose_name_plural": "días inhábiles",
                "constraints": [models.UniqueConstraint(fields=("calendar", "date"), name="nonworkingday_once")],
            },
        ),
        migrations.CreateModel(
            name="Plantel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("clave", models.CharField(max_length=20, verbose_name="clave")),
                ("name", models.CharField(max_length=160, verbose_name="nombre")),
                ("cct", models.CharField(blank=True, max_length=10, verbose_name="CCT")),
                ("registro_patronal", models.CharField(blank=True, max_length=16, verbose_name="registro patronal")),
                ("subdelegacion", models.CharField(blank=True, max_length=120, verbose_name="subdelegación")),
                ("umf", models.CharField(blank=True, max_length=60, verbose_name="UMF habitual")),
                ("contact_name", models.CharField(blank=True, max_length=160, verbose_name="responsable")),
                ("contact_email", models.EmailField(blank=True, max_length=254, verbose_name="correo del responsable")),
                ("contact_phone", models.CharField(blank=True, max_length=40, verbose_name="teléfono")),
                ("address", models.CharField(blank=True, max_length=240, verbose_name="domicilio")),
                ("office_hours", models.CharField(blank=True, max_length=160, verbose_name="horario de ventanilla")),
                (
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="students.calendar",
                        verbose_name="calendario",
                    ),
                ),
            ],
            options={
                "verbose_name": "plantel",
                "verbose_name_plural": "planteles",
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("clave",), name="plantel_clave_once")],
            },
        ),
        migrations.CreateModel(
            name="StaffPost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "plantel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="students.plantel",
                        verbose_name="plantel (vacío: todos)",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="usuario",
                    ),
                ),
            ],
            options={
                "verbose_name": "puesto",
                "verbose_name_plural": "puestos",
                "constraints": [models.UniqueConstraint(fields=("user", "plantel"), name="staffpost_once", nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name="Ciclo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("clave", models.CharField(max_length=20, verbose_name="clave")),
                ("starts_on", models.DateField(verbose_name="inicia")),
                ("ends_on", models.DateField(verbose_name="termina")),
            ],
            options={
                "verbose_name": "ciclo",
                "verbose_name_plural": "ciclos",
                "ordering": ["-starts_on"],
                "constraints": [
                    models.UniqueConstraint(fields=("clave",), name="ciclo_clave_once"),
                    models.CheckConstraint(condition=models.Q(("ends_on__gt", models.F("starts_on"))), name="ciclo_ends_after_start"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Student",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("curp", models.CharField(max_length=18, verbose_name="CURP")),
                ("nombre", models.CharField(max_length=120, verbose_name="nombre(s)")),
                ("primer_apellido", models.CharField(max_length=120, verbose_name="primer apellido")),
                ("segundo_apellido", models.CharField(blank=True, max_length=120, verbose_name="segundo apellido")),
                ("birth_date", models.DateField(verbose_name="fecha de nacimiento")),
                (
                    "sex",
                    models.CharField(choices=[("H", "Hombre"), ("M", "Mujer"), ("X", "No binario")], max_length=1, verbose_name="sexo"),
                ),
                (
                    "entity",
                    models.CharField(
                        choices=[
                            ("AS", "Aguascalientes"),
                            ("BC", "Baja California"),
                            ("BS", "Baja California Sur"),
                            ("CC", "Campeche"),
                            ("CL", "Coahuila"),
                            ("CM", "Colima"),
                            ("CS", "Chiapas"),
                            ("CH", "Chihuahua"),
                            ("DF", "Ciudad de México"),
                            ("DG", "Durango"),
                            ("GT", "Guanajuato"),
                            ("GR", "Guerrero"),
                            ("HG", "Hidalgo"),
                            ("JC", "Jalisco"),
                            ("MC", "Estado de México"),
                            ("MN", "Michoacán"),
                            ("MS", "Morelos"),
                            ("NT", "Nayarit"),
                            ("NL", "Nuevo León"),
                            ("OC", "Oaxaca"),
                            ("PL", "Puebla"),
                            ("QT", "Querétaro"),
                            ("QR", "Quintana Roo"),
                            ("SP", "San Luis Potosí"),
                            ("SL", "Sinaloa"),
                            ("SR", "Sonora"),
                            ("TC", "Tabasco"),
                            ("TS", "Tamaulipas"),
                            ("TL", "Tlaxcala"),
                            ("VZ", "Veracruz"),
                            ("YN", "Yucatán"),
                            ("ZS", "Zacatecas"),
                            ("NE", "Nacido en el extranjero"),
                        ],
                        max_length=2,
                        verbose_name="entidad de nacimiento",
                    ),
                ),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="correo")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="teléfono")),
                ("nss", models.CharField(blank=True, max_length=11, null=True, verbose_name="NSS")),
                ("name_order", models.TextField(db_collation="C", editable=False)),
                ("name_search", models.TextField(editable=False)),
            ],
            options={
                "verbose_name": "alumno",
                "verbose_name_plural": "alumnos",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["name_search"], name="student_name_trigrams", opclasses=["gin_trgm_ops"]
                    ),
                    models.Index(fields=["name_order", "id"], name="student_in_order"),
                    models.Index(students.envelope.Envelope("email"), name="student_by_address"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("curp",), name="student_curp_once"),
                    models.UniqueConstraint(fields=("nss",), name="student_nss_once"),
                    models.CheckConstraint(
                        condition=models.Q(("curp__regex", "^[A-Z]{4}\\d{6}[HMX][A-Z]{5}[A-Z\\d]\\d$")), name="student_curp_form"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("nss__isnull", True),
                            models.Q(("nss__regex", "^\\d{11}$"), models.Q(("nss", "00000000000"), _negated=True)),
                            _connector="OR",
                        ),
                        name="student_nss_form",
                    ),
                    models.CheckConstraint(condition=students.checks.NssCheckDigit(models.F("nss")), name="student_nss_check_digit"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Enrolment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("matricula", models.CharField(max_length=30, verbose_name="matrícula")),
                ("grupo", models.CharField(blank=True, max_length=30, verbose_name="grupo")),
                ("enrolled_on", models.DateField(verbose_name="fecha de inscripción")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("activo", "Activo"),
                            ("licencia", "Licencia"),
                            ("baja_temporal", "Baja temporal"),
                            ("baja_definitiva", "Baja definitiva"),
                            ("egresado", "Egresado"),
                            ("desertor", "Desertor"),
                        ],
                        default="activo",
                        max_length=16,
                        verbose_name="situación",
                    ),
                ),
                (
                    "ciclo",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrolments",
                        to="students.ciclo",
                        verbose_name="ciclo",
                    ),
                ),
                (
                    "plantel",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrolments",
                        to="students.plantel",
                        verbose_name="plantel",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrolments",
                        to="students.student",
                        verbose_name="alumno",
                    ),
                ),
            ],
            options={
                "verbose_name": "inscripción",
                "verbose_name_plural": "inscripciones",
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("matricula"), "text_pattern_ops"),
                        models.F("plantel"),
                        name="enrolment_matricula_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("plantel", "ciclo", "matricula"), name="enrolment_matricula_once"),
                    models.UniqueConstraint(fields=("student", "plantel", "ciclo"), name="enrolment_student_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["activo", "licencia", "baja_temporal", "baja_definitiva", "egresado", "desertor"])
                        ),
                        name="enrolment_status_known",
                    ),
                ],
            },
        ),
    ]
