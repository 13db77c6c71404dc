"""Which ciclos are over for whom, and since which day an answer is late."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.cases.calendars import CalendarRows
from afiliacion.cases.clock import RuleKey, Unit
from afiliacion.cases.models import ClockRule
from afiliacion.cases.schedule import Schedule, ScheduleRows
from afiliacion.reconciliation.terms import Terms
from afiliacion.reconciliation.waiting import Waiting
from students.models import NonWorkingDay, Plantel

D = dt.date
TODAY = D(2026, 10, 20)
#: id, first day, last day, clave.
OLD, LAST, RUNNING, COMING = (
    (1, D(2025, 8, 1), D(2026, 1, 30), "old"), (2, D(2026, 2, 1), D(2026, 7, 15), "last"), (3, D(2026, 8, 1), D(2027, 1, 30), "running"),
    (4, D(2027, 2, 1), D(2027, 7, 15), "coming"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("taught", "over"),
    [
        ([], {1}),
        ([(7, 2)], {1}),
        ([(7, 2), (7, 3)], {1, 2}),
        ([(7, 2), (7, 4)], {1}),
        ([(7, 2), (8, 3)], {1}),
    ],
    ids=["nowhere", "no list of the new one yet", "its list has come", "a list of one that has not begun", "the list of another plantel"],
)  # fmt: skip
def test_a_ciclo_is_over_once_the_plantel_has_a_later_one_or_a_whole_one_has_gone_by(taught: list[tuple[int, int]], over: set[int]) -> None:
    terms = Terms([OLD, LAST, RUNNING, COMING], taught, TODAY)
    assert {ciclo for ciclo in range(1, 5) if terms.is_over(7, ciclo)} == over


@given(days=st.integers(1, 60), ago=st.integers(0, 90), working=st.booleans())
def test_an_answer_is_late_once_the_days_of_its_rule_are_over(days: int, ago: int, *, working: bool) -> None:
    unit = Unit.HABILES if working else Unit.NATURALES
    rule = ClockRule(pk=1, key=RuleKey.RESPUESTA, n=days, unit=unit, source="x", valid_from=D(2000, 1, 1))
    bridge = NonWorkingDay(calendar_id=1, date=D(2026, 10, 12), reason="Puente")
    schedule = Schedule(ScheduleRows([rule], [], CalendarRows([Plantel(pk=7, calendar_id=1)], [bridge])))
    since = TODAY - dt.timedelta(days=ago)
    assert Waiting(schedule, [7], TODAY).is_late(7, since) == (schedule.deadline(RuleKey.RESPUESTA, since, 7) < TODAY)
