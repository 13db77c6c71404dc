"""The nights, one row a business date, and the times in which no mail went out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class NightRun(models.Model):
    """What the night of a date did. The UNIQUE date is the lock: two beats and a cron make one night."""

    class Status(models.TextChoices):
        RUNNING = "running", "En curso"
        DONE = "done", "Terminada"
        FAILED = "failed", "Terminada con errores"

    date = models.DateField("fecha")
    status = models.CharField("estado", max_length=10, choices=Status, default=Status.RUNNING)
    #: Grows with every run: the fencing token of the process that runs it.
    attempts = models.PositiveSmallIntegerField("intentos", default=0)
    lease_until = models.DateTimeField("apartada hasta", null=True)
    started_at = models.DateTimeField("inicio", null=True)
    finished_at = models.DateTimeField("fin", null=True)
    #: A list of {"step", "said": [Spanish lines], "error"}: what each step did, ready for a screen.
    report = models.JSONField("informe", default=list)

    class Meta:
        verbose_name = "noche"
        verbose_name_plural = "noches"
        ordering = ["-date"]
        constraints = [models.UniqueConstraint(fields=["date"], name="nightrun_once_a_date")]

    def __str__(self) -> str:
        return f"Noche del {self.date:%d/%m/%Y}"


class MailOutage(models.Model):
    """A period in which no mail went out although several were tried; shown to coordination while `until` is empty."""

    since = models.DateTimeField("desde")
    until = models.DateTimeField("hasta", null=True, blank=True)
    reason = models.CharField("qué pasó", max_length=500)

    class Meta:
        verbose_name = "interrupción del correo"
        verbose_name_plural = "interrupciones del correo"
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(fields=["until"], condition=Q(until=None), nulls_distinct=False, name="mailoutage_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.since:%d/%m/%Y %H:%M}: {self.reason}"
