"""The chase: claim what is due, ask IMSS about many at once, apply the answers in batches; until nothing is due or time is up.

The database work runs in the caller's thread and connection; the network runs beside it. No transaction is open while IMSS is asked.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import Final, TypeVar

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from afiliacion.imss import askers, bell, outage
from afiliacion.imss.adapters import connected, is_automatic
from afiliacion.imss.apply import Applied, apply
from afiliacion.imss.ask import Heard, Restraint, Way
from afiliacion.imss.askers import SHARE_SECONDS, Share
from afiliacion.imss.claims import Claimed, Claims, claim
from afiliacion.imss.models import Errand, Manners
from afiliacion.imss.outage import Permit
from afiliacion.imss.turns import Turns

log = logging.getLogger(__name__)
T = TypeVar("T")

#: Answers are gathered until they are so many, but no longer and no shorter than this: few commits, and no case waits noticeably.
BATCH: Final = 100
LEAST_GATHER, MOST_GATHER = 0.5, 2.0
#: The most one worker has in hand, however fast IMSS is: what a lease surely covers and memory does not notice.
MOST_IN_HAND: Final = 600
#: Nobody has more in hand than it may ask in so many seconds, nor in this part of the time in which a claim is good for asking.
_AHEAD_SECONDS: Final = 5.0
_AHEAD_PART: Final = 0.8
_SOONEST: Final = 0.05
#: What is waited for may come earlier than expected: an officer asks for something, a colleague dies.
_LATEST: Final = 2.0
#: So many unanswered questions are no chance.
_SEVERAL: Final = 5
#: How often a transaction is tried that the database breaks off while it is well: a deadlock, a timeout.
_TRIES: Final = 3
#: How long a database that went away is waited for, and how often tried.
_PATIENCE_SECONDS: Final = 30.0
_AGAIN_SECONDS: Final = 0.5

_NEXT: Final = """
SELECT extract(epoch FROM min(next_at) - clock_timestamp())::float FROM imss_errand
WHERE status = 'open' AND next_on <= %s AND (lease_until IS NULL OR lease_until < clock_timestamp())
"""


@dataclass(slots=True)
class ChaseReport:
    """What one chase did. `left`: errands of that date still to be asked. `steps`: of cases, by verb; `refused`: by IMSS' code;
    `troubles`: tries without an answer, by kind."""

    asked: int = 0
    left: int = 0
    parked: int = 0
    quarantined: int = 0
    late: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)

    @property
    def in_vain(self) -> bool:
        """Several were asked about and none was answered: not the people are wrong but the line, the address, the format or the keys."""
        asked = self.asked - self.late - self.troubles["NotAsked"]
        return asked >= _SEVERAL and asked == self.quarantined + self.troubles.total() - self.troubles["NotAsked"]

    def add(self, applied: Applied) -> None:
        self.steps += applied.done
        self.refused += applied.refused
        self.troubles += applied.troubles
        self.parked += applied.parked
        self.quarantined += applied.quarantined
        self.late += applied.late


def never() -> bool:
    """Nobody stops this chase before its time."""
    return False


def chase(date: dt.date, now: dt.datetime, *, budget_seconds: float = 50.0, stop: Callable[[], bool] = never) -> ChaseReport:
    """Ask and tell IMSS everything due on `date`. `now` dates what is written down; leases go by the database's clock.

    Starts nothing after `budget_seconds`, nor once `stop()` says that the process was told to end; what is under way then is still
    waited for (at most twice the client's patience).
    Any number may run at the same time, be killed and run again. Without a line to IMSS (manual adapter) nothing is touched.
    """
    report = ChaseReport()
    if is_automatic():
        async_to_sync(_Chase(date, now, time.monotonic() + budget_seconds, stop, report).run)()
    report.left = Errand.objects.filter(status=Errand.Status.OPEN, next_on__lte=date).count()
    return report


@dataclass(frozen=True, slots=True)
class _Taken:
    """What was claimed, our part of the pace and of the places until when (monotonic); in how many seconds to come again (None: never)."""

    claims: Claims
    wait: float | None
    rate: float = 0.0
    places: int = 0
    until: float = 0.0


class _Chase:
    def __init__(self, date: dt.date, now: dt.datetime, until: float, stop: Callable[[], bool], report: ChaseReport) -> None:
        self._date, self._now, self._until, self._stop, self._report = date, now, until, stop, report
        self._wake = asyncio.Event()
        self._restraint = Restraint(Manners.objects.get().failures_to_open, self._over, self._wake.set)
        self._turns, self._places = Turns(), 1
        self._reach = settings.IMSS_CONCURRENCY
        self._waiting: deque[Claimed] = deque()
        self._asking: set[asyncio.Task[Heard]] = set()
        self._done: list[asyncio.Task[Heard]] = []
        self._me: int | None = None

    @property
    def _in_hand(self) -> int:
        return len(self._waiting) + len(self._asking)

    def _over(self) -> bool:
        return time.monotonic() > self._until or self._stop()

    async def run(self) -> None:
        async with connected() as imss:
            if settings.IMSS_FOLLOWS_DATE:
                await imss.follow(self._date)
            if await _lasting(self._look_first) is None:
                return
            way = Way(imss, self._turns, self._restraint)
            async with bell.listening(self._restraint.stop, self._wake.set):
                try:
                    while await self._begin(way):
                        await self._finish()
                finally:
                    await self._abandon()

    async def _begin(self, way: Way) -> bool:
        """Put errands on their way; False when none is and none will be in time."""
        while True:
            wait = await self._go_on(way)
            if self._in_hand or self._done:
                return True
            if wait is None or time.monotonic() + wait > self._until:
                return False
            await self._rest(min(max(wait, _SOONEST), _LATEST))

    async def _go_on(self, way: Way) -> float | None:
        """Claim as many as may and can be asked now; the seconds until it is worth trying again (None: never)."""
        if self._over():
            return None
        heard = self._restraint.heard
        taken = await _lasting(self._take)
        self._report.parked += taken.claims.parked
        if taken.rate:
            self._restraint.lift(heard, taken.until)
            self._turns.rate = taken.rate
            self._places = taken.places
        self._waiting += taken.claims.ask
        self._start(way)
        return taken.wait

    def _start(self, way: Way) -> None:
        """Send out as many as there are places for."""
        while self._waiting and len(self._asking) < self._places:
            task = asyncio.create_task(way.ask(self._waiting.popleft()))
            self._asking.add(task)
            task.add_done_callback(partial(self._arrived, way))

    def _arrived(self, way: Way, task: asyncio.Task[Heard]) -> None:
        self._asking.discard(task)
        self._done.append(task)
        self._start(way)
        if not self._asking:
            self._wake.set()

    async def _finish(self) -> None:
        """Wait a little for answers and write down those that came."""
        if self._asking:
            await self._rest(min(max(BATCH / self._turns.rate, LEAST_GATHER), MOST_GATHER))
        if quiet := self._restraint.quiet_seconds:
            self._restraint.quiet_seconds = 0.0
            await _lasting(lambda: outage.hush(quiet))
        done, self._done = self._done, []
        self._reach = min(max(2 * len(done), settings.IMSS_CONCURRENCY), MOST_IN_HAND)
        if done:
            heard = [task.result() for task in done]
            applied = await _lasting(lambda: apply(heard, self._date, self._now))
            self._report.asked += len(done)
            self._report.add(applied)

    async def _rest(self, seconds: float) -> None:
        """Wait that long, or until something happened."""
        self._wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    def _look_first(self) -> float | None:
        askers.bury()
        return _next_in(self._date)

    def _take(self) -> _Taken:
        """In one transaction: may we, who else does, and what is due."""
        until = time.monotonic() + SHARE_SECONDS
        with transaction.atomic():
            permit = outage.permit(self._reach - self._in_hand)
            if not permit.rate:
                return self._go(permit.wait_seconds)
            askers.bury(self._me)
            if not self._in_hand and (wait := _next_in(self._date)) != 0.0:
                return self._go(wait)
            share = askers.renew(self._me)
            taken = self._claim(permit, share, until) if share.ours else _Taken(Claims(), _SOONEST)
        self._me = share.me
        return taken

    def _claim(self, permit: Permit, share: Share, until: float) -> _Taken:
        rate, places = permit.rate / share.among, max(settings.IMSS_CONCURRENCY // share.among, 1)
        ahead = min(_AHEAD_SECONDS, _AHEAD_PART * settings.IMSS_TIMEOUT_SECONDS)
        room = min(permit.room, ceil(rate * ahead) - self._in_hand)
        return _Taken(claim(self._date, room, holder=share.me) if room > 0 else Claims(), 0.0, rate, places, until)

    def _go(self, wait: float | None) -> _Taken:
        """Nothing to be asked now: with nothing in hand either, the others may have our share."""
        if self._me and not self._in_hand:
            askers.leave(self._me)
            self._me = None
        return _Taken(Claims(), wait)

    async def _abandon(self) -> None:
        """The end, or something of ours broke: nothing is left running. What was still in hand is free as soon as a colleague looks."""
        self._waiting.clear()
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        if self._me:
            await sync_to_async(askers.leave)(self._me)


class _BrokenOff(Exception):
    """The database broke off a transaction, or is `gone`; the connection is closed."""

    def __init__(self, why: str, *, gone: bool) -> None:
        super().__init__(why)
        self.gone = gone


async def _lasting(work: Callable[[], T]) -> T:
    """Do a transaction's work, again if the database went away or broke it off. Everything here may be done twice: attempts fence it."""
    until, tries = time.monotonic() + _PATIENCE_SECONDS, 0
    while True:
        try:
            return await sync_to_async(_once)(work)
        except _BrokenOff as error:
            tries += not error.gone
            if tries == _TRIES or time.monotonic() > until:
                raise
            log.warning("the database broke off, trying again: %s", error)
            await asyncio.sleep(_AGAIN_SECONDS)


def _once(work: Callable[[], T]) -> T:
    try:
        return work()
    except (OperationalError, InterfaceError) as error:
        if connection.in_atomic_block:
            raise
        gone = connection.connection is None or connection.connection.closed
        connection.close()
        raise _BrokenOff(type(error.__cause__ or error).__name__, gone=gone) from error


def _next_in(date: dt.date) -> float | None:
    """Seconds until the next errand of this date that nobody holds is due again; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [date])
        seconds: float | None = cursor.fetchone()[0]
    return None if seconds is None else max(seconds, 0.0)
