"""Pure: parse the JSON of an answer into a typed answer, after checking that it is about the person asked about.

The functions raise ImssRefusal (IMSS answers no), WrongPerson (it is about another person) or Unreadable (a field is missing or wrong).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from afiliacion.imss.client.port import (
    ImssRefusal,
    Movement,
    MovementAnswer,
    MovementStatus,
    NssAnswer,
    RawAnswer,
    UnknownMovement,
    Unreadable,
    VigenciaAnswer,
    WrongPerson,
)
from students.registros import plain

Body = Mapping[str, Any]
_UNKNOWN = "El IMSS respondió algo que el sistema no conoce."


def nss(raw: RawAnswer, body: Body, *, curp: str) -> NssAnswer:
    """Return the answer to «which NSS has this person»."""
    _compare(raw, body, curp=curp)
    _refusal(raw, body)
    _require(raw, body, "curp", curp)
    result = _text(raw, body, "resultado")
    if result not in ("LOCALIZADO", "ASIGNADO"):
        raise ImssRefusal(result, _UNKNOWN, raw)
    return NssAnswer(_text(raw, body, "nss"), result == "ASIGNADO", _text(raw, body, "folio"), _day(raw, body, "fecha"), raw)


def vigencia(raw: RawAnswer, body: Body, *, curp: str, nss: str) -> VigenciaAnswer:
    """Return the answer to «is this person covered»."""
    _compare(raw, body, curp=curp, nss=nss)
    _refusal(raw, body)
    _require(raw, body, "curp", curp)
    _require(raw, body, "nss", nss)
    value = _text(raw, body, "con_derecho")
    if value not in ("SI", "NO"):
        raise ImssRefusal(value, _UNKNOWN, raw)
    day = _day(raw, body, "fecha_constancia")
    return VigenciaAnswer(value == "SI", plain(_optional(raw, body, "registro_patronal")), _optional(raw, body, "umf"), day, raw)


def movement(raw: RawAnswer, body: Body, *, sent: Movement) -> MovementAnswer:
    """Return the receipt of a movement, or its status."""
    _compare(raw, body, curp=sent.curp, nss=sent.nss)
    _refusal(raw, body)
    _require(raw, body, "clave_idempotencia", sent.key)
    status = _text(raw, body, "estado")
    if status not in {known.value for known in MovementStatus}:
        raise ImssRefusal(status, _UNKNOWN, raw)
    resolved = _optional(raw, body, "fecha_resolucion")
    return MovementAnswer(
        MovementStatus(status), _text(raw, body, "id_lote"), _text(raw, body, "recibo"), _day(raw, body, "fecha_trans"), raw,
        resolved_on=_iso(raw, resolved) if resolved else None,
        code=_optional(raw, body, "codigo_error_movimiento"), message=_optional(raw, body, "mensaje_error_movimiento"),
        register_name=_optional(raw, body, "nombre_sindo"),
    )  # fmt: skip


def _refusal(raw: RawAnswer, body: Body) -> None:
    if 200 <= raw.status < 300 and "codigo" not in body:
        return
    code = _text(raw, body, "codigo")
    sentence = " ".join(filter(None, (_optional(raw, body, "mensaje"), _optional(raw, body, "motivo")))) or _UNKNOWN
    raise (UnknownMovement if code == "MOVIMIENTO_DESCONOCIDO" else ImssRefusal)(code, sentence, raw)


def _compare(raw: RawAnswer, body: Body, **asked: str) -> None:
    """Raise WrongPerson if the answer names another person; a receipt or a refusal may name none."""
    for name, value in asked.items():
        if body.get(name) is not None:
            _require(raw, body, name, value)


def _require(raw: RawAnswer, body: Body, name: str, asked: str) -> None:
    if _text(raw, body, name) != asked:
        raise WrongPerson("La respuesta del IMSS no corresponde a lo que se preguntó.", raw)


def _text(raw: RawAnswer, body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"A la respuesta del IMSS le falta un dato («{name}»).", raw)
    return value


def _optional(raw: RawAnswer, body: Body, name: str) -> str:
    return _text(raw, body, name) if body.get(name) not in (None, "") else ""


def _day(raw: RawAnswer, body: Body, name: str) -> dt.date:
    return _iso(raw, _text(raw, body, name))


def _iso(raw: RawAnswer, text: str) -> dt.date:
    try:
        return dt.datetime.fromisoformat(text).date()
    except ValueError as error:
        raise Unreadable("Una fecha de la respuesta del IMSS no existe.", raw) from error
