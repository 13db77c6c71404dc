"""Control the stand-in IMSS, for the demo and the rehearsal: who it knows, how it behaves, and IDSE as a person would use it."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from afiliacion.operations.simulation.invented_people import Person

_PER_REQUEST: Final = 5_000
_IDSE: Final = "/api/v1/idse"
#: The password of the e.firma that the stand-in takes (imss_mock/scenarios/default.toml).
_SIGNATURE: Final = "practica"


class StandInError(RuntimeError):
    """The stand-in answered with something else than what was asked for. `code`: its own, "" if it gave none."""

    def __init__(self, path: str, status: int, answer: dict[str, Any]) -> None:
        self.code = str(answer.get("codigo", ""))
        super().__init__(f"the stand-in answered {status} to {path}: {answer}")


class Presented(NamedTuple):
    """A lote as IDSE received it: its number, and the receipt by which its documents are had."""

    number: str
    receipt: str


class IdseDocument(NamedTuple):
    """A document of a lote: its key at the stand-in, and the file."""

    key: str
    filename: str
    body: bytes


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

    def tell(self, stories: Mapping[str, str]) -> None:
        """Have people whom it knows (by CURP) follow other stories of its scenario from now on."""
        self._ask("POST", "/control/personas", [{"curp": curp, "persona": story} for curp, story in stories.items()])

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

    def present(self, body: bytes, filename: str) -> Presented:
        """Upload a lote to IDSE and sign it. Raises StandInError; with SIN_MOVIMIENTOS_RECIBIDOS every record was refused at once."""
        asked = {"archivo": base64.b64encode(body).decode(), "nombre_archivo": filename, "firma": _SIGNATURE}
        answer = self._ask("POST", f"{_IDSE}/lotes", asked)
        return Presented(answer["id_lote"], answer["recibo"])

    def documents(self, receipt: str) -> list[str]:
        """The keys of the documents that a lote has by now: its acuse, and what has been answered."""
        return list(self._ask("GET", f"{_IDSE}/lotes/{receipt}", None)["documentos"])

    def document(self, receipt: str, key: str) -> IdseDocument:
        """Download one of them."""
        answer = self._ask("GET", f"{_IDSE}/lotes/{receipt}/{key}", None)
        return IdseDocument(key, answer["nombre"], base64.b64decode(answer["contenido"]))

    def answer_lotes(self) -> list[str]:
        """Have all lotes that wait answered at once; return their numbers."""
        return list(self._ask("POST", "/control/idse/respuestas", {})["contestados"])

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
            raise StandInError(path, response.status, answer)
        return answer
