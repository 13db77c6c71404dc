"""What the page must remember: how often addresses and cases were tried."""

from __future__ import annotations

from django.db import models


class Tries(models.Model):
    """How often something was tried since `since`, by a key that says nothing of who tried. Old rows mean nothing."""

    key = models.CharField(max_length=64)
    since = models.DateTimeField()
    n = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "intentos"
        verbose_name_plural = "intentos"
        constraints = [models.UniqueConstraint(fields=["key"], name="tries_once_per_key")]

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.n}"
