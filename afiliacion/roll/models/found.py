"""What the check of an import found, row by row: the preview reads it, the application reads nothing else.

Rows are found by (job, line), so a page of them starts after the last line shown: `job.rows.filter(line__gt=…)[:50]`.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from afiliacion.cases.models import Case
from afiliacion.roll.models.job import Import


class RowKind(models.TextChoices):
    """What a row means for the registry as the check found it."""

    NEW = "new", "Nuevo"
    CHANGED = "changed", "Cambia"
    UNCHANGED = "unchanged", "Sin cambios"
    INVALID = "invalid", "Con error"
    ASKED = "asked", "Por aclarar"
    REPEATED = "repeated", "Repetido"
    NO_CURP = "no_curp", "Sin CURP"


class PersonAnswer(models.TextChoices):
    """Whose an ASKED row is."""

    SAME = "same", "Es la misma persona: corregir su CURP"
    OTHER = "other", "Es otra persona"


def _scratch(related_name: str) -> Any:
    """To the import; without a constraint of the database, which would cost more than the row: rows go with their job (staging.forget)."""
    return models.ForeignKey(Import, models.CASCADE, related_name=related_name, db_constraint=False, db_index=False)


class Row(models.Model):
    """One row of the file, parsed. Columns are those of columns.COLUMNS, then what the CURP says and the name's keys."""

    pk = models.CompositePrimaryKey("job_id", "line")
    job = _scratch("rows")
    line = models.PositiveIntegerField("fila")
    kind = models.CharField("qué es", max_length=10, choices=RowKind)
    #: The person was in the registry already.
    known = models.BooleanField(default=False)
    #: Of an ASKED row the person (id) it may be, under another CURP, and what the officer said: the same, another one, or nothing yet.
    twin_id = models.BigIntegerField(null=True)
    answer = models.CharField(max_length=5, choices=PersonAnswer, default="", blank=True)
    #: Applying the import has something to do for this row.
    to_do = models.BooleanField(default=False)
    curp_key = models.TextField()
    matricula = models.TextField(null=True)  # noqa: DJ001 - NULL: the file does not say
    curp = models.TextField(null=True)  # noqa: DJ001 - likewise, here and below
    nombre = models.TextField(null=True)  # noqa: DJ001
    primer_apellido = models.TextField(null=True)  # noqa: DJ001
    segundo_apellido = models.TextField(null=True)  # noqa: DJ001
    fecha_nacimiento = models.DateField(null=True)
    sexo = models.TextField(null=True)  # noqa: DJ001
    entidad_nacimiento = models.TextField(null=True)  # noqa: DJ001
    correo = models.TextField(null=True)  # noqa: DJ001
    telefono = models.TextField(null=True)  # noqa: DJ001
    nss = models.TextField(null=True)  # noqa: DJ001
    grupo = models.TextField(null=True)  # noqa: DJ001
    fecha_inscripcion = models.DateField(null=True)
    estatus = models.TextField(null=True)  # noqa: DJ001
    curp_nacimiento = models.DateField(null=True)
    curp_sexo = models.TextField(null=True)  # noqa: DJ001
    curp_entidad = models.TextField(null=True)  # noqa: DJ001
    #: Why the row has no CURP (WithoutCurp.Why); empty: it has, or should have, one.
    without_curp = models.TextField(default="", db_default="", blank=True)
    name_order = models.TextField(db_collation="C")
    name_search = models.TextField()

    class Meta:
        verbose_name = "fila de lista"
        verbose_name_plural = "filas de lista"
        constraints = [
            models.UniqueConstraint(fields=["job", "twin_id"], condition=models.Q(answer="same"), name="row_person_once"),
            models.CheckConstraint(condition=models.Q(answer__in=["", "same", "other"]), name="row_answer_known"),
        ]
        indexes = [models.Index(fields=["job", "kind", "line"], name="row_by_kind")]

    def __str__(self) -> str:
        return f"fila {self.line}"


class Severity(models.TextChoices):
    ERROR = "error", "Error"
    WARNING = "warning", "Aviso"
    #: Found while applying: the registry had changed since the check, or the case did not allow the step.
    REFUSED = "refused", "No se cargó"
    SKIPPED = "skipped", "Paso que el expediente no permitió"


class Finding(models.Model):
    """One remark on one row, as findings.Finding has it."""

    job = _scratch("findings")
    severity = models.CharField("clase", max_length=8, choices=Severity)
    line = models.PositiveIntegerField("fila")
    column = models.CharField("columna", max_length=30, blank=True)
    value = models.TextField("valor", blank=True)
    reason = models.TextField("motivo")

    class Meta:
        verbose_name = "observación"
        verbose_name_plural = "observaciones"
        ordering = ["line", "column", "pk"]
        indexes = [models.Index(fields=["job", "severity", "line"], name="finding_of_job")]

    def __str__(self) -> str:
        return f"fila {self.line}: {self.reason}"


class Change(models.Model):
    """One field of a known person or enrolment that the list brings otherwise. `kept`: asked of others, not written."""

    job = _scratch("changes")
    line = models.PositiveIntegerField("fila")
    column = models.CharField("columna", max_length=30)
    old = models.TextField("antes", null=True)  # noqa: DJ001 - NULL: there was none
    new = models.TextField("después")
    kept = models.BooleanField(default=False)

    class Meta:
        verbose_name = "cambio"
        verbose_name_plural = "cambios"
        ordering = ["line", "column"]
        indexes = [models.Index(fields=["job", "line"], name="change_of_job")]

    def __str__(self) -> str:
        return f"fila {self.line}: {self.column}"


class Absent(models.Model):
    """A student of the plantel whom the list does not name: enrolled in its ciclo, or with an open case of one before that is over.

    Nothing is done to them (not_returning.py says what can be).
    """

    job = _scratch("absent")
    position = models.PositiveIntegerField()
    matricula = models.CharField("matrícula", max_length=30)
    name = models.TextField("nombre")
    #: Of a ciclo before: its clave, and the case that was open.
    before = models.CharField("ciclo", max_length=20, blank=True)
    case = models.ForeignKey(Case, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False)

    class Meta:
        verbose_name = "ausente de la lista"
        verbose_name_plural = "ausentes de la lista"
        ordering = ["position"]
        indexes = [models.Index(fields=["job", "position"], name="absent_of_job")]

    def __str__(self) -> str:
        return f"{self.matricula} {self.name}"
