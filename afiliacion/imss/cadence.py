"""When is a case asked about: the rows of Cadence, read once for a set of cases."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from afiliacion.cases.models import Case
from afiliacion.cases.states import TRANSITIONS, State, Verb
from afiliacion.imss.models import Cadence, Errand

#: Movements, and the verb that must be possible for one to be sent.
SENDS = {Errand.Kind.SEND_ALTA: Verb.SEND_ALTA, Errand.Kind.SEND_BAJA: Verb.SEND_BAJA}


class Standing(NamedTuple):
    """What the cadences look at in a case, read without the rest of it."""

    state: str
    state_since: dt.date
    due_on: dt.date | None


class Cadences:
    def __init__(self, rows: Iterable[Cadence] | None = None) -> None:
        """`rows`: all of Cadence in the order of their days, if they have been read already."""
        self._rows: dict[tuple[str, str], list[Cadence]] = defaultdict(list)
        for row in Cadence.objects.order_by("after_days") if rows is None else rows:
            self._rows[row.kind, row.state].append(row)

    def wanted(self, errand: Errand, case: Case | Standing) -> bool:
        """Whether there is still anything to ask or tell: the case may have moved on since the errand was opened."""
        if errand.kind in SENDS and errand.received_on is None:
            return State(case.state) in TRANSITIONS[SENDS[Errand.Kind(errand.kind)]]
        return (errand.kind, case.state) in self._rows

    def next_on(self, errand: Errand, case: Case | Standing, today: dt.date) -> dt.date | None:
        """The day after `today` on which to ask again; None when the case no longer calls for it."""
        if errand.kind in SENDS and errand.received_on is None:
            return today + dt.timedelta(days=1) if self.wanted(errand, case) else None
        row = self._running(errand.kind, case, today)
        return today + dt.timedelta(days=row.every_days) if row else None

    def first_on(self, kind: str, case: Case | Standing) -> dt.date | None:
        """The day a case in this state is asked about for the first time; None: not at all, or no clock runs."""
        days = [start + dt.timedelta(days=row.after_days) for row in self._rows[kind, case.state] if (start := anchor(row, case))]
        return min(days, default=None)

    def _running(self, kind: str, case: Case | Standing, today: dt.date) -> Cadence | None:
        begun = [row for row in self._rows[kind, case.state] if (start := anchor(row, case)) and (today - start).days >= row.after_days]
        return begun[-1] if begun else None


def anchor(row: Cadence, case: Case | Standing) -> dt.date | None:
    """The date the days of `row` are counted from."""
    return case.due_on if row.anchor == Cadence.Anchor.DUE else case.state_since
