"""What time an import takes it to be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from students.models import Plantel


@dataclass(frozen=True, slots=True)
class JobClock:
    """What time it is, asked when it is needed: a long import does not write an hour-old moment. A rehearsal brings its own."""

    now: Callable[[], dt.datetime] = timezone.now

    @classmethod
    def at(cls, day: dt.date, now: dt.datetime | None = None) -> JobClock:
        """A clock that stands still: at `now`, or at noon of `day`."""
        moment = now or timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
        return cls(lambda: moment)

    def today(self, plantel: Plantel) -> dt.date:
        """The date at the plantel whose list it is."""
        return plantel.day(self.now())
