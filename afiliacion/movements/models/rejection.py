"""What a code of a rejected movement means: the catalogue is not public, so the office fills it in as codes come (docs/domain.md, 7.3)."""

from __future__ import annotations

from django.db import models


class RejectionCode(models.Model):
    """One code, told once and valid for all: its family (movements/defaults/rejection_families.toml) and what it means here."""

    code = models.CharField("código", max_length=60)
    family = models.CharField("de qué clase es", max_length=24)
    meaning = models.CharField("qué significa", max_length=240, blank=True)

    class Meta:
        verbose_name = "código de rechazo"
        verbose_name_plural = "códigos de rechazo"
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="rejectioncode_once")]

    def __str__(self) -> str:
        return self.code
