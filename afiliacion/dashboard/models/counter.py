"""What was received at the counter."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from afiliacion.cases.models import Case


class CounterReceipt(models.Model):
    """What an officer took at the counter in one go. `key` is the browser's own: however often it is sent, it is taken once."""

    key = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="counter_receipts")
    papers = models.JSONField("documentos", default=list)
    nss = models.BooleanField("con NSS", default=False)
    acuse = models.BooleanField("completó la entrega del acuse", default=False)
    #: The case's version when this was done: only what nothing has built upon can be undone.
    version = models.PositiveIntegerField()
    at = models.DateTimeField("cuándo")
    undone_at = models.DateTimeField("deshecho", null=True)

    class Meta:
        verbose_name = "recepción en ventanilla"
        verbose_name_plural = "recepciones en ventanilla"
        constraints = [models.UniqueConstraint(fields=["key"], name="counterreceipt_key_once")]
        indexes = [models.Index(fields=["user", "-at"], name="counterreceipt_of_user")]

    def __str__(self) -> str:
        return f"{self.case.folio} ({self.at:%d/%m/%Y %H:%M})"
