"""Who read or exported personal data."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from afiliacion.cases.models import Case


class Disclosure(models.Model):
    """A reading of a person's full data. Append-only (trigger)."""

    class What(models.TextChoices):
        NUMBERS = "numbers", "CURP y NSS completos"
        PAPER = "paper", "Documento del expediente"
        LINK = "link", "Documento con la liga personal del alumno"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién")
    #: None: a document whose student is not known yet; `detail` has its hash.
    case = models.ForeignKey(Case, models.PROTECT, null=True, verbose_name="expediente", related_name="disclosures")
    what = models.CharField("qué", max_length=10, choices=What)
    detail = models.CharField("detalle", max_length=64, blank=True)
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "lectura de datos"
        verbose_name_plural = "lecturas de datos"
        constraints = [
            models.CheckConstraint(condition=Q(what__in=["numbers", "paper", "link"]), name="disclosure_what_known"),
            models.CheckConstraint(condition=Q(case__isnull=False) | (Q(what="paper") & ~Q(detail="")), name="disclosure_of_something"),
        ]
        indexes = [models.Index(fields=["case", "-at"], name="disclosure_of_case")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} ({self.at:%d/%m/%Y %H:%M})"


class ListExport(models.Model):
    """A download of a list as a file. Append-only (trigger)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién", related_name="+")
    at = models.DateTimeField("cuándo")
    what = models.CharField("qué", max_length=40)
    query = models.CharField("filtros", max_length=400, blank=True)

    class Meta:
        verbose_name = "lista descargada"
        verbose_name_plural = "listas descargadas"

    def __str__(self) -> str:
        return f"{self.what} ({self.at:%d/%m/%Y %H:%M})"
