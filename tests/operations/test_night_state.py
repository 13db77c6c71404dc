"""Whether nights are still made, by the rows and the clock alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from afiliacion.operations import night_state
from afiliacion.operations.models import NightRun

MONDAY = dt.date(2026, 8, 17)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(dt.date(2026, 8, day), dt.time(hour, minute)))


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (at(17, 3), 0),
        (at(17, 23), 0),
        # The night of Tuesday is due at 02:30, and missing an hour later.
        (at(18, 2), 0),
        (at(18, 3, 29), 0),
        (at(18, 3, 30), 1),
        (at(18, 23), 1),
        (at(19, 3), 1),
        (at(19, 9), 2),
        (at(31, 9), 14),
    ],
)
def test_nights_are_missing_from_an_hour_after_their_time_on(now, days):
    assert night_state.days_without([NightRun(date=MONDAY)], now) == days


def test_a_new_office_has_had_no_night_yet():
    assert night_state.days_without([], at(19, 9)) == 0


def test_a_night_that_was_begun_and_never_ended_is_none(db):
    NightRun.objects.create(date=MONDAY, finished_at=at(17, 3))
    died = NightRun.objects.create(date=MONDAY + dt.timedelta(days=1), lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert night_state.taken()[0].date == MONDAY
    NightRun.objects.filter(pk=died.pk).update(lease_until=timezone.now() + dt.timedelta(hours=1))
    assert night_state.taken()[0].date == died.date


@pytest.mark.parametrize(("days", "words"), [(1, "hace 1 día:"), (3, "hace 3 días:")])
def test_it_says_for_how_many_days(days, words):
    assert words in night_state.sentence(days)
