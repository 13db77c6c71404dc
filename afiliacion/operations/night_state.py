"""When nights are made, and whether they still are: derived from the rows and the clock, since workers and beat may both be down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from afiliacion.operations.models import NightRun

#: A night not made so long after its hour is missing.
GRACE: Final = dt.timedelta(hours=1)


def begins(date: dt.date) -> dt.datetime:
    """Return the moment at which the night of `date` is made."""
    return timezone.make_aware(dt.datetime.combine(date, dt.time(settings.NIGHT_HOUR, settings.NIGHT_MINUTE)))


def coming(now: dt.datetime) -> tuple[dt.date, dt.datetime]:
    """Return the next night to be made: its date, and the moment it is made (`now`, if it should have been already)."""
    today = timezone.localdate(now)
    made = NightRun.objects.filter(date=today, finished_at__isnull=False).exists()
    date = today + dt.timedelta(days=1) if made else today
    return date, max(now, begins(date))


def is_missing(now: dt.datetime) -> bool:
    """Whether the night of today should have been made, and is neither made nor being made. Days gone by are not made up for one by one."""
    today = timezone.localdate(now)
    return begins(today) <= now and not taken().filter(date=today).exists()


def taken() -> QuerySet[NightRun]:
    """Return the query of the nights that are made or being made."""
    return NightRun.objects.filter(Q(finished_at__isnull=False) | Q(lease_until__gte=Now())).order_by("-date")


def days_without(latest: Iterable[NightRun], now: dt.datetime) -> int:
    """Return for how many days no night has been made, at `now`. `latest`: the first row of `taken()`, if there is one; without one, 0: a
    new office has had no night yet."""
    today = timezone.localdate(now)
    due = today if now >= begins(today) + GRACE else today - dt.timedelta(days=1)
    return max((0, *((due - night.date).days for night in latest)))


def sentence(days: int) -> str:
    """Return in Spanish that there has been no night for so many days."""
    return f"Sin noche desde hace {days} {'día' if days == 1 else 'días'}: los trabajos automáticos no están corriendo."
