"""Days on which IMSS gave no service: noted so that no deadline counts them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from afiliacion.cases.models import OutageDay
from afiliacion.imss.models import Outage

#: How far back outages are looked at: older ones were noted on earlier nights.
_BACK: Final = dt.timedelta(days=31)


def note_lost_days(today: dt.date, now: dt.datetime) -> list[dt.date]:
    """Write down the days before `today` on which IMSS did not answer for IMSS_DAY_LOST_HOURS or more; return those that are new.

    An outage still going on is counted up to `now`.
    """
    since = _midnight(today - _BACK)
    stretches = [
        (max(start, since), until or now)
        for start, until in Outage.objects.filter(Q(until=None) | Q(until__gt=since)).values_list("since", "until")
    ]
    lost = [day for n in range(_BACK.days) if _is_lost(day := today - _BACK + dt.timedelta(days=n), stretches)]
    new = sorted(set(lost) - set(OutageDay.objects.filter(date__in=lost).values_list("date", flat=True)))
    source = f"El IMSS no respondió {settings.IMSS_DAY_LOST_HOURS} horas o más"
    OutageDay.objects.bulk_create([OutageDay(date=day, source=source) for day in new], ignore_conflicts=True)
    return new


def _is_lost(day: dt.date, stretches: list[tuple[dt.datetime, dt.datetime]]) -> bool:
    begins, ends = _midnight(day), _midnight(day + dt.timedelta(days=1))
    away = sum((max(dt.timedelta(), min(until, ends) - max(since, begins)) for since, until in stretches), dt.timedelta())
    return away >= dt.timedelta(hours=settings.IMSS_DAY_LOST_HOURS)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
