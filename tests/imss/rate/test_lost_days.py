"""A day without IMSS does not count against anybody."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from afiliacion.cases import upkeep
from afiliacion.cases.models import OutageDay
from afiliacion.cases.outcome import Act
from afiliacion.imss.models import Outage
from afiliacion.imss.rate.lost_days import note_lost_days

pytestmark = pytest.mark.django_db


def at(text: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("since", "until", "lost"),
    [
        ("2026-08-10T08:00", "2026-08-10T14:00", [10]),
        ("2026-08-10T08:00", "2026-08-10T13:59", []),
        ("2026-08-09T20:00", "2026-08-10T03:00", []),  # long, but in neither day long enough
        ("2026-08-08T12:00", "2026-08-11T01:00", [8, 9, 10]),
        ("2026-08-10T20:00", None, [11]),  # still going on
        ("2026-08-12T00:10", None, []),  # today is not over
    ],
)
def test_a_day_is_lost_when_imss_was_away_for_hours(since, until, lost):
    Outage.objects.create(since=at(since), until=until and at(until), reason="caído")
    today, now = dt.date(2026, 8, 12), at("2026-08-12T02:30")
    assert [day.day for day in note_lost_days(today, now)] == lost
    assert note_lost_days(today, now) == []
    assert [day.day for day in OutageDay.objects.order_by("date").values_list("date", flat=True)] == lost


def test_who_could_not_get_an_nss_that_day_gets_a_day_more(make_case, actor, now):
    case = make_case(enrolled_on=dt.date(2026, 8, 6))
    Outage.objects.create(since=at("2026-08-10T07:00"), until=at("2026-08-10T20:00"), reason="caído")
    note_lost_days(dt.date(2026, 8, 11), now)
    upkeep.reschedule(dt.date(2026, 8, 11), act=Act(actor, now))
    case.refresh_from_db()
    assert case.due_on == dt.date(2026, 8, 12)
