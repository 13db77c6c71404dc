"""What a whole column of enrolment dates says of which number is the day; where it does not, it is asked."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.roll.parse import dates
from afiliacion.roll.parse.tidy import CellError
from file_reader.facts import ColumnFacts, FactsCollector

STARTS, LAST, BEFORE = dt.date(2026, 8, 1), dt.date(2026, 11, 30), dt.timedelta(days=62)
likely = st.dates(STARTS, LAST)


def facts(cells: list[str]) -> ColumnFacts:
    gathered = FactsCollector()
    gathered.add([[cell] for cell in cells])
    return gathered.so_far()[0]


def judged(cells: list[str], answer: str = "") -> tuple[dates.DateReading, dates.DateDoubt | None]:
    return dates.judge(facts(cells), STARTS, LAST, BEFORE, answer)


def taken(cells: list[str], answer: str = "") -> list[dt.date | None]:
    """The days that are read; None where the officer has to say it first."""
    read, found = dates.reader(judged(cells, answer)[0]), list[dt.date | None]()
    for cell in cells:
        try:
            found.append(read(cell))
        except CellError:
            found.append(None)
    return found


@given(st.lists(likely, min_size=1, max_size=12), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%y"]))
def test_a_likely_day_is_read_right_or_asked(days, form):
    """Whatever the order, no day of the ciclo is taken for another one without a question."""
    for day, found in zip(days, taken([f"{day:{form}}" for day in days]), strict=True):
        assert found in (day, None)


@given(st.lists(likely, min_size=1, max_size=12), st.booleans())
def test_the_answer_gives_every_day(days, month_first):
    cells = [f"{day:{'%m/%d/%Y' if month_first else '%d/%m/%Y'}}" for day in days]
    assert taken(cells, "md" if month_first else "dm") == days or judged(cells)[1] is None


@given(st.lists(likely, min_size=2, max_size=12), st.booleans())
def test_what_excel_has_half_changed_is_read_right_or_asked(days, month_first):
    """The other country's Excel makes cells of the days up to twelve, day and month changed, and leaves the others as text."""
    text = "%m/%d/%Y" if month_first else "%d/%m/%Y"
    cells = [dt.date(day.year, day.day, day.month).isoformat() if day.day <= 12 else f"{day:{text}}" for day in days]
    if any(day.day > 12 for day in days):
        for day, found in zip(days, taken(cells), strict=True):
            assert found in (day, None)


@pytest.mark.parametrize(
    "cells",
    [
        ["06/08/2026"], ["06/08/2026", "07/08/2026"], ["14/08/2026", "03/08/2026"], ["2026-08-03", "2026-09-10"], ["2026-03-08"],
        ["05/07/2026", "06/08/2026"], ["08/08/2026"], ["6-ago-2026"], ["03/08/2026 10:15:00"], ["08/14/2026", "08/03/2026"],
    ],
)  # fmt: skip
def test_what_is_certain_is_not_asked(cells):
    assert judged(cells)[1] is None


@pytest.mark.parametrize(
    "cells",
    [
        ["08/03/2026", "08/12/2026"], ["2026-03-08", "2026-04-08", "14/08/2026"], ["2026-03-08", "2026-04-08"], ["09/10/2026"],
        ["06/08/2026", "08/25/2026"], ["2026-03-08", "08/14/2026"],
    ],
)  # fmt: skip
def test_what_two_readings_fit_is_asked_with_the_days_of_each(cells):
    doubt = judged(cells)[1]
    assert doubt is not None
    assert len({days for _, days in doubt.choices}) == len(doubt.choices) >= 2


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("06/08/26", "2026-08-06"), ("6 de agosto de 2026", "2026-08-06"), ("06-ago-26", "2026-08-06"), ("Aug 6, 2026", "2026-08-06"),
        ("jueves, 6 de agosto de 2026", "2026-08-06"), ("2026/8/6", "2026-08-06"), ("06/08/2026 2:35:22 p. m.", "2026-08-06"),
        ("2026-08-06T10:00:00Z", "2026-08-06"), ("46240.5", "2026-08-06"), ("15/03/99", "1999-03-15"),
    ],
)  # fmt: skip
def test_a_day_however_it_is_written(text, day):
    assert dates.reader(dates.DateReading(this_year=2026))(text).isoformat() == day
