"""What the screens themselves must remember: who read what, and lists between their preview and their confirmation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from afiliacion.cases.models import Case
from students.models import Ciclo, Plantel


class Disclosure(models.Model):
    """Somebody read a person's full data. Append-only (trigger)."""

    class What(models.TextChoices):
        NUMBERS = "numbers", "CURP y NSS completos"
        PAPER = "paper", "Documento del expediente"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién")
    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="disclosures")
    what = models.CharField("qué", max_length=10, choices=What)
    detail = models.CharField("detalle", max_length=64, blank=True)
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "lectura de datos"
        verbose_name_plural = "lecturas de datos"
        constraints = [models.CheckConstraint(condition=Q(what__in=["numbers", "paper"]), name="disclosure_what_known")]
        indexes = [models.Index(fields=["case", "-at"], name="disclosure_of_case")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} ({self.at:%d/%m/%Y %H:%M})"


class RollUpload(models.Model):
    """A list somebody brought. Its bytes wait on disk (uploads.py) until it is loaded or expires; this row stays."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién")
    plantel = models.ForeignKey(Plantel, models.PROTECT, verbose_name="plantel")
    ciclo = models.ForeignKey(Ciclo, models.PROTECT, verbose_name="ciclo")
    filename = models.CharField("archivo", max_length=160)
    sha256 = models.CharField(max_length=64)
    enrolled_on = models.DateField("fecha de inscripción para quien no la traiga", null=True, blank=True)
    uploaded_at = models.DateTimeField("subida")
    applied_at = models.DateTimeField("cargada", null=True)
    result = models.JSONField("resultado", default=dict)

    class Meta:
        verbose_name = "lista subida"
        verbose_name_plural = "listas subidas"
        indexes = [models.Index(fields=["plantel", "-uploaded_at"], name="rollupload_latest")]

    def __str__(self) -> str:
        return f"{self.filename} ({self.uploaded_at:%d/%m/%Y %H:%M})"
