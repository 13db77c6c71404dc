"""How students are reached: tutors, addresses that do not work, who wants no optional mail, revoked links."""

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
    """An address refused for good: nothing more is sent there until an officer says it works."""

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


class AddressChange(models.Model):
    """The e-mail of a student or tutor changed, in whatever way: a trigger writes the row (sql/address_changes.sql). Holds no address."""

    class Owner(models.TextChoices):
        STUDENT = "student", "Alumno"
        TUTOR = "tutor", "Tutor"

    student = models.ForeignKey(Student, models.CASCADE, verbose_name="alumno", related_name="+", db_index=False)
    whose = models.CharField("de quién", max_length=7, choices=Owner)
    at = models.DateTimeField("cuándo")
    #: It was changed by the student's link, and there was no old address that could be told.
    untold = models.BooleanField("sin aviso al anterior", default=False)

    class Meta:
        verbose_name = "cambio de correo"
        verbose_name_plural = "cambios de correo"
        indexes = [models.Index(fields=["student", "whose", "-at"], name="addresschange_latest")]

    def __str__(self) -> str:
        return f"{self.get_whose_display()}, {self.at:%d/%m/%Y %H:%M}"


class OneTimeCode(models.Model):
    """A code sent by mail to confirm an act through the student's link. Its digits are kept nowhere (letters/codes.py)."""

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="expediente", related_name="+", db_index=False)
    act = models.CharField("para qué", max_length=20)
    mail = models.OneToOneField("reminders.Reminder", models.CASCADE, verbose_name="correo", related_name="code")
    expires_at = models.DateTimeField("caduca")
    tries = models.PositiveSmallIntegerField("intentos", default=0)
    used_at = models.DateTimeField("usado", null=True)

    class Meta:
        verbose_name = "código de un solo uso"
        verbose_name_plural = "códigos de un solo uso"
        indexes = [models.Index(fields=["case", "act", "-expires_at"], name="onetimecode_of_case")]

    def __str__(self) -> str:
        return f"{self.act} ({self.case_id})"


class PageKey(models.Model):
    """How often the links to the page of a case were revoked (links.py); without a row, never."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, verbose_name="expediente", related_name="page_key")
    generation = models.PositiveIntegerField("veces que se anularon sus enlaces", default=0)

    class Meta:
        verbose_name = "llave de la página del alumno"
        verbose_name_plural = "llaves de las páginas de los alumnos"

    def __str__(self) -> str:
        return f"{self.pk}: {self.generation}"
