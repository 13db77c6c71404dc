"""This process' share of what all may ask: evenly spaced turns, and places for questions under way. Its clock is the monotonic one."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final

#: So much lost time is made up for at once, no more: after a stall, the questions that waited do not come all together.
LATE_SECONDS: Final = 0.04


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
            if wait > 0 and not unless():
                await asyncio.sleep(wait)
            if unless():
                return
            self._next = max(self._next, time.monotonic() - LATE_SECONDS) + 1 / self.rate


class Places:
    """At most `limit` at once: `async with places:`. The limit may change; who is inside stays."""

    def __init__(self) -> None:
        self._limit = 1
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def resize(self, limit: int) -> None:
        self._limit = max(limit, 1)
        self._call()

    async def __aenter__(self) -> None:
        while self._taken >= self._limit:
            call = asyncio.get_running_loop().create_future()
            self._waiting.append(call)
            await call
        self._taken += 1

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._taken -= 1
        self._call()

    def _call(self) -> None:
        """Let in as many as there is room for."""
        room = self._limit - self._taken
        while room > 0 and self._waiting:
            call = self._waiting.popleft()
            if not call.done():
                call.set_result(None)
                room -= 1
