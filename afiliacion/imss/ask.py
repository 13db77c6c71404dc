"""One errand, one question: which method of the port answers it; and when to hold back. Only a fault of ours is raised."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from afiliacion.imss.claims import Claimed
from afiliacion.imss.models import Errand
from afiliacion.imss.port import Answer, Imss, ImssError, MovementAnswer, NotAsked, Recoverable, UnknownMovement, is_answer, is_failure
from afiliacion.imss.turns import Turns


@dataclass(frozen=True, slots=True)
class Heard:
    """An errand and what was heard about it."""

    claimed: Claimed
    said: Answer | ImssError


class Restraint:
    """What this process has just heard, before it is written down for everybody: no call into a pause, into a dead line, beyond our share
    of the pace or overtime."""

    def __init__(self, most_failures: int, over: Callable[[], bool], on_stop: Callable[[], None]) -> None:
        """`over`: whether the time for asking is over. `on_stop` is called when a pause begins."""
        self._most_failures, self._over, self._on_stop = most_failures, over, on_stop
        self._failures, self._stopped, self._heard, self._share_until = 0, False, 0, 0.0
        self.quiet_seconds = 0.0

    @property
    def heard(self) -> int:
        """How often a stop was heard: give it back to `lift`."""
        return self._heard

    def lift(self, heard: int, share_until: float) -> None:
        """The line was free when the rows were read, unless a stop was heard meanwhile; we have a share of it until then (monotonic)."""
        self._share_until = share_until
        if heard == self._heard:
            self._failures, self._stopped = 0, False

    def stop(self) -> None:
        """Somebody says so: ask nothing until the rows have been read again."""
        self._stopped = True
        self._heard += 1
        self._on_stop()

    def hear(self, said: Answer | ImssError) -> None:
        if isinstance(said, Recoverable) and said.quiet_seconds:
            self.quiet_seconds = max(self.quiet_seconds, said.quiet_seconds)
            self.stop()
        if is_failure(said):
            self._failures += 1
        elif is_answer(said):
            self._failures = 0

    @property
    def holds(self) -> bool:
        return self._stopped or self._failures >= self._most_failures or time.monotonic() > self._share_until or self._over()


@dataclass(frozen=True, slots=True)
class Way:
    """How this process asks: through which adapter, in which turn, and held back by what."""

    imss: Imss
    turns: Turns
    restraint: Restraint

    async def ask(self, claimed: Claimed) -> Heard:
        """Ask IMSS what this errand is about, unless there is reason not to."""
        try:
            said: Answer | ImssError = await self._answer(claimed)
        except ImssError as error:
            said = error
        self.restraint.hear(said)
        return Heard(claimed, said)

    async def _answer(self, claimed: Claimed) -> Answer:
        await self._turn(claimed)
        match claimed.errand.kind:
            case Errand.Kind.LOCATE_NSS:
                return await self.imss.locate_nss(claimed.curp, claimed.email)
            case Errand.Kind.CHECK_VIGENCIA:
                return await self.imss.check_vigencia(claimed.curp, claimed.nss)
            case _:
                return await self._movement(claimed)

    async def _turn(self, claimed: Claimed) -> None:
        """Every request waits for its turn. Raises NotAsked when by then there is reason not to ask."""

        def too_late() -> bool:
            return self.restraint.holds or time.monotonic() > claimed.start_before

        await self.turns.turn(unless=too_late)
        if too_late():
            raise NotAsked("No se alcanzó a preguntar.")

    async def _movement(self, claimed: Claimed) -> MovementAnswer:
        """Follow a movement IMSS has; look up one it may have; send one it surely has not."""
        movement = claimed.movement
        assert movement is not None  # noqa: S101 - claims.py froze it
        if claimed.errand.received_on:
            return await self.imss.movement_status(movement)
        if claimed.doubtful:
            try:
                return await self.imss.movement_status(movement)
            except UnknownMovement:
                if not claimed.wanted:
                    raise
            await self._turn(claimed)
        return await self.imss.send_movement(movement)
