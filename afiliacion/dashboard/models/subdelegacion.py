"""Visits to a subdelegación and what was answered about each case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from afiliacion.cases.models import Case


class DeskVisit(models.Model):
    """One going to a subdelegación: who, when, with which oficio, and what was brought back for each student."""

    subdelegacion = models.CharField("subdelegación", max_length=120, blank=True)
    day = models.DateField("día en que se acude")
    officer = models.CharField("quién acude", max_length=160)
    number = models.CharField("número de oficio", max_length=60, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién la preparó")
    created_at = models.DateTimeField("preparada")
    filed_on = models.DateField("presentado", null=True)
    folio = models.CharField("folio o sello que dieron", max_length=60, blank=True)

    class Meta:
        verbose_name = "salida a la subdelegación"
        verbose_name_plural = "salidas a la subdelegación"
        ordering = ["-day", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(folio="") | Q(filed_on__isnull=False), name="deskvisit_folio_when_filed")]

    def __str__(self) -> str:
        return f"{self.subdelegacion or 'Subdelegación'} ({self.day:%d/%m/%Y})"


class DeskErrand(models.Model):
    """One case on a visit. Open while `result` is empty: a case is on one visit at a time.

    Only DROPPED is written by the room; every other result is what the case's history says, written with the event by a trigger
    (sql/desk_errands.sql), whichever way the answer came in.
    """

    class Result(models.TextChoices):
        SOLVED = "solved", "Resuelto: el trámite sigue"
        RESEND = "resend", "Hay que volver a enviar el alta"
        AGAIN = "again", "Faltó algo: hay que volver a ir"
        DROPPED = "dropped", "No se llevó"
        MOVED = "moved", "Dejó de estar en la subdelegación por otro motivo"

    visit = models.ForeignKey(DeskVisit, models.PROTECT, related_name="errands", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="desk_errands")
    result = models.CharField("resultado", max_length=10, choices=Result, blank=True)
    #: Of answers from before they were steps of the case; since then the event has what was said.
    note = models.CharField("qué respondieron", max_length=500, blank=True)
    answered_on = models.DateField("respondieron el", null=True)
    #: The event of the case (its seq) that is the answer.
    answer_seq = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = "caso en una salida"
        verbose_name_plural = "casos en salidas"
        constraints = [
            models.UniqueConstraint(fields=["visit", "case"], name="deskerrand_once_a_visit"),
            models.UniqueConstraint(fields=["case"], condition=Q(result=""), name="deskerrand_one_open_visit_a_case"),
            models.CheckConstraint(
                condition=Q(result__in=["", "solved", "resend", "again", "dropped", "moved"]), name="deskerrand_result_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.get_result_display() or 'sin respuesta'}"
