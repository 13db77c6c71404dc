"""What IMSS is asked or sent about each case, and its answers as received."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from afiliacion.cases.models import Case
from afiliacion.insurance.models import Cover


class Errand(models.Model):
    """One question or movement for IMSS about one case. The row is the job: a worker that finds it due claims it (queue/claims.py)."""

    class Kind(models.TextChoices):
        LOCATE_NSS = "locate_nss", "Localizar el NSS"
        CHECK_VIGENCIA = "check_vigencia", "Consultar la vigencia"
        SEND_ALTA = "send_alta", "Enviar el alta"
        SEND_BAJA = "send_baja", "Enviar la baja"

    class Status(models.TextChoices):
        OPEN = "open", "En curso"
        PARKED = "parked", "Espera a una persona"
        DONE = "done", "Terminado"

    class Result(models.TextChoices):
        OPERATED = "operado", "Operado"
        REJECTED = "rechazado", "Rechazado"

    MOVEMENTS: Final = (Kind.SEND_ALTA, Kind.SEND_BAJA)
    UNFINISHED: Final = (Status.OPEN, Status.PARKED)

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="errands")
    kind = models.CharField("gestión", max_length=20, choices=Kind)
    # The idempotency key of a movement: chosen once, the same for every retry.
    key = models.UUIDField()
    status = models.CharField("situación", max_length=10, choices=Status, default=Status.OPEN)
    requested_on = models.DateField("pedido el")
    requested_at = models.DateTimeField("pedido")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    requested_name = models.CharField("pedido por", max_length=160)

    # Due from this date on, not before this moment, and not while a worker holds the lease. Moments are the database's clock.
    next_on = models.DateField("se pregunta el")
    next_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    #: The WorkerShare that claimed it; meaningless without a lease.
    holder = models.BigIntegerField(null=True)
    #: Grows with every claim: the fencing token. An answer is applied only if it belongs to the current attempt.
    attempt = models.PositiveIntegerField(default=0)
    #: Consecutive attempts without an answer, and those of them that were not caused by an outage of IMSS as a whole.
    misses = models.PositiveSmallIntegerField(default=0)
    strikes = models.PositiveSmallIntegerField(default=0)
    #: IMSS may have received the movement without the office knowing: it is looked up before it may be sent again.
    in_doubt = models.BooleanField(default=False)

    # What a movement is about: an alta of this NSS under this registro patronal, or the baja of this cover, which has its own.
    nss = models.CharField("NSS", max_length=11, blank=True, db_default="")
    registro = models.CharField("registro patronal", max_length=16, blank=True, db_default="")
    cover = models.ForeignKey(Cover, models.PROTECT, null=True, verbose_name="aseguramiento", related_name="+", db_index=False)
    movement = models.JSONField("movimiento, como se envía", null=True)
    lote = models.CharField("lote", max_length=40, blank=True)
    recibo = models.CharField("recibo", max_length=80, blank=True)
    received_on = models.DateField("recibido por el IMSS", null=True)
    #: What IMSS made of a movement that it received, what it said of it, and the name its register has for the NSS; "" until it says.
    result = models.CharField("resultado", max_length=10, choices=Result, blank=True, db_default="")
    resolved_on = models.DateField("resuelto", null=True)
    result_text = models.TextField("lo que dijo el IMSS", blank=True, db_default="")
    register_name = models.CharField("nombre en el IMSS", max_length=120, blank=True, db_default="")

    code = models.CharField("código", max_length=60, blank=True)
    message = models.TextField("lo último que se supo", blank=True)
    last_result_at = models.DateTimeField("cuándo se supo", null=True)

    class Meta:
        verbose_name = "gestión ante el IMSS"
        verbose_name_plural = "gestiones ante el IMSS"
        constraints = [
            models.UniqueConstraint(fields=["key"], name="errand_key_once"),
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(status__in=["open", "parked"]), name="errand_one_unfinished_per_case_and_kind"
            ),
            models.UniqueConstraint(
                fields=["kind", "nss", "registro"],
                condition=Q(status__in=["open", "parked"]) & ~Q(nss=""),
                name="errand_one_unfinished_movement",
            ),
            models.CheckConstraint(condition=Q(status__in=["open", "parked", "done"]), name="errand_status_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["locate_nss", "check_vigencia", "send_alta", "send_baja"]), name="errand_kind_known"
            ),
            models.CheckConstraint(condition=Q(received_on=None) | Q(movement__isnull=False), name="errand_received_what_was_sent"),
            models.CheckConstraint(condition=Q(result__in=["", "operado", "rechazado"]), name="errand_result_known"),
            models.CheckConstraint(condition=Q(result="") | Q(received_on__isnull=False), name="errand_resolved_what_was_received"),
        ]
        indexes = [
            # What is due is found without looking at what is not, however many rows the years have left.
            models.Index(fields=["next_on", "next_at"], name="errand_due", condition=Q(status="open")),
            models.Index(fields=["case", "kind"], name="errand_parked", condition=Q(status="parked")),
            # What a crashed worker had claimed.
            models.Index(fields=["holder"], name="errand_in_hand", condition=Q(lease_until__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_status_display()}"


class Answer(models.Model):
    """IMSS' answer to one attempt, as received. Personal data: never in a log."""

    class Verdict(models.TextChoices):
        APPLIED = "applied", "Aplicada"
        REFUSED = "refused", "Negativa"
        QUARANTINED = "quarantined", "En cuarentena: no es de esta persona"
        UNREADABLE = "unreadable", "No se pudo leer"
        LATE = "late", "Llegó tarde: no se aplicó"

    KEPT_BYTES: Final = 64 * 1024

    errand = models.ForeignKey(Errand, models.CASCADE, related_name="answers")
    attempt = models.PositiveIntegerField()
    at = models.DateTimeField("recibida")
    http_status = models.PositiveSmallIntegerField()
    media_type = models.CharField(max_length=80)
    body = models.BinaryField()
    verdict = models.CharField("qué se hizo", max_length=12, choices=Verdict)
    code = models.CharField("código", max_length=60, blank=True)
    #: A person has looked at an answer in quarantine.
    reviewed_at = models.DateTimeField("revisada", null=True)
    reviewed_by = models.CharField("quién la revisó", max_length=160, blank=True)

    class Meta:
        verbose_name = "respuesta del IMSS"
        verbose_name_plural = "respuestas del IMSS"
        indexes = [
            models.Index(fields=["id"], name="answer_quarantined", condition=Q(verdict="quarantined", reviewed_at=None)),
            # The archive is cleared by age.
            models.Index(fields=["at"], name="answer_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} ({self.at:%d/%m/%Y %H:%M})"
