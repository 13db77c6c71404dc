"""The adapter of an office without a service of IMSS: nothing is asked, officers note what students and papers bring."""

from __future__ import annotations

import datetime as dt

from afiliacion.imss.client.port import Movement, MovementAnswer, NotAsked, NssAnswer, VigenciaAnswer


class ManualAdapter:
    """Raises NotAsked for every request."""

    async def follow(self, date: dt.date) -> None:
        """There is no clock to move."""

    async def locate_nss(self, curp: str, email: str) -> NssAnswer:
        raise _no_service()

    async def check_vigencia(self, curp: str, nss: str) -> VigenciaAnswer:
        raise _no_service()

    async def send_movement(self, movement: Movement) -> MovementAnswer:
        raise _no_service()

    async def movement_status(self, movement: Movement) -> MovementAnswer:
        raise _no_service()


def _no_service() -> NotAsked:
    return NotAsked("Esta oficina no está conectada con el IMSS.")
