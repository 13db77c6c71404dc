"""This process' share of what all may ask: evenly spaced turns. Its clock is the monotonic one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

#: So much lost time is made up for at once, no more: after a stall, the questions that waited do not come all together.
LATE_SECONDS: Final = 0.04
#: A turn so near is taken at once: no clock of an event loop is finer, and the turns after it come no sooner for it.
_NEAR_SECONDS: Final = 0.0005


class Turns:
    """One turn every 1/rate seconds, first come first served. The rate may change at any time, and holds from the next turn on."""

    def __init__(self) -> None:
        self.rate = 1.0
        self._next = 0.0
        self._queue = asyncio.Lock()

    async def turn(self, unless: Callable[[], bool]) -> None:
        """Wait for the next turn, or until there is reason not to take it: then it is the next one's."""
        async with self._queue:
            wait = self._next - time.monotonic()
            if wait > _NEAR_SECONDS and not unless():
                await asyncio.sleep(wait)
            if unless():
                return
            self._next = max(self._next, time.monotonic() - LATE_SECONDS) + 1 / self.rate
