"""What an answer of IMSS wrote of covers is taken back: each stands as it did before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from itertools import groupby

from django.db.models import QuerySet

from afiliacion.cases.outcome import Act
from afiliacion.insurance import log
from afiliacion.insurance.facts import CoverHappening
from afiliacion.insurance.known import KnownCover, covers
from afiliacion.insurance.models import Cover, CoverEvent
from afiliacion.insurance.settle import settle


class CoverBuiltUpon(Exception):
    """Something was written of a cover since. `case_id`: whose answer it was."""

    def __init__(self, case_id: int) -> None:
        self.case_id = case_id
        super().__init__(case_id)


def take_back(students: Collection[int], cases: Collection[int], at: dt.datetime, act: Act) -> None:
    """Take back what was written at the moment `at` for these cases (ids) of the covers of these persons (ids), who are locked.

    Raises:
        CoverBuiltUpon: something was written of one of the covers after it.
    """
    told = CoverEvent.objects.filter(cover__student__in=students, case__in=cases, at=at)
    histories = _histories(told)
    known = {cover.id: cover for cover in covers(Cover.objects.filter(pk__in=histories))}
    log.append([entry for pk, events in histories.items() for entry in _entries(known[pk], events, cases, at)], act)
    settle(students, act)


def _histories(told: QuerySet[CoverEvent]) -> dict[int, list[CoverEvent]]:
    rows = CoverEvent.objects.filter(cover__in=told.values("cover")).order_by("cover_id", "seq")
    return {pk: log.standing(group) for pk, group in groupby(rows, key=lambda event: event.cover_id)}


def _entries(cover: KnownCover, events: Sequence[CoverEvent], cases: Collection[int], at: dt.datetime) -> list[log.Entry]:
    """One for each thing to take back, the last first; a cover that began with the answer ends, as a log is never emptied.

    `events`: those of the cover that stand.
    """
    first = next(n for n, event in enumerate(events) if event.at == at and event.case in cases)
    case = events[first].case
    if any(event.at != at for event in events[first:]):
        raise CoverBuiltUpon(case or 0)
    taken = range(len(events) - 1, max(first, 1) - 1, -1)
    back = [log.Entry(cover, CoverHappening.TAKEN_BACK, events[n].on, case, before=log.fold(events[:n])) for n in taken]
    return back if first else [*back, log.Entry(cover, CoverHappening.RETRACTED, events[0].on, case)]
