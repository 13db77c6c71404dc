"""When IMSS is asked about a case: the rows of Cadence, read once for a set of cases."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from afiliacion.cases.models import Case
from afiliacion.cases.states import TRANSITIONS, State, Verb, rests
from afiliacion.imss.models import Cadence, Errand

#: Movements, and the verb that must be possible for one to be sent.
SENDS = {Errand.Kind.SEND_ALTA: Verb.SEND_ALTA, Errand.Kind.SEND_BAJA: Verb.SEND_BAJA}


class CaseTiming(NamedTuple):
    """The columns of a case that the cadences depend on, read without the rest of it."""

    state: str
    state_since: dt.date
    due_on: dt.date | None
    coverage: str


class Cadences:
    """The rules of all states and kinds of errands."""

    def __init__(self, rows: Iterable[Cadence] | None = None) -> None:
        """`rows`: all of Cadence in the order of their days, if they have been read already."""
        self._rows: dict[tuple[str, str], list[Cadence]] = defaultdict(list)
        for row in Cadence.objects.order_by("after_days") if rows is None else rows:
            self._rows[row.kind, row.state].append(row)

    def wanted(self, errand: Errand, case: Case | CaseTiming) -> bool:
        """Whether the errand still applies: the case may have moved on since it was opened."""
        if errand.kind in SENDS and errand.received_on is None:
            at_rest = errand.kind == Errand.Kind.SEND_ALTA and rests(case.state, case.coverage)
            return State(case.state) in TRANSITIONS[SENDS[Errand.Kind(errand.kind)]] and not at_rest
        return errand.kind in SENDS or (errand.kind, _place(errand.kind, case)) in self._rows

    def next_on(self, errand: Errand, case: Case | CaseTiming, today: dt.date) -> dt.date | None:
        """Return the day after `today` on which to ask again; None if the case no longer calls for it."""
        if errand.kind in SENDS and errand.received_on is None:
            return today + dt.timedelta(days=1) if self.wanted(errand, case) else None
        row = self._running(errand.kind, case, today)
        if row is None and errand.kind in SENDS:
            # IMSS has it: what became of it is asked until it is resolved, wherever its case is by now (docs/domain.md, 5.2).
            row = next(iter(row for (kind, _), rows in self._rows.items() if kind == errand.kind for row in rows), None)
        return today + dt.timedelta(days=row.every_days) if row else None

    def first_on(self, kind: str, case: Case | CaseTiming) -> dt.date | None:
        """Return the day on which a case in this state is first asked about; None: not at all, or no deadline runs."""
        days = [start + dt.timedelta(days=row.after_days) for row in self._rows[kind, _place(kind, case)] if (start := anchor(row, case))]
        return min(days, default=None)

    def _running(self, kind: str, case: Case | CaseTiming, today: dt.date) -> Cadence | None:
        begun = [
            row for row in self._rows[kind, _place(kind, case)] if (start := anchor(row, case)) and (today - start).days >= row.after_days
        ]
        return begun[-1] if begun else None


def _place(kind: str, case: Case | CaseTiming) -> str:
    """The state of Cadence that a case is in, as far as errands of a kind go (plan.py has the same in SQL)."""
    return Cadence.RESTING if kind == Errand.Kind.CHECK_VIGENCIA and rests(case.state, case.coverage) else case.state


def anchor(row: Cadence, case: Case | CaseTiming) -> dt.date | None:
    """Return the date from which the days of `row` are counted (None: no deadline runs)."""
    return case.due_on if row.anchor == Cadence.Anchor.DUE else case.state_since
