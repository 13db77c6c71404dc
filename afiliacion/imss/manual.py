"""The adapter of an office without a line to IMSS: nobody is asked, officers write down what students and papers bring."""

from __future__ import annotations

import datetime as dt

from afiliacion.imss.port import Movement, MovementAnswer, NotAsked, NssAnswer, VigenciaAnswer


class Manual:
    async def follow(self, date: dt.date) -> None:
        """There is no clock to move."""

    async def locate_nss(self, curp: str, email: str) -> NssAnswer:
        raise _nobody()

    async def check_vigencia(self, curp: str, nss: str) -> VigenciaAnswer:
        raise _nobody()

    async def send_movement(self, movement: Movement) -> MovementAnswer:
        raise _nobody()

    async def movement_status(self, movement: Movement) -> MovementAnswer:
        raise _nobody()


def _nobody() -> NotAsked:
    return NotAsked("Esta oficina no está conectada con el IMSS.")
