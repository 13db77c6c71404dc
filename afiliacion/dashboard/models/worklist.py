"""Saved views and actions on many cases."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from students.models import Plantel


class SavedView(models.Model):
    """A list kept by name with its columns: its owner's, or shared with a plantel. Without a name: how the owner's lists look."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="de quién", related_name="views", db_index=False)
    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, blank=True, verbose_name="compartida con", related_name="views")
    name = models.CharField("nombre", max_length=60, blank=True)
    query = models.CharField("filtros", max_length=400, blank=True)
    columns = ArrayField(models.CharField(max_length=20), default=list, verbose_name="columnas")

    class Meta:
        verbose_name = "vista guardada"
        verbose_name_plural = "vistas guardadas"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="savedview_name_once")]

    def __str__(self) -> str:
        return self.name


class BulkRun(models.Model):
    """What one action on many did, case by case, for its owner; and whether it was undone."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="quién", related_name="+", db_index=False)
    at = models.DateTimeField("cuándo")
    action = models.CharField("acción", max_length=40)
    query = models.CharField("lista", max_length=400, blank=True)
    #: done, repeated: ids; skipped: id -> why.
    result = models.JSONField()
    undone_at = models.DateTimeField("deshecha", null=True)

    class Meta:
        verbose_name = "acción en bloque"
        verbose_name_plural = "acciones en bloque"
        indexes = [models.Index(fields=["owner", "-at"], name="bulkrun_of_owner")]

    def __str__(self) -> str:
        return f"{self.action} ({self.at:%d/%m/%Y %H:%M})"
