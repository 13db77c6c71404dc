"""How the lotes of a registro patronal are written, who signs them, and the claves under which its movements go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models

from afiliacion.lotes.line.fields import WAGE_TYPES, WORKER_TYPES, WORKING_WEEKS
from afiliacion.lotes.profile import Profile, ProfileError, from_row, shipped
from students.models import Student
from students.registro_patronal import with_dashes

#: How a lote is written where a registro patronal has no row of its own.
DEFAULT: Final[Mapping[str, Any]] = asdict(shipped()["portal"])


def _choices(codes: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, f"{code} {label}") for code, label in codes.items()]


class RegistroProfile(models.Model):
    """How the lotes of one registro patronal are written (afiliacion/lotes/profile.py), and who signs them."""

    registro = models.CharField("registro patronal", max_length=16)
    signer = models.CharField("quién tiene la e.firma", max_length=160, blank=True)
    signature_until = models.DateField("vence la e.firma", null=True, blank=True)
    umf = models.CharField("UMF (3 dígitos; vacío: en blanco)", max_length=3, blank=True, default=DEFAULT["umf"])
    guia = models.CharField("guía (5 dígitos; vacío: en blanco)", max_length=5, blank=True, default=DEFAULT["guia"])
    alphabet = models.CharField(
        "alfabeto", max_length=6, choices=[("ascii", "ASCII: Ñ como N"), ("cp1252", "Windows: con Ñ")], default=str(DEFAULT["alphabet"])
    )
    keeps_accents = models.BooleanField("con acentos", default=DEFAULT["keeps_accents"])
    signs = models.CharField("signos que llevan los nombres", max_length=7, blank=True, default=DEFAULT["signs"])
    missing_surname = models.CharField("quien no tiene segundo apellido (vacío o X)", max_length=1, blank=True, default="")
    long_names = models.CharField(
        "nombres de más de 27 letras", max_length=6, choices=[("cut", "Se cortan"), ("refuse", "No se envían")],
        default=str(DEFAULT["long_names"]),
    )  # fmt: skip
    line_end = models.CharField(
        "fin de línea", max_length=4, choices=[("CRLF", "Windows"), ("LF", "Unix")], default=str(DEFAULT["line_end"])
    )
    trailer = models.BooleanField("con línea de totales al final", default=DEFAULT["trailer"])
    filler = models.CharField("relleno de 110 a 115", max_length=1, choices=[(" ", "Blancos"), ("0", "Ceros")], default=DEFAULT["filler"])
    salario = models.PositiveIntegerField("salario base en centavos", default=DEFAULT["salario"])
    tipo_trabajador = models.CharField(
        "tipo de trabajador", max_length=1, choices=_choices(WORKER_TYPES), default=DEFAULT["tipo_trabajador"]
    )
    tipo_salario = models.CharField("tipo de salario", max_length=1, choices=_choices(WAGE_TYPES), default=DEFAULT["tipo_salario"])
    jornada = models.CharField("jornada", max_length=1, choices=_choices(WORKING_WEEKS), default=DEFAULT["jornada"])
    date_rule = models.CharField(
        "fecha del movimiento", max_length=12,
        choices=[("envio", "El día en que se hace el lote"), ("inscripcion", "La inscripción"), ("ciclo", "El inicio del ciclo")],
        default=str(DEFAULT["date_rule"]),
    )  # fmt: skip
    most = models.PositiveIntegerField("movimientos por lote, a lo más", default=DEFAULT["most"])

    class Meta:
        verbose_name = "envío por lotes"
        verbose_name_plural = "envío por lotes"
        ordering = ["registro"]
        constraints = [models.UniqueConstraint(fields=["registro"], name="registroprofile_once")]

    def __str__(self) -> str:
        return with_dashes(self.registro)

    def clean(self) -> None:
        try:
            self.profile()
        except ProfileError as error:
            raise ValidationError({error.item: str(error)}) from error

    def profile(self) -> Profile:
        """As the writer of lotes takes it. Raises ProfileError."""
        names = {each.name for each in fields(Profile)} - {"key", "label"}
        return from_row({name: getattr(self, name) for name in names} | {"key": self.registro, "label": str(self)})


class LoteKey(models.Model):
    """The clave under which IMSS gives back what became of a person's movements: one a person and registro patronal, whatever is sent."""

    registro = models.CharField(max_length=16)
    student = models.ForeignKey(Student, models.CASCADE, related_name="+")
    clave = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registro", "clave"], name="lotekey_clave_once"),
            models.UniqueConstraint(fields=["registro", "student"], name="lotekey_student_once"),
        ]

    def __str__(self) -> str:
        return self.clave
