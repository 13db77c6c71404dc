"""Pure: how long to wait before asking again, for one errand and for everybody."""

from __future__ import annotations

import datetime as dt
import random
from email.utils import parsedate_to_datetime
from typing import Final

#: How far a Retry-After is obeyed: less than a second is no pause, more than a quarter of an hour is a mistake of theirs.
SHORTEST: Final = 1.0
LONGEST: Final = 900.0
#: They asked for a pause without saying, or without us understanding, how long.
UNSAID: Final = 5.0
_DOUBLINGS: Final = 16


def delay(misses: int, *, base: float, most: float, dice: random.Random) -> float:
    """Seconds until an errand with that many tries in a row without an answer is asked again: doubling, with jitter."""
    return min(most, base * 2.0 ** min(max(misses - 1, 0), _DOUBLINGS)) * dice.uniform(0.5, 1.0)


def retry_after(header: str | None, date: str | None) -> float:
    """Seconds that a Retry-After asks for, kept between SHORTEST and LONGEST. `date`: the answer's own Date header."""
    if not header:
        return UNSAID
    try:
        seconds: float = int(header)
    except ValueError:
        seconds = _until(header, date)
    return float(min(max(seconds, SHORTEST), LONGEST))


def _until(header: str, date: str | None) -> float:
    """From their Date to the moment they name: both by their clock, so ours may be wrong."""
    try:
        return (_aware(header) - _aware(date or "")).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return UNSAID


def _aware(text: str) -> dt.datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
