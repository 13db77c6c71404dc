"""Failures of background jobs that were seen."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class JobSeen(models.Model):
    """A failure of a background job that was acknowledged. `ref` names that failure: the same job failing again is another."""

    source = models.CharField("clase de trabajo", max_length=20)
    ref = models.CharField("cuál", max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién")
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "trabajo visto"
        verbose_name_plural = "trabajos vistos"
        constraints = [models.UniqueConstraint(fields=["source", "ref"], name="jobseen_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.ref}"
