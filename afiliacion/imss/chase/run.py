"""The chase: claim what is due, ask IMSS about many errands at once, apply the answers in batches; until nothing is due or time is up.

The database work runs in the caller's thread and connection; the network runs beside it. No transaction is open while IMSS is asked.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings

from afiliacion.imss.chase.apply import apply
from afiliacion.imss.chase.ask import LocalBreaker, RateLimitedClient, ReceivedAnswer
from afiliacion.imss.chase.claimer import SOONEST, Claimer
from afiliacion.imss.chase.database_retry import retry_interrupted
from afiliacion.imss.chase.report import ChaseReport
from afiliacion.imss.client.adapters import connected, is_automatic
from afiliacion.imss.models import Errand, ImssSettings
from afiliacion.imss.queue.claims import ClaimedErrand
from afiliacion.imss.rate import circuit_breaker, notify
from afiliacion.imss.rate.limiter import RateLimiter
from afiliacion.stopping import never

#: Answers are gathered until they are so many, but for no less and no more than so many seconds: few commits, and no case waits noticeably.
BATCH: Final = 100
LEAST_GATHER, MOST_GATHER = 0.5, 2.0
#: The most errands one worker holds, however fast IMSS is: what a lease surely covers and memory does not notice.
MOST_HELD: Final = 600
#: The longest wait between two claims, in seconds: errands may become due earlier than expected (a request, a crashed worker).
_LONGEST: Final = 2.0


def chase(date: dt.date, now: dt.datetime, *, budget_seconds: float = 50.0, stop: Callable[[], bool] = never) -> ChaseReport:
    """Ask and send IMSS everything due on `date`; return what came of it. `now` dates what is written; leases go by the database's clock.

    Starts nothing after `budget_seconds`, nor once `stop()` is true (the process was told to end); what is under way then is still
    waited for (at most twice the client's timeout).
    Any number may run at the same time, be killed and run again. Without a service (manual adapter) nothing is touched.
    """
    report = ChaseReport()
    if is_automatic():
        async_to_sync(_Chase(date, now, time.monotonic() + budget_seconds, stop, report).run)()
    report.left = Errand.objects.filter(status=Errand.Status.OPEN, next_on__lte=date).count()
    return report


class _Chase:
    """One worker's chase. Claimed errands wait in `_waiting`; `_asking` are the requests under way, `_done` the answers to be applied."""

    def __init__(self, date: dt.date, now: dt.datetime, until: float, stop: Callable[[], bool], report: ChaseReport) -> None:
        self._date, self._now, self._until, self._stop, self._report = date, now, until, stop, report
        self._wake = asyncio.Event()
        self._breaker = LocalBreaker(ImssSettings.objects.get().failures_to_open, self._over, self._wake.set)
        self._limiter, self._concurrency = RateLimiter(), 1
        self._target = settings.IMSS_CONCURRENCY
        self._claimer = Claimer(date)
        self._waiting: deque[ClaimedErrand] = deque()
        self._asking: set[asyncio.Task[ReceivedAnswer]] = set()
        self._done: list[asyncio.Task[ReceivedAnswer]] = []

    @property
    def _held(self) -> int:
        return len(self._waiting) + len(self._asking)

    def _over(self) -> bool:
        return time.monotonic() > self._until or self._stop()

    async def run(self) -> None:
        async with connected() as imss:
            if settings.IMSS_FOLLOWS_DATE:
                await imss.follow(self._date)
            if await retry_interrupted(self._claimer.first_wait) is None:
                return
            client = RateLimitedClient(imss, self._limiter, self._breaker)
            async with notify.listening(self._breaker.stop, self._wake.set):
                try:
                    while await self._begin(client):
                        await self._finish()
                finally:
                    await self._abandon()

    async def _begin(self, client: RateLimitedClient) -> bool:
        """Send requests; False if none is under way and none will be in time."""
        while True:
            wait = await self._claim(client)
            if self._held or self._done:
                return True
            if wait is None or time.monotonic() + wait > self._until:
                return False
            await self._rest(min(max(wait, SOONEST), _LONGEST))

    async def _claim(self, client: RateLimitedClient) -> float | None:
        """Claim as many errands as may and can be asked now; return the seconds until it is worth trying again (None: no more today)."""
        if self._over():
            return None
        stops = self._breaker.stops
        allotment = await retry_interrupted(lambda: self._claimer.claim(self._held, self._target))
        self._report.parked += allotment.claims.parked
        if allotment.rate:
            self._breaker.close(stops, allotment.valid_until)
            self._limiter.rate = allotment.rate
            self._concurrency = allotment.concurrency
        self._waiting += allotment.claims.ask
        self._start(client)
        return allotment.wait_seconds

    def _start(self, client: RateLimitedClient) -> None:
        """Start as many tasks as the concurrency allows."""
        while self._waiting and len(self._asking) < self._concurrency:
            task = asyncio.create_task(client.ask(self._waiting.popleft()))
            self._asking.add(task)
            task.add_done_callback(partial(self._arrived, client))

    def _arrived(self, client: RateLimitedClient, task: asyncio.Task[ReceivedAnswer]) -> None:
        self._asking.discard(task)
        self._done.append(task)
        self._start(client)
        if not self._asking:
            self._wake.set()

    async def _finish(self) -> None:
        """Wait a little for answers and apply those that came."""
        if self._asking:
            await self._rest(min(max(BATCH / self._limiter.rate, LEAST_GATHER), MOST_GATHER))
        if pause := self._breaker.pause_seconds:
            self._breaker.pause_seconds = 0.0
            await retry_interrupted(lambda: circuit_breaker.pause_all(pause))
        done, self._done = self._done, []
        self._target = min(max(2 * len(done), settings.IMSS_CONCURRENCY), MOST_HELD)
        if done:
            received = [task.result() for task in done]
            applied = await retry_interrupted(lambda: apply(received, self._date, self._now))
            self._report.asked += len(done)
            self._report.add(applied)

    async def _rest(self, seconds: float) -> None:
        """Wait that long, or until something happens."""
        self._wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def _abandon(self) -> None:
        """Leave nothing running, at the end or after an error. Errands still held are free for the next claim of any worker."""
        self._waiting.clear()
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        await sync_to_async(self._claimer.leave)()
