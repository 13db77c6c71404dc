"""Trámites under way in the pages: a link by mail begins a session, and the session expires. Times are of the simulated clock."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from imss_mock.state.stand_in import StandIn

LINK_SECONDS = 24 * 3600
SESSION_SECONDS = 30 * 60
WAITING, AT_ADDRESS, REVIEW, DONE = "correo", "domicilio", "revisar", "fin"
_COLUMNS = "id, tipo, curp, nss, correo, paso, datos"


@dataclass(frozen=True, slots=True)
class Procedure:
    """A row of `tramites`: `paso` is one of the four above, `datos` what was captured and what came of it."""

    id: int
    tipo: str
    curp: str
    nss: str | None
    correo: str
    paso: str
    datos: dict[str, Any]


def begin(stand_in: StandIn, now: datetime, tipo: str, curp: str, nss: str | None, correo: str) -> str:
    """A new trámite; gives the secret of the link that will confirm it."""
    secret, at = secrets.token_urlsafe(24), now.timestamp()
    row = (tipo, curp, nss, correo, _digest(secret), at, at, WAITING)
    query = "INSERT INTO tramites (tipo, curp, nss, correo, liga, creado_a, usado_a, paso, datos) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}')"
    stand_in.db.execute(query, row)
    return secret


def by_link(stand_in: StandIn, now: datetime, secret: str) -> Procedure | None:
    """The trámite of a link that is not too old. A link may be opened again: people click twice."""
    return _one(stand_in, "liga = ? AND creado_a > ?", _digest(secret), now.timestamp() - LINK_SECONDS)


def by_session(stand_in: StandIn, now: datetime, secret: str) -> Procedure | None:
    """The trámite of a session that was used a short while ago; using it keeps it alive."""
    found = _one(stand_in, "sesion = ? AND usado_a > ?", _digest(secret), now.timestamp() - SESSION_SECONDS)
    if found is not None:
        stand_in.db.execute("UPDATE tramites SET usado_a = ? WHERE id = ?", (now.timestamp(), found.id))
    return found


def open_session(stand_in: StandIn, now: datetime, procedure: Procedure) -> str:
    """Begin a session, in place of any other of this trámite; gives its secret."""
    secret = secrets.token_urlsafe(24)
    stand_in.db.execute("UPDATE tramites SET sesion = ?, usado_a = ? WHERE id = ?", (_digest(secret), now.timestamp(), procedure.id))
    return secret


def close_session(stand_in: StandIn, procedure: Procedure) -> None:
    """End the session at once."""
    stand_in.db.execute("UPDATE tramites SET sesion = NULL WHERE id = ?", (procedure.id,))


def advance(stand_in: StandIn, procedure: Procedure, paso: str, **datos: object) -> None:
    """Go to a step, adding to what is known."""
    known = json.dumps(procedure.datos | datos, ensure_ascii=False)
    stand_in.db.execute("UPDATE tramites SET paso = ?, datos = ? WHERE id = ?", (paso, known, procedure.id))


def _one(stand_in: StandIn, condition: str, *values: object) -> Procedure | None:
    row = stand_in.db.execute(f"SELECT {_COLUMNS} FROM tramites WHERE {condition}", values).fetchone()  # noqa: S608 our own words
    return Procedure(*(*row[:-1], json.loads(row[-1]))) if row else None


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
