import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.cases import clock
from afiliacion.cases.calendars import national_holidays
from afiliacion.cases.clock import DAY, Rule, RuleKey, Unit


def lft(day: dt.date) -> str:
    return "fin de semana" if day.weekday() > 4 else national_holidays(day.year).get(day, "")


def rule(n=3, unit=Unit.HABILES, *, rolls=False) -> Rule:
    return Rule(1, RuleKey.ACUSE, n, unit, rolls, "Regla de prueba.")


@pytest.mark.parametrize(
    ("start", "the_rule", "expected"),
    [
        # docs/domain.md, 9.3: five working days from Monday 21-09-2026 end on Monday 28.
        ("2026-09-21", rule(5), "2026-09-28"),
        # A Thursday + 3: natural days end on Sunday, working days on Tuesday.
        ("2026-08-06", rule(3, Unit.NATURALES), "2026-08-09"),
        ("2026-08-06", rule(3), "2026-08-11"),
        ("2026-08-06", rule(3, Unit.NATURALES, rolls=True), "2026-08-10"),
        # The 16th of September does not count; nor the third Monday of November.
        ("2026-09-14", rule(3), "2026-09-18"),
        ("2026-11-13", rule(1), "2026-11-17"),
        # Saturday 15 August 2026 rolls over Sunday; Christmas week.
        ("2026-08-14", rule(1, Unit.NATURALES, rolls=True), "2026-08-17"),
        ("2026-12-24", rule(1), "2026-12-28"),
        ("2026-08-06", rule(28, Unit.NATURALES), "2026-09-03"),
    ],
)
def test_due_dates(start, the_rule, expected):
    assert clock.due_on(dt.date.fromisoformat(start), the_rule, lft) == dt.date.fromisoformat(expected)


rules = st.builds(rule, st.integers(1, 40), st.sampled_from(Unit), rolls=st.booleans())
days = st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))


@given(days, rules)
def test_what_is_explained_is_what_is_due(start, the_rule):
    due = clock.explain(start, "inscripción", the_rule, lft)
    assert due.on == clock.due_on(start, the_rule, lft)
    assert due.steps[-1] == f"Vence el {clock.long_date(due.on)}."


@given(days, st.integers(1, 40))
def test_working_days_between_start_and_due_are_exactly_n(start, n):
    due = clock.due_on(start, rule(n), lft)
    between = [start + i * DAY for i in range(1, (due - start).days + 1)]
    assert sum(not lft(day) for day in between) == n
    assert not lft(due)


@given(days, rules, st.integers(0, 20), st.integers(1, 20))
def test_a_pause_never_shortens_a_deadline_and_a_day_outside_it_changes_nothing(start, the_rule, offset, length):
    begins = start + offset * DAY
    due = clock.due_on(start, the_rule, lft)
    paused = clock.due_on(start, the_rule, lft, [(begins, begins + length * DAY, "plazo en pausa")])
    assert paused >= due
    if begins > due:
        assert paused == due


stretches = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=4)


@given(days, rules, stretches)
def test_nothing_is_due_on_a_day_of_a_pause_nor_by_a_rule_that_rolls_on_an_idle_one(start, the_rule, offsets):
    pauses = [(start + n * DAY, start + (n + length) * DAY, "el IMSS no dio servicio") for n, length in offsets]
    due = clock.explain(start, "inscripción", the_rule, lft, pauses)
    assert not any(begins <= due.on < ends for begins, ends, _ in pauses)
    assert not (the_rule.rolls and lft(due.on))
    assert due.on == clock.due_on(start, the_rule, lft, pauses)


@given(days, rules, stretches)
def test_the_steps_name_each_day_before_the_due_one_that_does_not_count_and_no_other(start, the_rule, offsets):
    """So n days are left: of a rule that rolls, the due day takes the place of the n-th, which it names as idle."""
    pauses = [(start + n * DAY, start + (n + length) * DAY, "el IMSS no dio servicio") for n, length in offsets]
    due = clock.explain(start, "inscripción", the_rule, lft, pauses)
    between = [start + n * DAY for n in range(1, (due.on - start).days + 1)]
    named = [day for day in between if any(step.startswith(f"{clock.long_date(day).capitalize()}: no cuenta") for step in due.steps)]
    assert len(named) == len(due.steps) - 3
    assert due.on not in named
    assert len(between) - len(named) == the_rule.n


@given(days, rules)
def test_a_later_start_is_never_due_earlier(start, the_rule):
    assert clock.due_on(start + DAY, the_rule, lft) >= clock.due_on(start, the_rule, lft)


def test_says_every_day_that_does_not_count():
    due = clock.explain(dt.date(2026, 9, 14), "inscripción", rule(4), lft)
    assert due.steps == (
        "Inscripción: lunes 14 de septiembre de 2026. Ese día no se cuenta.",
        "Plazo: 4 días hábiles. Regla de prueba.",
        "Miércoles 16 de septiembre de 2026: no cuenta (Día de la Independencia).",
        "Sábado 19 de septiembre de 2026: no cuenta (fin de semana).",
        "Domingo 20 de septiembre de 2026: no cuenta (fin de semana).",
        "Vence el lunes 21 de septiembre de 2026.",
    )


def test_a_deadline_that_rolls_names_the_idle_days_and_the_day_it_is_due():
    due = clock.explain(dt.date(2028, 4, 12), "inscripción", rule(10, Unit.NATURALES, rolls=True), lft)
    assert due.steps[2:] == (
        "Sábado 22 de abril de 2028: no cuenta (el plazo no vence en día inhábil, fin de semana; pasa al siguiente).",
        "Domingo 23 de abril de 2028: no cuenta (el plazo no vence en día inhábil, fin de semana; pasa al siguiente).",
        "Vence el lunes 24 de abril de 2028.",
    )


def test_a_deadline_does_not_roll_into_a_pause():
    the_rule, monday = rule(10, Unit.NATURALES, rolls=True), dt.date(2028, 4, 24)
    assert clock.due_on(dt.date(2028, 4, 12), the_rule, lft, [(monday, monday + DAY, "el IMSS no dio servicio")]) == monday + DAY


def test_every_year_has_the_holidays_of_the_law():
    assert {len(national_holidays(year)) for year in (2025, 2026, 2027)} == {7}
    assert dt.date(2030, 10, 1) in national_holidays(2030)
