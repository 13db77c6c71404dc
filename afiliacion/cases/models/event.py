"""The append-only events of a case, and beside them, erasable, what people and IMSS wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from django.conf import settings
from django.db import models
from django.db.models import Case as Choose
from django.db.models import F, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from afiliacion.cases.facts import ERASED, Details
from afiliacion.cases.models.case import Case
from afiliacion.cases.states import State, Verb

if TYPE_CHECKING:
    EventsOf = models.Manager["Event"]
else:
    # Generic for the type checker only.
    EventsOf = models.Manager


class EventDetail(models.Model):
    """What a person or IMSS wrote at one event: NSS, names, reasons, messages. May be erased; never changed (trigger).

    The event's hash covers SHA-256 over salt and payload instead of the payload (history/chain.py), so the chain holds without this row.
    """

    pk = models.CompositePrimaryKey("case_id", "seq")
    # Written with the event it belongs to, in one statement more: a checked reference would cost each row a look-up.
    case = models.ForeignKey(Case, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    seq = models.PositiveIntegerField()
    salt = models.UUIDField()
    payload = models.JSONField()

    class Meta:
        verbose_name = "texto de un hecho"
        verbose_name_plural = "textos de hechos"

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq}"


class EventManager(EventsOf):
    """Events with `payload` and `salt` of their EventDetail; both None without one."""

    def get_queryset(self) -> models.QuerySet[Event]:
        # As a dict: declared on Event, the two must not look like attributes that only annotated events have.
        return super().get_queryset().annotate(**{name: F(f"detail__{name}") for name in ("payload", "salt")})


class Event(models.Model):
    """One thing that happened to one case. Append-only (trigger) and hash-chained per case (history/chain.py).

    `data` holds ids, dates, keys and flags only (facts.Structured). Texts are in `detail`; `data` names them (`personal`) and has their
    `commitment`. Read both through `details` and `reason`.
    """

    class ActorKind(models.TextChoices):
        PERSON = "person", "Persona"
        IMPORT = "import", "Carga de lista"
        NIGHT = "night", "Proceso nocturno"
        IMSS = "imss", "Respuesta del IMSS"
        STUDENT = "student", "Alumno"

    case = models.ForeignKey(Case, models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=20, choices=Verb)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20, choices=State)
    on = models.DateField("fecha del hecho")
    at = models.DateTimeField("anotado")
    actor_kind = models.CharField(max_length=10, choices=ActorKind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False)
    actor_name = models.CharField(max_length=160)
    data = models.JSONField(default=dict)
    evidence = models.CharField(max_length=64, blank=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    detail = models.ForeignObject(
        EventDetail, models.DO_NOTHING, from_fields=["case", "seq"], to_fields=["case", "seq"], null=True, related_name="+"
    )

    objects = EventManager()

    #: Set by the manager.
    payload: dict[str, str] | None
    salt: Any

    class Meta:
        verbose_name = "hecho"
        verbose_name_plural = "hechos"
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="event_seq_once_per_case")]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} ({self.on:%d/%m/%Y})"

    @property
    def details(self) -> Details:
        """`data` with the texts; ERASED in place of each one erased."""
        texts = self.payload if self.payload is not None else dict.fromkeys(self.data.get("personal", ()), ERASED)
        return cast("Details", {**self.data, **texts})

    @property
    def reason(self) -> str:
        """The reason, as the person wrote it; ERASED if it was erased; empty if there was none."""
        return self.details.get("reason", "")


def text_of(key: str) -> Combinable:
    """In a query of `Event.objects`: the text under `key` of their details, as `Event.details` has it; "" if there is none."""
    erased = Choose(When(data__personal__contains=[key], then=Value(ERASED)), default=Value(""))
    return Coalesce(KT(f"payload__{key}"), erased, output_field=models.TextField())


def text_in_sql(key: str) -> str:
    """The same in SQL, of an event `e` and its detail `d`."""
    return _TEXT.format(key=key, erased=ERASED)


_TEXT: Final = "coalesce(d.payload ->> '{key}', CASE WHEN e.data -> 'personal' ? '{key}' THEN '{erased}' ELSE '' END)"
