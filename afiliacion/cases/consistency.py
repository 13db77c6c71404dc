"""Prove that what is stored is what the facts say: columns against folded events, turn and due date against the pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from django.db.models import QuerySet

from afiliacion.cases.history import broken_link, fold
from afiliacion.cases.models import Case, Event
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.turn import whose

CHUNK: Final = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing stored about a case that its facts do not say."""

    case_id: int
    what: str
    stored: Any
    derived: Any

    def __str__(self) -> str:
        return f"E-{self.case_id:07d} {self.what}: guardado {self.stored!s}, derivado {self.derived!s}"


def differences(cases: QuerySet[Case] | None = None) -> Iterator[Difference]:
    """Every difference between stored and derived, case by case; memory does not grow with the number of cases."""
    schedule = Schedule()
    for case, events in _with_history(Case.objects.all() if cases is None else cases):
        facts = fold(events)
        derived = facts._asdict() | {"turn": whose(facts).turn, "due_on": schedule.due_on(facts, case.plantel_id)}
        stored = case.facts._asdict() | {"turn": case.turn, "due_on": case.due_on}
        yield from (Difference(case.pk, name, stored[name], derived[name]) for name in derived if stored[name] != derived[name])


def broken_chains(cases: QuerySet[Case] | None = None) -> Iterator[tuple[int, str]]:
    """(case id, what is wrong in Spanish) for every case whose history was altered, cut or added to."""
    for case, events in _with_history(Case.objects.all() if cases is None else cases):
        if problem := broken_link(events, case.version, case.head_hash):
            yield case.pk, problem


def _with_history(cases: QuerySet[Case]) -> Iterator[tuple[Case, list[Event]]]:
    last = 0
    while chunk := list(cases.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        events = _events(case.pk for case in chunk)
        yield from ((case, events.get(case.pk, [])) for case in chunk)


def _events(case_ids: Iterable[int]) -> dict[int, list[Event]]:
    rows = Event.objects.filter(case__in=list(case_ids)).order_by("case_id", "seq")
    return {case_id: list(group) for case_id, group in groupby(rows, key=lambda event: event.case_id)}
