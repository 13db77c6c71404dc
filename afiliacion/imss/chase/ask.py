"""One errand, one request: which method of the port answers it, and when not to send it. Only errors of the office itself are raised."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from afiliacion.imss.client.port import (
    Imss,
    ImssAnswer,
    ImssError,
    MovementAnswer,
    NotAsked,
    Recoverable,
    is_answer,
    is_failure,
)
from afiliacion.imss.models import Errand
from afiliacion.imss.queue.claims import ClaimedErrand
from afiliacion.imss.rate.limiter import RateLimiter


@dataclass(frozen=True, slots=True)
class ReceivedAnswer:
    """A claimed errand and the result of its request: an answer of IMSS, or the error."""

    claimed: ClaimedErrand
    result: ImssAnswer | ImssError


class LocalBreaker:
    """The circuit breaker of this process, ahead of the shared one: it opens at once on a pause, on consecutive failures, at the end of the
    share of the rate, and when the time for asking is over."""

    def __init__(self, most_failures: int, over: Callable[[], bool], on_stop: Callable[[], None]) -> None:
        """`over`: whether the time for asking is over. `on_stop` is called when a pause begins."""
        self._most_failures, self._over, self._on_stop = most_failures, over, on_stop
        self._failures, self._is_stopped, self._stops, self._share_until = 0, False, 0, 0.0
        self.pause_seconds = 0.0

    @property
    def stops(self) -> int:
        """How often `stop` was called, to be passed to `close`."""
        return self._stops

    def close(self, stops: int, share_until: float) -> None:
        """Close it after the shared state allowed requests, unless `stop` was called since `stops` was read. `share_until`: monotonic."""
        self._share_until = share_until
        if stops == self._stops:
            self._failures, self._is_stopped = 0, False

    def stop(self) -> None:
        """Open it until the shared state has been read again."""
        self._is_stopped = True
        self._stops += 1
        self._on_stop()

    def record(self, result: ImssAnswer | ImssError) -> None:
        """Count a failure or a success; stop if IMSS asked for a pause."""
        if isinstance(result, Recoverable) and result.pause_seconds:
            self.pause_seconds = max(self.pause_seconds, result.pause_seconds)
            self.stop()
        if is_failure(result):
            self._failures += 1
        elif is_answer(result):
            self._failures = 0

    @property
    def is_open(self) -> bool:
        """Whether no request may be sent now."""
        return self._is_stopped or self._failures >= self._most_failures or time.monotonic() > self._share_until or self._over()


@dataclass(frozen=True, slots=True)
class RateLimitedClient:
    """The port, its requests spaced by the limiter and held back by the breaker."""

    imss: Imss
    limiter: RateLimiter
    breaker: LocalBreaker

    async def ask(self, claimed: ClaimedErrand) -> ReceivedAnswer:
        """Send the errand's request, unless the breaker is open by its turn; return what came of it."""
        try:
            result: ImssAnswer | ImssError = await self._answer(claimed)
        except ImssError as error:
            result = error
        self.breaker.record(result)
        return ReceivedAnswer(claimed, result)

    async def _answer(self, claimed: ClaimedErrand) -> ImssAnswer:
        await self._acquire_slot(claimed)
        match claimed.errand.kind:
            case Errand.Kind.LOCATE_NSS:
                return await self.imss.locate_nss(claimed.curp, claimed.email)
            case Errand.Kind.CHECK_VIGENCIA:
                return await self.imss.check_vigencia(claimed.curp, claimed.nss)
            case _:
                return await self._movement(claimed)

    async def _acquire_slot(self, claimed: ClaimedErrand) -> None:
        """Wait for the limiter. Raises NotAsked if by then the breaker is open or the claim too old."""

        def too_late() -> bool:
            return self.breaker.is_open or time.monotonic() > claimed.start_before

        await self.limiter.acquire(unless=too_late)
        if too_late():
            raise NotAsked("No se alcanzó a preguntar.")

    async def _movement(self, claimed: ClaimedErrand) -> MovementAnswer:
        """Ask about a movement that IMSS has or may have received; send one that it surely has not."""
        movement = claimed.movement
        assert movement is not None  # noqa: S101 - claims.py stored it
        if claimed.errand.received_on or claimed.doubtful:
            return await self.imss.movement_status(movement)
        return await self.imss.send_movement(movement)
