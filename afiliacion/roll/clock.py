"""What time an import takes it to be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, asked when it is needed: a long import does not write an hour-old moment. A rehearsal brings its own."""

    now: Callable[[], dt.datetime] = timezone.now

    @classmethod
    def at(cls, day: dt.date, now: dt.datetime | None = None) -> Clock:
        """A clock that stands still: at `now`, or at noon of `day`."""
        moment = now or timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
        return cls(lambda: moment)

    @property
    def today(self) -> dt.date:
        return timezone.localdate(self.now())
