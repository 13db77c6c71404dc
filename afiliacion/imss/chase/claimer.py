"""The database side of a chase: in one transaction, the permission to ask, the worker's share, and the errands it claims."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from math import ceil
from typing import Final

from django.conf import settings
from django.db import transaction

from afiliacion.imss.queue.claims import ClaimResult, claim, seconds_until_due
from afiliacion.imss.rate import circuit_breaker, worker_shares
from afiliacion.imss.rate.circuit_breaker import Permit
from afiliacion.imss.rate.worker_shares import SHARE_SECONDS, ShareGrant

#: No worker claims more than it may ask in so many seconds, nor in this part of the time in which a claim is good for asking.
_AHEAD_SECONDS: Final = 5.0
_AHEAD_PART: Final = 0.8
#: How soon a worker without a share tries again, in seconds.
SOONEST: Final = 0.05


@dataclass(frozen=True, slots=True)
class Allotment:
    """What a worker may do now: the errands it claimed, its part of the rate (requests a second; 0: ask nothing) and of the concurrency
    until `valid_until` (monotonic), and in how many seconds to claim again (None: no more today)."""

    claims: ClaimResult
    wait_seconds: float | None
    rate: float = 0.0
    concurrency: int = 0
    valid_until: float = 0.0


class Claimer:
    """The claims of one worker for the errands of one date."""

    def __init__(self, date: dt.date) -> None:
        self._date = date
        self._worker_id: int | None = None

    def first_wait(self) -> float | None:
        """Release the errands of crashed workers; return the seconds until the first errand is due (None: there is none)."""
        worker_shares.release_crashed()
        return seconds_until_due(self._date)

    def claim(self, held: int, target: int) -> Allotment:
        """Renew the share and claim so many errands that the worker, which holds `held`, holds `target`; as far as it may."""
        valid_until = time.monotonic() + SHARE_SECONDS
        with transaction.atomic():
            permit = circuit_breaker.permit(target - held)
            if not permit.rate:
                return self._nothing(permit.wait_seconds, held)
            worker_shares.release_crashed(self._worker_id)
            if not held and (wait := seconds_until_due(self._date)) != 0.0:
                return self._nothing(wait, held)
            share = worker_shares.renew(self._worker_id)
            allotment = self._allot(permit, share, held, valid_until) if share.granted else Allotment(ClaimResult(), SOONEST)
        # Only once it is committed: a transaction that is interrupted is done again with what was true before it.
        self._worker_id = share.worker_id
        return allotment

    def leave(self) -> None:
        """Give the share back, if there is one."""
        if self._worker_id:
            worker_shares.leave(self._worker_id)
            self._worker_id = None

    def _allot(self, permit: Permit, share: ShareGrant, held: int, valid_until: float) -> Allotment:
        rate, concurrency = permit.rate / share.divisor, max(settings.IMSS_CONCURRENCY // share.divisor, 1)
        ahead = min(_AHEAD_SECONDS, _AHEAD_PART * settings.IMSS_TIMEOUT_SECONDS)
        room = min(permit.room, ceil(rate * ahead) - held)
        claims = claim(self._date, room, holder=share.worker_id) if room > 0 else ClaimResult()
        return Allotment(claims, 0.0, rate, concurrency, valid_until)

    def _nothing(self, wait: float | None, held: int) -> Allotment:
        """Nothing may be asked now. A worker that holds nothing leaves its share to the others."""
        if not held:
            self.leave()
        return Allotment(ClaimResult(), wait)
