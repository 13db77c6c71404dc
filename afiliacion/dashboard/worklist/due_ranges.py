"""Due dates as the ranges a list is filtered and counted by (twin of the SQL: docs/adr/0021)."""

from __future__ import annotations

import datetime as dt

from afiliacion.cases import counters
from afiliacion.cases.models import NEVER
from afiliacion.dashboard.shared.sql import Sql
from afiliacion.dashboard.worklist.filters import DueFilter


def dues(counted: counters.DueCount, today: dt.date) -> tuple[DueFilter, ...]:
    """What the cases of a counter are, by their due date; the same as due_range asks of a case."""
    day = counted.due_on or NEVER
    if day < today:
        return (DueFilter.LATE, DueFilter.ALERTED) if counted.alerted else (DueFilter.LATE,)
    return (DueFilter.HELD,) if day == NEVER else (DueFilter.COMING,) if day > today else (DueFilter.TODAY,)


def due_range(due: DueFilter, today: dt.date) -> Sql:
    return {
        DueFilter.LATE: Sql("c.due_order < %s", (today,)),
        DueFilter.TODAY: Sql("c.due_order = %s", (today,)),
        DueFilter.COMING: Sql("c.due_order > %s AND c.due_order < %s", (today, NEVER)),
        DueFilter.HELD: Sql("c.due_order = %s", (NEVER,)),
        DueFilter.ALERTED: Sql("c.due_order < %s AND c.alerted_on IS NOT NULL", (today,)),
    }[due]
