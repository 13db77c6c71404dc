"""So many letters a minute, whoever sends them: each sender takes its turns from one row, by the database's clock."""

from __future__ import annotations

import time
from typing import Final

from django.db import connection

_RESERVE: Final = """
    INSERT INTO reminders_pace (id, free_at) VALUES (1, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (id) DO UPDATE SET free_at = greatest(reminders_pace.free_at, clock_timestamp()) + make_interval(secs => %(seconds)s)
    RETURNING extract(epoch FROM free_at - make_interval(secs => %(seconds)s) - clock_timestamp())
"""
#: How far ahead one claim may take turns: far less than a lease.
_AHEAD_SECONDS: Final = 5


class Pace:
    """Turns for `a_minute` letters a minute; 0 means that nobody has to wait."""

    def __init__(self, a_minute: int) -> None:
        self.a_minute = a_minute
        self.batch = max(1, a_minute * _AHEAD_SECONDS // 60) if a_minute else 1_000_000

    def reserve(self, letters: int) -> list[float]:
        """When each of so many letters may go, on this process' monotonic clock."""
        if not self.a_minute:
            return [0.0] * letters
        gap = 60 / self.a_minute
        with connection.cursor() as cursor:
            cursor.execute(_RESERVE, {"seconds": gap * letters})
            wait = float(cursor.fetchone()[0])
        first = time.monotonic() + max(wait, 0.0)
        return [first + gap * n for n in range(letters)]
