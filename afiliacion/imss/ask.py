"""One errand, one question: which method of the port answers it; and when to hold back. Only a fault of ours is raised."""

from __future__ import annotations

import time
from dataclasses import dataclass

from afiliacion.imss.claims import Claimed
from afiliacion.imss.models import Errand
from afiliacion.imss.port import Answer, Imss, ImssError, MovementAnswer, NotAsked, Recoverable, UnknownMovement, is_answer, is_failure


@dataclass(frozen=True, slots=True)
class Heard:
    """An errand and what was heard about it."""

    claimed: Claimed
    said: Answer | ImssError


class Restraint:
    """What this process has just heard, before it is written down for everybody: no call into a pause, into a dead line or overtime."""

    def __init__(self, most_failures: int, until: float) -> None:
        """`until`: by the monotonic clock, when the time for asking is over."""
        self._most_failures, self._until = most_failures, until
        self.lift()

    def lift(self) -> None:
        """The line is free again: outage.py says so."""
        self._failures, self._quiet = 0, False

    def hear(self, said: Answer | ImssError) -> None:
        if isinstance(said, Recoverable) and said.quiet_seconds:
            self._quiet = True
        if is_failure(said):
            self._failures += 1
        elif is_answer(said):
            self._failures = 0

    @property
    def holds(self) -> bool:
        return self._quiet or self._failures >= self._most_failures or time.monotonic() > self._until


async def ask(imss: Imss, claimed: Claimed, restraint: Restraint) -> Heard:
    """Ask IMSS what this errand is about, unless there is reason not to."""
    try:
        if restraint.holds or time.monotonic() > claimed.start_before:
            raise NotAsked("No se alcanzó a preguntar.")
        said: Answer | ImssError = await _answer(imss, claimed)
    except ImssError as error:
        said = error
    restraint.hear(said)
    return Heard(claimed, said)


async def _answer(imss: Imss, claimed: Claimed) -> Answer:
    match claimed.errand.kind:
        case Errand.Kind.LOCATE_NSS:
            return await imss.locate_nss(claimed.curp, claimed.email)
        case Errand.Kind.CHECK_VIGENCIA:
            return await imss.check_vigencia(claimed.curp, claimed.nss)
        case _:
            return await _movement(imss, claimed)


async def _movement(imss: Imss, claimed: Claimed) -> MovementAnswer:
    """Follow a movement IMSS has; look up one it may have; send one it surely has not."""
    movement = claimed.movement
    assert movement is not None  # noqa: S101 - claims.py froze it
    if claimed.errand.received_on:
        return await imss.movement_status(movement)
    if claimed.doubtful:
        try:
            return await imss.movement_status(movement)
        except UnknownMovement:
            if not claimed.wanted:
                raise
    return await imss.send_movement(movement)
