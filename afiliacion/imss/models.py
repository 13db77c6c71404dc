"""What is to be asked of or told to IMSS, what it said, how it is doing, and our manners as rows anybody in charge can change."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from afiliacion.cases.models import Case
from afiliacion.cases.states import BajaKind, State


class Errand(models.Model):
    """One thing to ask or tell IMSS about one case. The row is the job: whoever finds it due claims it (claims.py)."""

    class Kind(models.TextChoices):
        LOCATE_NSS = "locate_nss", "Localizar el NSS"
        CHECK_VIGENCIA = "check_vigencia", "Consultar la vigencia"
        SEND_ALTA = "send_alta", "Enviar el alta"
        SEND_BAJA = "send_baja", "Enviar la baja"

    class Status(models.TextChoices):
        OPEN = "open", "En curso"
        PARKED = "parked", "Espera a una persona"
        DONE = "done", "Terminado"

    MOVEMENTS: Final = (Kind.SEND_ALTA, Kind.SEND_BAJA)
    UNFINISHED: Final = (Status.OPEN, Status.PARKED)

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="errands")
    kind = models.CharField("gestión", max_length=20, choices=Kind)
    # The idempotency key of a movement: chosen once, whatever is retried.
    key = models.UUIDField()
    status = models.CharField("situación", max_length=10, choices=Status, default=Status.OPEN)
    requested_on = models.DateField("pedido el")
    requested_at = models.DateTimeField("pedido")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    requested_name = models.CharField("pedido por", max_length=160)

    # Due from this date on, not before this moment, and not while somebody holds the lease. Moments are the database's clock.
    next_on = models.DateField("se pregunta el")
    next_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    #: The Asker that has it in hand; means nothing without a lease.
    holder = models.BigIntegerField(null=True)
    #: Grows with every claim; an answer counts only for the attempt that asked.
    attempt = models.PositiveIntegerField(default=0)
    #: Tries in a row without an answer, and those of them that were not the fault of IMSS as a whole.
    misses = models.PositiveSmallIntegerField(default=0)
    strikes = models.PositiveSmallIntegerField(default=0)
    #: IMSS may have received the movement without our knowing: look it up before sending it again.
    in_doubt = models.BooleanField(default=False)

    movement = models.JSONField("movimiento, como se envía", null=True)
    lote = models.CharField("lote", max_length=40, blank=True)
    recibo = models.CharField("recibo", max_length=80, blank=True)
    received_on = models.DateField("recibido por el IMSS", null=True)

    code = models.CharField("código", max_length=60, blank=True)
    message = models.TextField("lo último que se supo", blank=True)
    told_at = models.DateTimeField("cuándo se supo", null=True)

    class Meta:
        verbose_name = "gestión ante el IMSS"
        verbose_name_plural = "gestiones ante el IMSS"
        constraints = [
            models.UniqueConstraint(fields=["key"], name="errand_key_once"),
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(status__in=["open", "parked"]), name="errand_one_unfinished_per_case_and_kind"
            ),
            models.CheckConstraint(condition=Q(status__in=["open", "parked", "done"]), name="errand_status_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["locate_nss", "check_vigencia", "send_alta", "send_baja"]), name="errand_kind_known"
            ),
            models.CheckConstraint(condition=Q(received_on=None) | Q(movement__isnull=False), name="errand_received_what_was_sent"),
        ]
        indexes = [
            # What is due is found without looking at what is not, however many rows the years have left.
            models.Index(fields=["next_on", "next_at"], name="errand_due", condition=Q(status="open")),
            models.Index(fields=["case", "kind"], name="errand_parked", condition=Q(status="parked")),
            # What a dead worker had in hand.
            models.Index(fields=["holder"], name="errand_in_hand", condition=Q(lease_until__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_status_display()}"


class Answer(models.Model):
    """What IMSS said to one attempt, as it came. Personal data: never in a log."""

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


class Cadence(models.Model):
    """When cases in a state are asked about: `after_days` from the anchor on, every so many days."""

    class Anchor(models.TextChoices):
        STATE = "state", "que está en el estado"
        DUE = "due", "que vence su plazo"

    kind = models.CharField("gestión", max_length=20, choices=Errand.Kind)
    state = models.CharField("estado", max_length=20, choices=State)
    anchor = models.CharField("se cuenta desde", max_length=10, choices=Anchor, default=Anchor.STATE)
    after_days = models.PositiveSmallIntegerField("a partir del día")
    every_days = models.PositiveSmallIntegerField("cada cuántos días")

    class Meta:
        verbose_name = "cadencia de consulta"
        verbose_name_plural = "cadencias de consulta"
        ordering = ["kind", "state", "after_days"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "state", "anchor", "after_days"], name="cadence_once"),
            models.CheckConstraint(condition=Q(every_days__gte=1), name="cadence_every_day_at_most"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_state_display()}: cada {self.every_days} días desde el día {self.after_days}"


class KnownRefusal(models.Model):
    """What a code of IMSS means for the office and what is done about it. Codes not listed here wait for a person."""

    class Do(models.TextChoices):
        WAIT = "wait", "Volver a preguntar"
        ESCALATE = "escalate", "Llevarlo a la subdelegación"
        PARK = "park", "Que lo vea una persona"

    code = models.CharField("código", max_length=60)
    do = models.CharField("qué se hace", max_length=10, choices=Do, default=Do.PARK)
    meaning = models.CharField("qué significa y quién lo arregla", max_length=240)

    class Meta:
        verbose_name = "respuesta conocida"
        verbose_name_plural = "respuestas conocidas"
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="knownrefusal_code_once")]

    def __str__(self) -> str:
        return self.code


class BajaCause(models.Model):
    """The cause IMSS is told for a baja. No source says which one students take: the office's table (domain notes, 4.4)."""

    RENUNCIA: Final = "renuncia"

    reason = models.CharField("motivo escolar", max_length=12, choices=[*BajaKind.choices, (RENUNCIA, "Renuncia")])
    causa = models.CharField("causa de baja", max_length=1)

    class Meta:
        verbose_name = "causa de baja"
        verbose_name_plural = "causas de baja"
        constraints = [
            models.UniqueConstraint(fields=["reason"], name="bajacause_once"),
            models.CheckConstraint(condition=Q(causa__regex=r"^[1-9A]$"), name="bajacause_in_catalogue"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.causa}"


class Manners(models.Model):
    """How we behave towards IMSS: one row, read by every worker."""

    class Way(models.TextChoices):
        SERVICE = "service", "Por su servicio: la oficina pregunta y envía por sí misma"
        BY_HAND = "by_hand", "Sin servicio: se anota lo que traen los alumnos y los papeles"

    way = models.CharField("cómo se trata con el IMSS", max_length=10, choices=Way, default=Way.SERVICE)
    paused = models.BooleanField("no preguntar nada por ahora", default=False)
    requests_per_second = models.FloatField(
        "preguntas por segundo, entre todos",
        null=True,
        blank=True,
        help_text="El límite que dio el IMSS. Vacío si no se conoce: la oficina lo encuentra por sí misma, empezando despacio.",
    )
    most_strikes = models.PositiveSmallIntegerField("intentos fallidos antes de que lo vea una persona", default=5)
    backoff_seconds = models.FloatField("primera espera tras un intento fallido (s)", default=2.0)
    backoff_most_seconds = models.FloatField("espera máxima (s)", default=900.0)
    failures_to_open = models.PositiveSmallIntegerField("fallas seguidas para dejar de llamar", default=10)
    probe_seconds = models.FloatField("cada cuánto se prueba si ya volvió (s)", default=10.0)
    answers_kept_days = models.PositiveSmallIntegerField(
        "días que se guardan las respuestas tal como llegaron", default=365, validators=[MinValueValidator(1)],
        help_text="Lo que prueba un hecho se queda en su expediente; lo que nadie ha revisado de la cuarentena, también.",
    )  # fmt: skip
    alarm_minutes = models.PositiveSmallIntegerField("minutos sin respuesta antes de escribir a coordinación", default=15)

    class Meta:
        verbose_name = "trato con el IMSS"
        verbose_name_plural = "trato con el IMSS"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="manners_one_row"),
            models.CheckConstraint(condition=Q(way__in=["service", "by_hand"]), name="manners_way_known"),
            models.CheckConstraint(condition=Q(answers_kept_days__gte=1), name="manners_archive_kept"),
            models.CheckConstraint(
                condition=Q(most_strikes__gte=1, failures_to_open__gte=1, backoff_seconds__gt=0, probe_seconds__gt=0)
                & (Q(requests_per_second=None) | Q(requests_per_second__gte=0.5)),
                name="manners_sane",
            ),
        ]

    def __str__(self) -> str:
        return "Trato con el IMSS"


