"""Compare what is stored of each case with what its events say: columns, turn, due date, and the hash chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from afiliacion.cases.facts import ERASED
from afiliacion.cases.history.chain import broken_link, events_of, fold
from afiliacion.cases.models import Case, Event, folio
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.turn import whose_turn

CHUNK: Final = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing stored about a case that its facts do not say."""

    case_id: int
    what: str
    stored: Any
    derived: Any

    def __str__(self) -> str:
        return f"{folio(self.case_id)} {self.what}: guardado {self.stored!s}, derivado {self.derived!s}"


def differences(cases: QuerySet[Case] | None = None) -> Iterator[Difference]:
    """Every difference between stored and derived, case by case; memory does not grow with the number of cases."""
    schedule = Schedule()
    for case, events in _with_history(Case.objects.all() if cases is None else cases):
        facts = fold(events)
        derived = facts._asdict() | {"turn": whose_turn(facts).turn, "due_on": schedule.due_on(facts, case.plantel_id)}
        stored = case.facts._asdict() | {"turn": case.turn, "due_on": case.due_on}
        # Of an erased text only that there was one can be told.
        differ = [name for name in derived if stored[name] != derived[name] and derived[name] != ERASED]
        yield from (Difference(case.pk, name, stored[name], derived[name]) for name in differ)


def broken_chains(cases: QuerySet[Case] | None = None) -> Iterator[tuple[int, str]]:
    """(case id, what is wrong in Spanish) for every case whose history was altered, cut or added to."""
    for case, events in _with_history(Case.objects.all() if cases is None else cases):
        if problem := broken_link(events, case.version, case.head_hash):
            yield case.pk, problem


def _with_history(cases: QuerySet[Case]) -> Iterator[tuple[Case, list[Event]]]:
    last = 0
    while chunk := list(cases.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        events = events_of(case.pk for case in chunk)
        yield from ((case, events.get(case.pk, [])) for case in chunk)
