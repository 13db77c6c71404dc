"""The chase: claim what is due, ask IMSS about many at once, apply the answers in batches; until nothing is due or time is up.

The database work runs in the caller's thread and connection; the network runs beside it. No transaction is open while IMSS is asked.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import connection

from afiliacion.imss import outage
from afiliacion.imss.adapters import connected, is_automatic
from afiliacion.imss.apply import Applied, apply
from afiliacion.imss.ask import Heard, Restraint, ask
from afiliacion.imss.claims import Claimed, Claims, claim
from afiliacion.imss.models import Errand, Manners
from afiliacion.imss.port import Imss

#: Answers are gathered this long before they are written: few commits, and no case waits noticeably.
GATHER_SECONDS: Final = 0.25
#: The most one claim takes, however fast IMSS is: what a lease surely covers and memory does not notice.
MOST_IN_HAND: Final = 500
_SOONEST: Final = 0.05

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

    def add(self, applied: Applied) -> None:
        self.steps += applied.done
        self.refused += applied.refused
        self.troubles += applied.troubles
        self.parked += applied.parked
        self.quarantined += applied.quarantined
        self.late += applied.late


def chase(date: dt.date, now: dt.datetime, *, budget_seconds: float = 50.0) -> ChaseReport:
    """Ask and tell IMSS everything due on `date`. `now` dates what is written down; leases go by the database's clock.

    Starts nothing after `budget_seconds`; what is under way then is still waited for (at most twice the client's patience).
    Any number may run at the same time, be killed and run again. Without a line to IMSS (manual adapter) nothing is touched.
    """
    report = ChaseReport()
    if is_automatic():
        until = time.monotonic() + budget_seconds
        restraint = Restraint(Manners.objects.get().failures_to_open, until)
        async_to_sync(_Chase(date, now, until, report, restraint).run)()
    report.left = Errand.objects.filter(status=Errand.Status.OPEN, next_on__lte=date).count()
    return report


class _Chase:
    def __init__(self, date: dt.date, now: dt.datetime, until: float, report: ChaseReport, restraint: Restraint) -> None:
        self._date, self._now, self._report, self._restraint = date, now, report, restraint
        self._until = until
        self._places = asyncio.Semaphore(settings.IMSS_CONCURRENCY)
        self._reach = settings.IMSS_CONCURRENCY
        self._asking: set[asyncio.Task[Heard]] = set()

    async def run(self) -> None:
        async with connected() as imss:
            if settings.IMSS_FOLLOWS_DATE:
                await imss.follow(self._date)
            try:
                while await self._begin(imss):
                    await self._finish()
            finally:
                await self._abandon()

    async def _begin(self, imss: Imss) -> bool:
        """Put errands on their way; False when none is and none will be in time."""
        while True:
            wait = await self._claim(imss)
            if self._asking:
                return True
            if wait is None or time.monotonic() + wait > self._until:
                return False
            await asyncio.sleep(max(wait, _SOONEST))

    async def _claim(self, imss: Imss) -> float | None:
        """Claim as many as may and can be asked now; the seconds until it is worth trying again (None: never)."""
        if time.monotonic() > self._until:
            return None
        claims, wait = await sync_to_async(_take)(self._date, self._reach - len(self._asking))
        self._report.parked += claims.parked
        if claims.ask:
            self._restraint.lift()
        self._asking |= {asyncio.create_task(self._ask(imss, claimed)) for claimed in claims.ask}
        return wait

    async def _ask(self, imss: Imss, claimed: Claimed) -> Heard:
        async with self._places:
            return await ask(imss, claimed, self._restraint)

    async def _finish(self) -> None:
        """Wait a little for answers and write down those that came."""
        done, self._asking = await asyncio.wait(self._asking, timeout=GATHER_SECONDS)
        self._reach = min(max(2 * len(done), settings.IMSS_CONCURRENCY), MOST_IN_HAND)
        if done:
            self._report.asked += len(done)
            self._report.add(await sync_to_async(apply)([task.result() for task in done], self._date, self._now))

    async def _abandon(self) -> None:
        """Something of ours broke: nothing is left running. The leases run out by themselves."""
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)


def _take(date: dt.date, room: int) -> tuple[Claims, float | None]:
    """What may be asked now, and in how many seconds there may be more."""
    if room <= 0:
        return Claims(), 0.0
    permit = outage.permit(room)
    if not permit.room:
        return Claims(), permit.wait_seconds
    claims = claim(date, permit.room)
    return claims, 0.0 if claims.ask or claims.put_away else _next_in(date)


def _next_in(date: dt.date) -> float | None:
    """Seconds until the next errand of this date that nobody holds is due again; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [date])
        seconds: float | None = cursor.fetchone()[0]
    return None if seconds is None else max(seconds, 0.0)
