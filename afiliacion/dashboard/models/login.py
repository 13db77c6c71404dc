"""Failed logins."""

from __future__ import annotations

from django.db import models


class LoginTally(models.Model):
    """Failed logins in a row, by a key that names no person (entrance.py); a success takes the row away."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField()
    wait_until = models.DateTimeField()

    class Meta:
        verbose_name = "entradas fallidas"
        verbose_name_plural = "entradas fallidas"

    def __str__(self) -> str:
        return f"{self.failures} hasta {self.wait_until:%d/%m/%Y %H:%M}"
