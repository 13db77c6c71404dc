"""Limit the mails per minute of all senders together: each sender reserves its slots in one row, by the database's clock."""

from __future__ import annotations

import time
from typing import Final

from django.db import connection

_RESERVE: Final = """
    INSERT INTO reminders_pace (id, free_at) VALUES (1, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (id) DO UPDATE SET free_at = greatest(reminders_pace.free_at, clock_timestamp()) + make_interval(secs => %(seconds)s)
    RETURNING extract(epoch FROM free_at - make_interval(secs => %(seconds)s) - clock_timestamp())
"""
#: How far ahead one claim may reserve slots: far less than a lease.
_AHEAD_SECONDS: Final = 5


class SendRate:
    """Slots for `a_minute` mails a minute; 0 means no limit."""

    def __init__(self, a_minute: int) -> None:
        self.a_minute = a_minute
        self.batch = max(1, a_minute * _AHEAD_SECONDS // 60) if a_minute else 1_000_000

    def reserve(self, letters: int) -> list[float]:
        """Reserve a slot for each of so many mails; return their moments on this process' monotonic clock (seconds)."""
        if not self.a_minute:
            return [0.0] * letters
        gap = 60 / self.a_minute
        # One statement: two senders that read, add and write would take the same slots.
        with connection.cursor() as cursor:
            cursor.execute(_RESERVE, {"seconds": gap * letters})
            wait = float(cursor.fetchone()[0])
        first = time.monotonic() + max(wait, 0.0)
        return [first + gap * n for n in range(letters)]
