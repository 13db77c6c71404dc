"""Pure: how many seconds a Retry-After header asks for (RFC 9110, 10.2.3)."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import Final

#: The limits within which a Retry-After is obeyed: less than a second is no pause, more than a quarter of an hour is a mistake of IMSS.
SHORTEST: Final = 1.0
LONGEST: Final = 900.0
#: The pause if IMSS gave no readable length.
UNSAID: Final = 5.0


def retry_after(header: str | None, date: str | None) -> float:
    """Return the seconds a Retry-After asks for, kept between SHORTEST and LONGEST. `date`: the answer's own Date header."""
    if not header:
        return UNSAID
    try:
        seconds: float = int(header)
    except ValueError:
        seconds = _until(header, date)
    return float(min(max(seconds, SHORTEST), LONGEST))


def _until(header: str, date: str | None) -> float:
    """From IMSS' Date to the moment it names: both by its clock, so that ours may be wrong."""
    try:
        return (_aware(header) - _aware(date or "")).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return UNSAID


def _aware(text: str) -> dt.datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
