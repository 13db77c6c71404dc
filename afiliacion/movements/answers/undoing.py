"""A document that was applied is taken back: each case, cover and movement as it stood before it, until something is built upon it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from afiliacion.cases.engine import Locked, lock_people, perform
from afiliacion.cases.facts import Happening, restored
from afiliacion.cases.history.chain import events_of, fold
from afiliacion.cases.models import Event, folio
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import NOTED_BY_OFFICE, Verb
from afiliacion.database.bulk_writes import update_rows
from afiliacion.imss.models import MovementUnderWay
from afiliacion.insurance import undo_answers
from afiliacion.insurance.undo_answers import CoverBuiltUpon
from afiliacion.movements.answers.applying import ANSWERED
from afiliacion.movements.models import AnswerDocument, AnswerRow, Lote, Movement
from afiliacion.movements.sending import NotDone

_NOT_APPLIED: Final = "Ese documento no está aplicado: no hay qué deshacer."
_BUILT_UPON: Final = "Después de aplicarlo ya se hizo algo más en {}: el documento ya no se deshace entero, corrija esos expedientes."
_SINCE: Final = "Después de aplicarlo llegó otra respuesta sobre sus movimientos, o se enviaron otra vez: deshaga antes lo más reciente."
#: Of many cases, so many are named.
_NAMED: Final = 5


def undo(document_id: int, *, act: Act, reason: str) -> AnswerDocument:
    """Take an applied document back, whole.

    Raises:
        NotDone: it is not applied, or something was built upon it.
    """
    with transaction.atomic():
        document = AnswerDocument.objects.select_for_update().defer("body").get(pk=document_id)
        if document.status != AnswerDocument.Status.APPLIED or document.applied_at is None:
            raise NotDone(_NOT_APPLIED)
        rows = list(document.rows.filter(before__isnull=False).select_related("movement"))
        _lock_lotes(document)
        cases = {row.movement.case_id for row in rows if row.movement}
        students = lock_people(cases)
        _must_be_newest(rows, document)
        _cases_back(cases, document, act, reason)
        try:
            undo_answers.take_back(students, cases, document.applied_at, act)
        except CoverBuiltUpon as built:
            raise NotDone(_BUILT_UPON.format(folio(built.case_id))) from built
        _movements_back(rows, document)
        document.status, document.undone_at, document.undone_name = AnswerDocument.Status.UNDONE, act.now, act.actor.name
        document.save(update_fields=["status", "undone_at", "undone_name"])
        return document


def _lock_lotes(document: AnswerDocument) -> None:
    lotes = Lote.objects.filter(pk__in=document.rows.values("movement__lote"))
    list(lotes.order_by("pk").select_for_update().values_list("pk"))


def _must_be_newest(rows: Sequence[AnswerRow], document: AnswerDocument) -> None:
    """Refuse if another document said something of one of these movements later, or one was sent again."""
    movements = [row.movement_id for row in rows]
    applied = AnswerRow.objects.filter(movement__in=movements, before__isnull=False, document__status=AnswerDocument.Status.APPLIED)
    later = applied.filter(document__applied_at__gt=document.applied_at)
    again = Movement.objects.filter(previous__in=movements).exclude(status=Movement.Status.CANCELLED)
    if later.exists() or again.exists() or _are_under_way(rows):
        raise NotDone(_SINCE)


def _are_under_way(rows: Sequence[AnswerRow]) -> bool:
    """Whether a movement that would be one not received again is under way by now: in another lote, or by the service."""
    back = [row.movement.pk for row in rows if row.movement and row.before and row.before["status"] in Movement.UNRECEIVED]
    now = Movement.objects.filter(pk__in=back).exclude(status__in=Movement.UNRECEIVED)
    same = MovementUnderWay.objects.filter(type=OuterRef("type"), nss=OuterRef("nss"), registro=OuterRef("registro"))
    return now.filter(Exists(same)).exists()


def _cases_back(cases: set[int], document: AnswerDocument, act: Act, reason: str) -> None:
    histories = events_of(cases)
    standing = {pk: _standing(history) for pk, history in histories.items()}
    before = {pk: _without(events, document) for pk, events in standing.items() if any(_is_of(event, document) for event in events)}
    if built := [pk for pk, events in before.items() if not events]:
        raise NotDone(_built_upon(built))
    on = timezone.localdate(act.now)
    back = {pk: Happening(on, {**restored(fold(events)), "back_to": events[-1].seq}, reason=reason) for pk, events in before.items()}
    read = {pk: history[-1].seq for pk, history in histories.items()}

    def as_read(locked: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
        return {case.id: _BUILT_UPON for case in locked if case.version != read[case.id]}

    # What it means for the covers is told by the document, not by each case: the followers are not.
    outcome = perform(Verb.RETRACT_ANSWER, back, act=act, check=as_read, followed=False)
    if outcome.skipped:
        raise NotDone(_built_upon(sorted(outcome.skipped)))


def _built_upon(cases: Sequence[int]) -> str:
    named = ", ".join(folio(pk) for pk in cases[:_NAMED])
    return _BUILT_UPON.format(named if len(cases) <= _NAMED else f"{named} y {len(cases) - _NAMED} más")


def _standing(history: Sequence[Event]) -> list[Event]:
    """The events of a case without the answers that were taken back."""
    kept: list[Event] = []
    for event in history:
        if event.verb == Verb.RETRACT_ANSWER:
            kept = [each for each in kept if each.seq <= event.data["back_to"]]
        else:
            kept.append(event)
    return kept


def _is_of(event: Event, document: AnswerDocument) -> bool:
    return (event.at, event.actor_name) == (document.applied_at, document.applied_name)


def _without(history: Sequence[Event], document: AnswerDocument) -> Sequence[Event]:
    """The events before those of the document, if only the office itself noted something since; else none."""
    first = next(n for n, event in enumerate(history) if _is_of(event, document))
    since = history[first:]
    built = any(not _is_of(event, document) and event.verb not in NOTED_BY_OFFICE for event in since)
    return [] if built else history[:first]


def _movements_back(rows: Sequence[AnswerRow], document: AnswerDocument) -> None:
    update_rows(Movement, ANSWERED, [(row.movement_id, *(row.before[name] for name in ANSWERED)) for row in rows if row.before])
    for lote in Lote.objects.filter(pk__in=document.counts.get("lotes", ())).defer("body", "changed_names"):
        lote.received_on, lote.received_name = None, ""
        lote.save(update_fields=["received_on", "received_name"])
