"""The ledger of nights: one row a business date, whoever and whatever starts it."""

from __future__ import annotations

from django.db import models


class NightRun(models.Model):
    """What the night of a date did. The UNIQUE date is the lock: two beats and a cron make one night."""

    class Status(models.TextChoices):
        RUNNING = "running", "En curso"
        DONE = "done", "Terminada"
        FAILED = "failed", "Terminada con errores"

    date = models.DateField("fecha")
    status = models.CharField("estado", max_length=10, choices=Status, default=Status.RUNNING)
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
