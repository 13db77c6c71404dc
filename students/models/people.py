"""Who studies where: students, their enrolments, and what was on record of them before it was corrected."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from students import curp as curps
from students import names
from students.checks import NSS_CHECK_DIGIT
from students.envelope import Envelope
from students.models.places import Ciclo, Plantel


class Student(models.Model):
    """A person. Names exactly as RENAPO shows them; never split, shortened or recased here.

    A record that turned out to be of a person who had another one (`merged_into`) keeps its row, without CURP, NSS, enrolments or cases.
    """

    # NULL only of a merged record, which no screen shows: typed as if it never were.
    curp: models.CharField[str, str] = models.CharField("CURP", max_length=18, null=True)  # type: ignore[misc]  # noqa: DJ001
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
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, verbose_name="unido a", related_name="merged", db_index=False
    )

    class Meta:
        verbose_name = "alumno"
        verbose_name_plural = "alumnos"
        constraints = [
            models.UniqueConstraint(fields=["curp"], name="student_curp_once"),
            models.UniqueConstraint(fields=["nss"], name="student_nss_once"),
            models.CheckConstraint(condition=Q(curp__regex=r"^[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d$"), name="student_curp_form"),
            models.CheckConstraint(condition=Q(nss__isnull=True) | (Q(nss__regex=r"^\d{11}$") & ~Q(nss="0" * 11)), name="student_nss_form"),
            models.CheckConstraint(condition=NSS_CHECK_DIGIT, name="student_nss_check_digit"),
            models.CheckConstraint(
                condition=Q(curp__isnull=False, merged_into=None) | Q(curp=None, nss=None, merged_into__isnull=False),
                name="student_curp_unless_merged",
            ),
        ]
        indexes = [
            GinIndex(fields=["name_search"], name="student_name_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["name_order", "id"], name="student_in_order"),
            models.Index(Envelope("email"), name="student_by_address"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="student_merged_into"),
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
        DEFUNCION = "defuncion", "Defunción"

    #: Statuses with which a student has the right to be covered (docs/domain.md, 4.3).
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
                condition=Q(status__in=["activo", "licencia", "baja_temporal", "baja_definitiva", "egresado", "desertor", "defuncion"]),
                name="enrolment_status_known",
            ),
        ]
        indexes = [models.Index(OpClass(Upper("matricula"), "text_pattern_ops"), "plantel", name="enrolment_matricula_of")]

    def __str__(self) -> str:
        return f"{self.matricula} · {self.plantel_id} · {self.ciclo_id}"


class FormerValue(models.Model):
    """One value that was on record of a person and was corrected: found by search, shown beside the present one.

    Never changed. Deleted only where it never was right to keep it: with a correction or a list that was undone, or by an erasure.
    """

    class Field(models.TextChoices):
        """What was corrected, by the name a list's column has."""

        CURP = "curp", "CURP"
        NOMBRE = "nombre", "nombre(s)"
        PRIMER_APELLIDO = "primer_apellido", "primer apellido"
        SEGUNDO_APELLIDO = "segundo_apellido", "segundo apellido"
        FECHA_NACIMIENTO = "fecha_nacimiento", "fecha de nacimiento"
        SEXO = "sexo", "sexo"
        ENTIDAD_NACIMIENTO = "entidad_nacimiento", "entidad de nacimiento"
        CORREO = "correo", "correo"
        TELEFONO = "telefono", "teléfono"
        MATRICULA = "matricula", "matrícula"

    # Without a constraint: the person whom an undone list takes out of the registry goes without looking here.
    student = models.ForeignKey(
        Student, models.DO_NOTHING, verbose_name="alumno", related_name="former_values", db_index=False, db_constraint=False
    )
    #: The plantel whose matrícula it was.
    plantel = models.ForeignKey(Plantel, models.PROTECT, null=True, verbose_name="plantel", related_name="+", db_index=False)
    field = models.CharField("dato", max_length=20, choices=Field)
    value = models.TextField("valor anterior", blank=True)
    became = models.TextField("valor corregido", blank=True)
    #: What a search looks at: a CURP or matrícula in capitals; of any part of a name, the key of the whole name as it was; else empty.
    search = models.TextField(blank=True, db_collation="C")
    at = models.DateTimeField("corregido")
    #: Id of the list (roll.Import) that corrected it.
    list_id = models.BigIntegerField("lista", null=True)

    class Meta:
        verbose_name = "dato anterior"
        verbose_name_plural = "datos anteriores"
        constraints = [
            models.CheckConstraint(
                condition=Q(field__in=["curp", "nombre", "primer_apellido", "segundo_apellido", "fecha_nacimiento", "sexo",
                                       "entidad_nacimiento", "correo", "telefono", "matricula"]),
                name="formervalue_field_known",
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["student", "-at"], name="formervalue_of_student"),
            models.Index(OpClass("search", "text_pattern_ops"), condition=~Q(search=""), name="formervalue_begins"),
            GinIndex(fields=["search"], name="formervalue_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["list_id"], condition=Q(list_id__isnull=False), name="formervalue_of_list"),
        ]

    def __str__(self) -> str:
        return f"{self.get_field_display()} ({self.at:%d/%m/%Y})"
