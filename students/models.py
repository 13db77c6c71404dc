"""The registry: who studies where. It knows nothing of cases; the import fills it (afiliacion/roll)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from students import curp as curps
from students import names
from students.checks import NSS_CHECK_DIGIT
from students.envelope import Envelope


class Calendar(models.Model):
    """Days a school does not work, on top of the national holidays of LFT art. 74."""

    clave = models.CharField("clave", max_length=20)
    name = models.CharField("nombre", max_length=120)

    class Meta:
        verbose_name = "calendario"
        verbose_name_plural = "calendarios"
        constraints = [models.UniqueConstraint(fields=["clave"], name="calendar_clave_once")]

    def __str__(self) -> str:
        return self.name


class NonWorkingDay(models.Model):
    calendar = models.ForeignKey(Calendar, models.CASCADE, verbose_name="calendario", related_name="days")
    date = models.DateField("día")
    reason = models.CharField("motivo", max_length=120)

    class Meta:
        verbose_name = "día inhábil"
        verbose_name_plural = "días inhábiles"
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="nonworkingday_once")]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.reason}"


class Plantel(models.Model):
    clave = models.CharField("clave", max_length=20)
    name = models.CharField("nombre", max_length=160)
    cct = models.CharField("CCT", max_length=10, blank=True)
    # Stored as IMSS gave it: the check digit's algorithm is unpublished (domain notes, 3.7).
    registro_patronal = models.CharField("registro patronal", max_length=16, blank=True)
    subdelegacion = models.CharField("subdelegación", max_length=120, blank=True)
    umf = models.CharField("UMF habitual", max_length=60, blank=True)
    contact_name = models.CharField("responsable", max_length=160, blank=True)
    contact_email = models.EmailField("correo del responsable", blank=True)
    contact_phone = models.CharField("teléfono", max_length=40, blank=True)
    address = models.CharField("domicilio", max_length=240, blank=True)
    office_hours = models.CharField("horario de ventanilla", max_length=160, blank=True)
    calendar = models.ForeignKey(Calendar, models.PROTECT, null=True, blank=True, verbose_name="calendario")

    class Meta:
        verbose_name = "plantel"
        verbose_name_plural = "planteles"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["clave"], name="plantel_clave_once")]

    def __str__(self) -> str:
        return self.name


class StaffPost(models.Model):
    """Who works where: an officer at a plantel, or (without plantel) a coordinator of all of them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="usuario", related_name="posts")
    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, blank=True, verbose_name="plantel (vacío: todos)", related_name="posts")

    class Meta:
        verbose_name = "puesto"
        verbose_name_plural = "puestos"
        constraints = [models.UniqueConstraint(fields=["user", "plantel"], nulls_distinct=False, name="staffpost_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.plantel or 'todos los planteles'}"


class Ciclo(models.Model):
    clave = models.CharField("clave", max_length=20)
    starts_on = models.DateField("inicia")
    ends_on = models.DateField("termina")

    class Meta:
        verbose_name = "ciclo"
        verbose_name_plural = "ciclos"
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["clave"], name="ciclo_clave_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=models.F("starts_on")), name="ciclo_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.clave


class Student(models.Model):
    """A person. Names exactly as RENAPO shows them; never split, shortened or recased here."""

    curp = models.CharField("CURP", max_length=18)
    nombre = models.CharField("nombre(s)", max_length=120)
    primer_apellido = models.CharField("primer apellido", max_length=120)
    segundo_apellido = models.CharField("segundo apellido", max_length=120, blank=True)
    birth_date = models.DateField("fecha de nacimiento")
    sex = models.CharField("sexo", max_length=1, choices=list(curps.SEXES.items()))
    entity = models.CharField("entidad de nacimiento", max_length=2, choices=list(curps.ENTITIES.items()))
    email = models.CharField("correo", max_length=254, blank=True)
    phone = models.CharField("teléfono", max_length=40, blank=True)
    nss = models.CharField("NSS", max_length=11, null=True, blank=True)  # noqa: DJ001 - NULL: many have none, one each
    name_order = models.TextField(editable=False, db_collation="C")
    name_search = models.TextField(editable=False)

    class Meta:
        verbose_name = "alumno"
        verbose_name_plural = "alumnos"
        constraints = [
            models.UniqueConstraint(fields=["curp"], name="student_curp_once"),
            models.UniqueConstraint(fields=["nss"], name="student_nss_once"),
            models.CheckConstraint(condition=Q(curp__regex=r"^[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d$"), name="student_curp_form"),
            models.CheckConstraint(condition=Q(nss__isnull=True) | (Q(nss__regex=r"^\d{11}$") & ~Q(nss="0" * 11)), name="student_nss_form"),
            models.CheckConstraint(condition=NSS_CHECK_DIGIT, name="student_nss_check_digit"),
        ]
        indexes = [
            GinIndex(fields=["name_search"], name="student_name_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["name_order", "id"], name="student_in_order"),
            models.Index(Envelope("email"), name="student_by_address"),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_order = names.sort_key(self.primer_apellido, self.segundo_apellido, self.nombre)
        self.name_search = names.search_key(self.nombre, self.primer_apellido, self.segundo_apellido)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, (self.nombre, self.primer_apellido, self.segundo_apellido)))

    @property
    def list_name(self) -> str:
        """Apellidos first, as a school's list has them."""
        return names.list_name(self.primer_apellido, self.segundo_apellido, self.nombre)


class Enrolment(models.Model):
    class Status(models.TextChoices):
        ACTIVO = "activo", "Activo"
        LICENCIA = "licencia", "Licencia"
        BAJA_TEMPORAL = "baja_temporal", "Baja temporal"
        BAJA_DEFINITIVA = "baja_definitiva", "Baja definitiva"
        EGRESADO = "egresado", "Egresado"
        DESERTOR = "desertor", "Desertor"

    #: Statuses with which a student has the right to be covered (domain notes, 3.5).
    ENTITLED = (Status.ACTIVO, Status.LICENCIA)

    student = models.ForeignKey(Student, models.PROTECT, verbose_name="alumno", related_name="enrolments", db_index=False)
    plantel = models.ForeignKey(Plantel, models.PROTECT, verbose_name="plantel", related_name="enrolments", db_index=False)
    ciclo = models.ForeignKey(Ciclo, models.PROTECT, verbose_name="ciclo", related_name="enrolments", db_index=False)
    matricula = models.CharField("matrícula", max_length=30)
    grupo = models.CharField("grupo", max_length=30, blank=True)
    enrolled_on = models.DateField("fecha de inscripción")
    status = models.CharField("situación", max_length=16, choices=Status, default=Status.ACTIVO)

    class Meta:
        verbose_name = "inscripción"
        verbose_name_plural = "inscripciones"
        constraints = [
            models.UniqueConstraint(fields=["plantel", "ciclo", "matricula"], name="enrolment_matricula_once"),
            # Whose enrolment comes first: so it also finds the enrolments of a person.
            models.UniqueConstraint(fields=["student", "plantel", "ciclo"], name="enrolment_student_once"),
            models.CheckConstraint(
                condition=Q(status__in=["activo", "licencia", "baja_temporal", "baja_definitiva", "egresado", "desertor"]),
                name="enrolment_status_known",
            ),
        ]
        indexes = [models.Index(OpClass(Upper("matricula"), "text_pattern_ops"), "plantel", name="enrolment_matricula_of")]

    def __str__(self) -> str:
        return f"{self.matricula} · {self.plantel_id} · {self.ciclo_id}"
