"""The hand behind the stand-in IMSS, for the demo and the rehearsal: who people are, and in what mood it is. Never the real thing."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from afiliacion.operations.people import Person

_AT_ONCE: Final = 5_000


class Practice:
    """The control side of the stand-in at `url`."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc

    def tell(self, people: Iterable[Person], nss: dict[str, str]) -> None:
        """Make people known to its register, with the NSS (by CURP) that they already have."""
        told = [
            {
                "curp": p.curp, "nombre": p.nombre, "primer_apellido": p.primer_apellido,
                "segundo_apellido": p.segundo_apellido, "nss": nss.get(p.curp),
            }
            for p in people
        ]  # fmt: skip
        for start in range(0, len(told), _AT_ONCE):
            answer = self._ask("POST", "/control/personas", told[start : start + _AT_ONCE])
            if answer["rechazadas"]:
                raise RuntimeError(f"the stand-in refused people: {answer['rechazadas'][:5]}")

    def mood(self, **mood: object) -> None:
        """Put it in a mood (see imss_mock); without arguments, a healthy one."""
        self._ask("PUT", "/control/animo", mood)

    def date(self) -> str:
        """Its simulated date."""
        return str(self._ask("GET", "/control/reloj", None)["fecha"])

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
