"""The roots: what all histories said at the end of a day, sealed with a key that the database does not have."""

from __future__ import annotations

from django.db import models


class HistoryRoot(models.Model):
    """One day's root (afiliacion/cases/history/roots.py computes it). Append-only (trigger); a copy is kept outside the database."""

    date = models.DateField("fecha")
    at = models.DateTimeField("anotada")
    #: The last event it covers, by id, and of how many cases.
    last_event = models.BigIntegerField("último hecho")
    cases = models.PositiveIntegerField("expedientes")
    #: HMAC-SHA-256, hexadecimal.
    root = models.CharField("sello", max_length=64)

    class Meta:
        verbose_name = "sello de las historias"
        verbose_name_plural = "sellos de las historias"
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["date"], name="historyroot_once_a_date")]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.root[:16]}"
