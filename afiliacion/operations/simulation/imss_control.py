"""Control the stand-in IMSS, for the demo and the rehearsal: the people it knows, and how it behaves. The real IMSS has no such thing."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from afiliacion.operations.simulation.invented_people import Person

_PER_REQUEST: Final = 5_000


class StandInControl:
    """Client of the control API of the stand-in at `url`."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc

    def add_people(self, people: Iterable[Person], nss: dict[str, str]) -> None:
        """Add people to its register, with the NSS (by CURP) that they already have. Raises RuntimeError if it refuses any."""
        rows = [
            {
                "curp": p.curp, "nombre": p.nombre, "primer_apellido": p.primer_apellido,
                "segundo_apellido": p.segundo_apellido, "nss": nss.get(p.curp),
            }
            for p in people
        ]  # fmt: skip
        for start in range(0, len(rows), _PER_REQUEST):
            answer = self._ask("POST", "/control/personas", rows[start : start + _PER_REQUEST])
            if answer["rechazadas"]:
                raise RuntimeError(f"the stand-in refused people: {answer['rechazadas'][:5]}")

    def behave(self, **behaviour: object) -> None:
        """Set how it behaves (the moods of imss_mock); without arguments, without failures."""
        self._ask("PUT", "/control/animo", behaviour)

    def date(self) -> str:
        """Return its simulated date, ISO 8601."""
        return str(self._ask("GET", "/control/reloj", None)["fecha"])

    def register(self) -> list[dict[str, Any]]:
        """Return the movements it has received, oldest first, each as it stands today."""
        rows: list[dict[str, Any]] = []
        last = 0
        while (page := self._ask("GET", f"/control/registro?desde={last}&limite={_PER_REQUEST}", None))["movimientos"]:
            rows += page["movimientos"]
            last = page["siguiente"]
        return rows

    def _ask(self, method: str, path: str, body: object) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        try:
            content = json.dumps(body).encode() if body is not None else None
            connection.request(method, path, content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise RuntimeError(f"the stand-in answered {response.status} to {path}: {answer}")
        return answer
