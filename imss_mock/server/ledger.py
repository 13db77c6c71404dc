"""The stand-in's own history: every request of the API and what was answered, append-only by a trigger of the database."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from imss_mock.people.identifiers import CURP_PATTERN
from imss_mock.protocol.answers import Answer, said
from imss_mock.protocol.shapes import Number, Values
from imss_mock.state.stand_in import Operation, Source, StandIn

_ROW = "INSERT INTO bitacora VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_CURP = re.compile(CURP_PATTERN)
_as_json = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder a call


def write(stand_in: StandIn, now: datetime, operation: Operation, asked: object, answer: Answer) -> str:
    """Note one answer in the open transaction; gives the JSON text that is sent, so that both are the same but for what is withheld.

    `asked` is the request's JSON as received (or the path's fields); what no field of the operation could hold is left out.
    """
    given = _texts(operation, asked)
    text = _as_json(answer.body)
    real = datetime.now(UTC).isoformat(timespec="milliseconds")
    curp, key = given.get("curp"), given.get("clave_idempotencia")
    curp = curp if isinstance(curp, str) and _CURP.fullmatch(curp) else None
    key = key if isinstance(key, str) else None
    request = _as_json(given) if given else None
    kept = _as_json(_without(operation, answer)) if operation.withheld else text
    row = (real, now.date().isoformat(), operation.id, curp, key, answer.status, answer.result, request, kept, answer.animo)
    stand_in.db.execute(_ROW, row)
    return text


def _texts(operation: Operation, asked: object) -> dict[str, Any]:
    if not isinstance(asked, dict):
        return {}
    kept = (field.name for field in operation.fields if field.name not in operation.withheld)
    known = ((name, asked[name]) for name in kept if name in asked)
    return {name: value for name, value in known if _writable(value)}


def _without(operation: Operation, answer: Answer) -> dict[str, object]:
    return {name: value for name, value in answer.body.items() if name not in operation.withheld}


def _writable(value: object) -> bool:
    many = value if isinstance(value, list) else [value]
    return all(one is None or (isinstance(one, str) and one.isprintable()) for one in many)


def read(stand_in: StandIn, _now: datetime, asked: Values) -> Answer:
    """Rows after `desde`, oldest first; `siguiente` is the `desde` of the next page."""
    query = "SELECT * FROM bitacora WHERE id > ? ORDER BY id LIMIT ?"
    rows = stand_in.db.execute(query, (asked["desde"], asked["limite"])).fetchall()
    last = rows[-1][0] if rows else asked["desde"]
    return said("BITACORA", {"registros": [_entry(row) for row in rows], "siguiente": last})


def _entry(row: tuple[object, ...]) -> dict[str, object]:
    names = ("id", "momento", "fecha", "operacion", "curp", "clave_idempotencia", "estatus", "resultado")
    request, answer, animo = row[8:]
    told = {"animo": animo, "solicitud": json.loads(str(request)) if request else None, "respuesta": json.loads(str(answer))}
    return dict(zip(names, row, strict=False)) | told


_PAGE = (
    Number("desde", "Último registro ya leído", 0, 0, 10**18 - 1, 0),
    Number("limite", "Cuántos registros a lo sumo", 200, 1, 5000, 200),
)
READ = Operation("leerBitacora", "GET", "/control/bitacora", read, _PAGE, Source.QUERY)
