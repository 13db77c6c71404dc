"""Which movements IMSS should have answered by now: those received, or presented, before the days of rule `respuesta` began to be over."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from django.db.models import Q

from afiliacion.cases.clock import DAY, RuleKey
from afiliacion.cases.schedule import Schedule

#: Days in which the longest rule (a year of working days) is surely over.
_LONGEST: Final = 1_000


class Waiting:
    """Of each plantel, the last day from which an answer was due before today."""

    def __init__(self, schedule: Schedule, planteles: Iterable[int], today: dt.date) -> None:
        self._until = {plantel_id: _last_day(schedule, plantel_id, today) for plantel_id in planteles}

    def is_late(self, plantel_id: int, since: dt.date) -> bool:
        """Whether IMSS should have answered what it has since that day."""
        return since <= self._until[plantel_id]

    def late(self, day: str, plantel: str) -> Q:
        """The same of rows: the names of their day and of their plantel. Most offices have one rule and one calendar."""
        by_day: dict[dt.date, list[int]] = defaultdict(list)
        for plantel_id, until in self._until.items():
            by_day[until].append(plantel_id)
        if len(by_day) == 1:
            return Q(**{f"{day}__lte": next(iter(by_day))})
        found = Q(pk__in=[])
        for until, planteles in by_day.items():
            found |= Q(**{f"{day}__lte": until, f"{plantel}__in": planteles})
        return found


def _last_day(schedule: Schedule, plantel_id: int, today: dt.date) -> dt.date:
    ago = bisect_left(range(_LONGEST), True, key=lambda days: schedule.deadline(RuleKey.RESPUESTA, today - days * DAY, plantel_id) < today)  # noqa: FBT003
    return today - ago * DAY
