"""The authority's own calendar: the real time of day in Mexico City, on a date that can be moved forward."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from secrets import randbelow
from zoneinfo import ZoneInfo

MEXICO_CITY = ZoneInfo("America/Mexico_City")
LAST_DAY = date(2099, 12, 31)
FIRST_DAY = date(2002, 1, 1)  # from 2001-09-09 on, epoch milliseconds have the 13 digits that folios carry


class Clock:
    """Real days plus an offset. `now` gives aware datetimes; it is an argument so that tests can hold it."""

    def __init__(self, offset_days: int = 0, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.offset_days = offset_days
        self._now = now

    def now(self) -> datetime:
        """This moment on the simulated date, in Mexico City."""
        return self._now().astimezone(MEXICO_CITY) + timedelta(days=self.offset_days)

    def offset_to(self, day: date) -> int | None:
        """The offset that makes today `day`; None when that would go back or leave the calendar."""
        today = self.now().date()
        return self.offset_days + (day - today).days if today <= day <= LAST_DAY else None

    def first_offset_to(self, day: date) -> int:
        """The offset of a new register that opens on `day`, past or future; raises ValueError outside the calendar."""
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError(day)
        return (day - self._now().astimezone(MEXICO_CITY).date()).days


class Folios:
    """Folios of 22 digits: epoch milliseconds of the simulated moment (13), then a running number (9)."""

    def __init__(self) -> None:
        self._running = count(randbelow(10**9))

    def issue(self, moment: datetime) -> str:
        """A new folio whose first 13 digits say `moment`."""
        return f"{int(moment.timestamp() * 1000):013d}{next(self._running) % 10**9:09d}"
