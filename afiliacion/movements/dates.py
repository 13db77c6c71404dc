"""Until when a movement is presented in time."""

from __future__ import annotations

import datetime as dt
from typing import Final

from afiliacion.cases.calendars import national_holidays

#: Working days within which an alta or baja is presented; IMSS marks one that is later as extemporáneo (docs/domain.md, 5.3).
_IN_TIME: Final = 5
_WEEKEND: Final = (5, 6)


def in_time_since(today: dt.date) -> dt.date:
    """Return the first day of which a movement that is presented today is not late."""
    day, left = today, _IN_TIME
    while left:
        day -= dt.timedelta(days=1)
        left -= day.weekday() not in _WEEKEND and day not in national_holidays(day.year)
    return day
