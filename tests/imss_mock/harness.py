"""A stand-in in its own process, and a small HTTP client for it."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from imss_mock.people.identifiers import curp_digit, nss_digit

ROOT = Path(__file__).parents[2]
FIRST_DAY = "2026-08-03"
READY = "IMSS de práctica en http://127.0.0.1:"
Reply = tuple[int, Any]


class Line:
    """One connection to a stand-in."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def another_line(self) -> "Line":
        return Line(self.connection.port)

    def close(self) -> None:
        self.connection.close()

    def send(self, method: str, path: str, body: object = None, content_type: str = "application/json") -> http.client.HTTPResponse:
        """Send JSON (or bytes as they are); the answer is still to be read."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body)
        self.connection.request(method, path, raw, {"Content-Type": content_type})
        return self.connection.getresponse()

    def ask(self, method: str, path: str, body: object = None) -> Reply:
        """Status and JSON of the answer."""
        with self.send(method, path, body) as response:
            return response.status, json.loads(response.read())

    def get(self, path: str) -> Any:
        """JSON of a 200."""
        status, answer = self.ask("GET", path)
        assert status == 200, answer
        return answer

    def nss(self, curp: str, correo: str | None = None) -> Reply:
        return self.ask("POST", "/api/v1/nss", {"curp": curp, "correo": correo})

    def vigencia(self, curp: str, nss: str) -> Reply:
        return self.ask("POST", "/api/v1/vigencia", {"curp": curp, "nss": nss})

    def move(self, movement: dict[str, Any]) -> Reply:
        return self.ask("POST", "/api/v1/movimientos", movement)

    def fate(self, clave: str) -> Any:
        return self.get(f"/api/v1/movimientos/{clave}")

    def tell(self, **person: str) -> None:
        """Make one person known through the control side."""
        status, answer = self.ask("POST", "/control/personas", [person])
        assert (status, answer["rechazadas"]) == (200, []), answer

    def mood(self, **settings: object) -> None:
        status, answer = self.ask("PUT", "/control/animo", settings)
        assert status == 200, answer

    def today(self) -> date:
        return date.fromisoformat(self.get("/control/reloj")["fecha"])

    def days_later(self, days: int) -> None:
        day = (self.today() + timedelta(days=days)).isoformat()
        assert self.ask("PUT", "/control/reloj", {"fecha": day}) == (200, {"fecha": day})

    def ledger(self, after: int = 0) -> list[dict[str, Any]]:
        return list(self._ledger_rows(after))

    def _ledger_rows(self, after: int) -> Iterator[dict[str, Any]]:
        while rows := (page := self.get(f"/control/bitacora?desde={after}&limite=500"))["registros"]:
            yield from rows
            after = page["siguiente"]


class StandIn(Line):
    """A stand-in in its own process, started on creation; `line` is what it said when it was ready."""

    def __init__(self, data: Path, *flags: str, day: str | None = FIRST_DAY, **environment: str) -> None:
        dated = ("--date", day) if day else ()
        command = [sys.executable, "-m", "imss_mock", "--port", "0", "--data", str(data), *dated, *flags]
        self.process = subprocess.Popen(  # noqa: S603 our own program
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=os.environ | environment
        )
        self.line = self.process.stdout.readline().strip() if self.process.stdout else ""
        super().__init__(int(self.line.removeprefix(READY) or 0))

    def kill(self) -> None:
        """As a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and what it complained of."""
        return self._end(number)

    def _end(self, number: int) -> tuple[int, str]:
        self.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, complaints = self.process.communicate(timeout=10)
        return self.process.returncode, complaints


_people = count()
_LETTERS = "BCDFGHJKLMNPQRSTVWXYZ"


def new_curp() -> str:
    """A valid CURP of no person; another one on every call."""
    number = next(_people)
    tail = "".join(_LETTERS[number // 21**place % 21] for place in range(3))
    first17 = f"ENSA050315HJC{tail}A"
    return first17 + curp_digit(first17)


def new_nss() -> str:
    """A valid NSS outside the years in which the stand-in issues any; another one on every call."""
    first10 = f"040505{next(_people):04d}"
    return first10 + nss_digit(first10)


_keys = count(1)


def alta(curp: str, nss: str, day: str = FIRST_DAY, **changes: Any) -> dict[str, Any]:
    """A well-formed alta under a new key."""
    return {
        "clave_idempotencia": f"mov-{next(_keys):06d}",
        "tipo_movimiento": "08",
        "registro_patronal": "A0112345321",
        "nss": nss,
        "curp": curp,
        "nombre": "Ensayo",
        "primer_apellido": "Ñúñez",
        "segundo_apellido": "Ficticia",
        "fecha_movimiento": day,
        "umf": "005",
        "clave_trabajador": "A210204",
        "causa_baja": None,
    } | changes


def baja(curp: str, nss: str, day: str, **changes: Any) -> dict[str, Any]:
    """A well-formed baja under a new key."""
    return alta(curp, nss, day, **({"tipo_movimiento": "02", "causa_baja": "2"} | changes))
