"""Where students study, who works there, and when: planteles with their registros patronales, calendars, ciclos."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from students.registro_patronal import with_dashes
from students.zones import Zone, day_at


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
    subdelegacion = models.CharField("subdelegación", max_length=120, blank=True)
    umf = models.CharField("UMF habitual", max_length=60, blank=True)
    contact_name = models.CharField("responsable", max_length=160, blank=True)
    contact_email = models.EmailField("correo del responsable", blank=True)
    contact_phone = models.CharField("teléfono", max_length=40, blank=True)
    address = models.CharField("domicilio", max_length=240, blank=True)
    office_hours = models.CharField("horario de ventanilla", max_length=160, blank=True)
    calendar = models.ForeignKey(Calendar, models.PROTECT, null=True, blank=True, verbose_name="calendario")
    zone = models.CharField("huso horario (vacío: el de la oficina)", max_length=40, choices=Zone, blank=True)

    class Meta:
        verbose_name = "plantel"
        verbose_name_plural = "planteles"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["clave"], name="plantel_clave_once")]

    def __str__(self) -> str:
        return self.name

    def registros_told(self) -> str:
        """Its registros patronales in one line, each with its first day if it has one. Of many planteles: prefetch `registros` first."""
        return " · ".join(row.told for row in self.registros.all())

    def day(self, moment: dt.datetime) -> dt.date:
        """The date at this plantel at an aware moment: by it the facts of its cases are dated."""
        return day_at(self.zone, moment)


class RegistroPatronal(models.Model):
    """A plantel's number as employer at IMSS, in force from `valid_from` (None: always) until a later one of the plantel begins.

    Several planteles may share one. Read by date through `students.registros`; stored as a plain value (students/registro_patronal.py).
    """

    plantel = models.ForeignKey(Plantel, models.CASCADE, verbose_name="plantel", related_name="registros", db_index=False)
    registro = models.CharField("registro patronal", max_length=16)
    valid_from = models.DateField("rige desde", null=True, blank=True)
    #: What was noted before was not sent under it. None: unknown, so it may have been.
    added_at = models.DateTimeField("agregado", null=True, editable=False, db_default=Now())

    class Meta:
        verbose_name = "registro patronal"
        verbose_name_plural = "registros patronales"
        ordering = ["plantel__name", "plantel_id", models.F("valid_from").asc(nulls_first=True)]
        constraints = [
            # Whose plantel comes first: so it also finds the registros of a plantel.
            models.UniqueConstraint(
                fields=["plantel", "valid_from"], nulls_distinct=False, name="registropatronal_once_a_date",
                violation_error_message="Ese plantel ya tiene un registro patronal que rige desde ese día: corrija ese o escriba otro día.",
            ),
            models.CheckConstraint(condition=Q(registro__regex=r"^[A-Z0-9]+$"), name="registropatronal_plain"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_registro_display()} de {self.plantel}, desde {self.get_valid_from_display()}"

    @property
    def told(self) -> str:
        """The registro and from when on: «A01-12345-32-1» or «A01-12345-32-1 desde 01/09/2026»."""
        return f"{self.get_registro_display()} desde {self.valid_from:%d/%m/%Y}" if self.valid_from else self.get_registro_display()

    def get_registro_display(self) -> str:
        return with_dashes(self.registro)

    def get_valid_from_display(self) -> str:
        return f"{self.valid_from:%d/%m/%Y}" if self.valid_from else "siempre"


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
        # Of those that begin on one day, always the same comes first.
        ordering = ["-starts_on", "clave"]
        constraints = [
            models.UniqueConstraint(fields=["clave"], name="ciclo_clave_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=models.F("starts_on")), name="ciclo_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.clave
