"""The rate limiter of one process: it spaces this worker's requests evenly. Moments are the process' monotonic clock, in seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

#: So much lost time is caught up at once, no more: after a stall, the delayed requests do not leave all together.
CATCH_UP_SECONDS: Final = 0.04
#: A slot this near is taken at once: an event loop's clock is no finer, and the following slots come no sooner for it.
_RESOLUTION_SECONDS: Final = 0.0005


class RateLimiter:
    """One slot every 1/`rate` seconds, first come first served. `rate` (requests a second) may change at any time."""

    def __init__(self) -> None:
        self.rate = 1.0
        self._next_slot = 0.0
        self._queue = asyncio.Lock()

    async def acquire(self, unless: Callable[[], bool]) -> None:
        """Wait for the next slot and use it up; if `unless()` is true before or after the wait, leave the slot for the next caller."""
        async with self._queue:
            wait = self._next_slot - time.monotonic()
            if wait > _RESOLUTION_SECONDS and not unless():
                await asyncio.sleep(wait)
            if unless():
                return
            self._next_slot = max(self._next_slot, time.monotonic() - CATCH_UP_SECONDS) + 1 / self.rate
