"""The adapter that speaks to the stand-in IMSS over its HTTP API (docs/imss-mock.md)."""

from __future__ import annotations

import datetime as dt
import logging

from afiliacion.imss.client import parse
from afiliacion.imss.client.http import HttpClient
from afiliacion.imss.client.port import Movement, MovementAnswer, NssAnswer, Recoverable, VigenciaAnswer

log = logging.getLogger(__name__)


class HttpAdapter:
    """The port over HTTP."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def follow(self, date: dt.date) -> None:
        """Its clock only goes forward: an earlier date leaves it where it is. An outage is not an error here."""
        try:
            await self._http.ask("PUT", "/control/reloj", {"fecha": date.isoformat()})
        except Recoverable as error:
            log.warning("the stand-in's clock was not moved: %s", type(error).__name__)

    async def locate_nss(self, curp: str, email: str) -> NssAnswer:
        raw, body = await self._http.ask("POST", "/api/v1/nss", {"curp": curp, "correo": email or None})
        return parse.nss(raw, body, curp=curp)

    async def check_vigencia(self, curp: str, nss: str) -> VigenciaAnswer:
        raw, body = await self._http.ask("POST", "/api/v1/vigencia", {"curp": curp, "nss": nss})
        return parse.vigencia(raw, body, curp=curp, nss=nss)

    async def send_movement(self, movement: Movement) -> MovementAnswer:
        raw, body = await self._http.ask("POST", "/api/v1/movimientos", _as_sent(movement))
        return parse.movement(raw, body, sent=movement)

    async def movement_status(self, movement: Movement) -> MovementAnswer:
        raw, body = await self._http.ask("GET", f"/api/v1/movimientos/{movement.key}")
        return parse.movement(raw, body, sent=movement)


def _as_sent(movement: Movement) -> dict[str, str | None]:
    return {
        "clave_idempotencia": movement.key,
        "tipo_movimiento": movement.kind,
        "registro_patronal": movement.registro_patronal,
        "nss": movement.nss,
        "curp": movement.curp,
        "nombre": movement.nombre,
        "primer_apellido": movement.primer_apellido,
        "segundo_apellido": movement.segundo_apellido or None,
        "fecha_movimiento": movement.on.isoformat(),
        "umf": movement.umf or None,
        "clave_trabajador": movement.matricula,
        "causa_baja": movement.causa_baja or None,
    }
