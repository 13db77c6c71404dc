"""Changes of the settings."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SettingChange(models.Model):
    """A change of a setting: which, from what, to what. Append-only (trigger)."""

    at = models.DateTimeField("cuándo")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién")
    user_name = models.CharField("quién", max_length=160)
    section = models.CharField("ajuste", max_length=30)
    what = models.CharField("qué", max_length=240)
    #: Field label -> value as people read it; empty before an addition, after a removal.
    before = models.JSONField("antes", default=dict)
    after = models.JSONField("después", default=dict)

    class Meta:
        verbose_name = "cambio de ajustes"
        verbose_name_plural = "cambios de ajustes"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["section", "-id"], name="settingchange_of_section")]

    def __str__(self) -> str:
        return f"{self.what} ({self.at:%d/%m/%Y %H:%M})"
