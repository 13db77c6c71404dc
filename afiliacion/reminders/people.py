"""What the office knows of how to reach somebody: tutors, addresses that do not work, who wants no optional mail, revoked links."""

from __future__ import annotations

from django.db import models

from afiliacion.cases.models import Case
from students.models import Student


class Tutor(models.Model):
    """The mother, father or guardian of a student under age, and where to write to them."""

    student = models.OneToOneField(Student, models.CASCADE, primary_key=True, verbose_name="alumno", related_name="tutor")
    name = models.CharField("nombre", max_length=160)
    email = models.CharField("correo", max_length=254)

    class Meta:
        verbose_name = "madre, padre o tutor"
        verbose_name_plural = "madres, padres o tutores"

    def __str__(self) -> str:
        return self.name


class BadAddress(models.Model):
    """An address the mail refused for good: nothing more is sent there until somebody says it works."""

    address = models.CharField("correo", max_length=254, primary_key=True)
    since = models.DateTimeField("desde")
    words = models.TextField("lo que dijo el servidor")

    class Meta:
        verbose_name = "correo que no sirve"
        verbose_name_plural = "correos que no sirven"

    def __str__(self) -> str:
        return self.address


class OptOut(models.Model):
    """The student wants none of the mails one may do without; those with a duty or a deadline still come."""

    student = models.OneToOneField(Student, models.CASCADE, primary_key=True, verbose_name="alumno", related_name="+")
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "sin avisos opcionales"
        verbose_name_plural = "sin avisos opcionales"

    def __str__(self) -> str:
        return f"{self.pk}"


class PageKey(models.Model):
    """How often the links to the page of a case were revoked (links.py); without a row, never."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, verbose_name="expediente", related_name="page_key")
    generation = models.PositiveIntegerField("veces que se anularon sus enlaces", default=0)

    class Meta:
        verbose_name = "llave de la página del alumno"
        verbose_name_plural = "llaves de las páginas de los alumnos"

    def __str__(self) -> str:
        return f"{self.pk}: {self.generation}"
