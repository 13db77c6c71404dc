"""What the office needs to be compared with IMSS: lists of who IMSS says is insured, and what was done about who is unknown here."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q

from afiliacion.movements.models import AnswerRow
from students.registro_patronal import with_dashes


class InsuredList(models.Model):
    """Who IMSS says is insured under a registro patronal on a day, as a person brought it. Nothing is applied by it.

    One a registro stands; its rows go when it ends: discarded, or replaced by a later one. Who brought it and when stays.
    """

    class End(models.TextChoices):
        REPLACED = "reemplazada", "Reemplazada por otra"
        DISCARDED = "descartada", "Descartada"

    registro = models.CharField("registro patronal", max_length=16)
    on = models.DateField("fecha de la lista")
    filename = models.CharField("archivo", max_length=160)
    sha256 = models.CharField("huella", max_length=64)
    count = models.PositiveIntegerField("asegurados")
    #: What was put right in reading it: rows said twice, an NSS that had lost its zero.
    notes = models.JSONField("lo que se corrigió al leerla", default=list)
    brought_at = models.DateTimeField("traída")
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    brought_name = models.CharField("quién la trajo", max_length=160)
    ended = models.CharField("cómo terminó", max_length=12, choices=End, blank=True)
    ended_at = models.DateTimeField("terminó", null=True)
    ended_name = models.CharField("quién la quitó", max_length=160, blank=True)

    class Meta:
        verbose_name = "lista de asegurados"
        verbose_name_plural = "listas de asegurados"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["registro"], condition=Q(ended=""), name="insuredlist_one_standing"),
            models.CheckConstraint(condition=Q(ended="") ^ Q(ended_at__isnull=False), name="insuredlist_ended_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{with_dashes(self.registro)}, al {self.on:%d/%m/%Y}"


class InsuredRow(models.Model):
    """A person whom a standing list names."""

    list = models.ForeignKey(InsuredList, models.CASCADE, related_name="rows", db_index=False)
    nss = models.CharField("NSS", max_length=11)
    line = models.PositiveIntegerField("fila")
    curp = models.CharField("CURP", max_length=18, blank=True)
    name = models.CharField("nombre", max_length=160, blank=True)
    since = models.DateField("desde", null=True)

    class Meta:
        verbose_name = "asegurado de una lista"
        verbose_name_plural = "asegurados de una lista"
        constraints = [models.UniqueConstraint(fields=["list", "nss"], name="insuredrow_once")]

    def __str__(self) -> str:
        return f"fila {self.line}"


class Attended(models.Model):
    """That a person saw to a movement IMSS operated and no lote of the office has: it is no difference any more."""

    #: What may have been done about one.
    LONGEST: Final = 240

    row = models.OneToOneField(AnswerRow, models.CASCADE, related_name="attended")
    reason = models.CharField("qué se hizo", max_length=LONGEST)
    at = models.DateTimeField("cuándo")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    name = models.CharField("quién", max_length=160)

    class Meta:
        verbose_name = "movimiento ajeno atendido"
        verbose_name_plural = "movimientos ajenos atendidos"

    def __str__(self) -> str:
        return self.reason