class Line(models.Model):
    """How the line to IMSS is, for all workers: one row. Moments are the database's clock."""

    failures = models.PositiveIntegerField(default=0)
    #: IMSS asked everybody to be quiet until then.
    quiet_until = models.DateTimeField(null=True)
    #: Set while the circuit is open: when one worker may try whether IMSS is back.
    probe_at = models.DateTimeField(null=True)

    # The pace of all workers together (pace.py), the limit it was found under, and what was asked since it was set.
    rate = models.FloatField(default=0.0)
    good = models.FloatField(default=0.0)
    bad = models.FloatField(null=True)
    limit = models.FloatField(null=True)
    rate_since = models.DateTimeField(db_default=Now())
    asked = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="line_one_row")]

    def __str__(self) -> str:
        return "abierta" if self.probe_at is None else "interrumpida"


class Asker(models.Model):
    """A worker with something in hand, and its share of the pace (askers.py)."""

    pid = models.IntegerField()
    backend_start = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(db_default=Now())
    #: By how many it divides the pace: the number of askers when it last looked.
    among = models.PositiveIntegerField()
    #: Its share is a lease. Empty: it has none yet.
    asks_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pid} entre {self.among}"


class Outage(models.Model):
    """A time in which IMSS did not answer; shown on every screen while `until` is empty."""

    since = models.DateTimeField("desde")
    until = models.DateTimeField("hasta", null=True, blank=True)
    reason = models.CharField("qué pasó", max_length=240)

    class Meta:
        verbose_name = "interrupción del IMSS"
        verbose_name_plural = "interrupciones del IMSS"
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(fields=["until"], condition=Q(until=None), nulls_distinct=False, name="outage_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.since:%d/%m/%Y %H:%M}: {self.reason}"
