"""The due-date filters of a list: what the counters say of a due date and what the database asks of a case are one rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from afiliacion.cases import counters, upkeep, verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.dashboard.shared.sql import Sql, fetched
from afiliacion.dashboard.worklist.due_ranges import due_range, dues
from afiliacion.dashboard.worklist.filters import DueFilter


@pytest.mark.parametrize("due", DueFilter)
def test_a_due_date_is_the_same_to_the_counters_and_to_the_database(make_case: Callable[..., Case], due: DueFilter) -> None:
    act = Act(NIGHT, timezone.now())
    first, other, held = make_case(), make_case(enrolled_on=dt.date(2026, 8, 13)), make_case()
    verbs.hold([held.pk], on=dt.date(2026, 8, 10), reason="Huelga", act=act)
    assert first.due_on is not None
    upkeep.alert_overdue(first.due_on + dt.timedelta(days=30), act=act)
    found = 0
    for today in (first.due_on + dt.timedelta(days=days) for days in range(-2, 20)):
        counted = {
            case.pk
            for case in Case.objects.all()
            if due in dues(counters.DueCount(case.state, case.turn, case.due_on, case.alerted_on is not None, 1), today)
        }
        assert _asked(due, today) == counted, today
        found += len(counted)
    assert found
    assert {case.alerted_on is not None for case in Case.objects.filter(pk__in=[first.pk, other.pk])} == {True}


def _asked(due: DueFilter, today: dt.date) -> set[int]:
    return {pk for (pk,) in fetched(Sql("SELECT c.id FROM cases_case c WHERE") + due_range(due, today))}
