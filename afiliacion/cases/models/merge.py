"""Two records that turned out to be one person: which one goes on, and what must be known to take them apart again."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from students.models import Student


class Merge(models.Model):
    """One merge of two records. `moved` holds ids and dates only: what was on record of the person is in students.FormerValue."""

    kept = models.ForeignKey(Student, models.PROTECT, verbose_name="registro que sigue", related_name="+")
    merged = models.ForeignKey(Student, models.PROTECT, verbose_name="registro que se unió", related_name="+", db_index=False)
    at = models.DateTimeField("cuándo")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién", related_name="+", db_index=False)
    actor_name = models.CharField("quién", max_length=160)
    moved = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    #: Both had the same cover, one of which was ended: that is not taken back.
    joined_covers = models.BooleanField(default=False)
    undone_at = models.DateTimeField("deshecha", null=True)

    class Meta:
        verbose_name = "unión de registros"
        verbose_name_plural = "uniones de registros"
        constraints = [models.UniqueConstraint(fields=["merged"], condition=models.Q(undone_at=None), name="merge_once")]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.kept_id}"
