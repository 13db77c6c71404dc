"""Pure: the JSON of an answer becomes a typed answer, after making sure whom it is about."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from afiliacion.imss.port import (
    Fate,
    Movement,
    MovementAnswer,
    NssAnswer,
    Raw,
    Refused,
    UnknownMovement,
    Unreadable,
    VigenciaAnswer,
    WrongPerson,
)

Body = Mapping[str, Any]
_UNKNOWN = "El IMSS respondió algo que el sistema no conoce."


def nss(raw: Raw, body: Body, *, curp: str) -> NssAnswer:
    """The answer to «which NSS has this person»."""
    _compare(raw, body, curp=curp)
    _refusal(raw, body)
    _require(raw, body, "curp", curp)
    result = _text(raw, body, "resultado")
    if result not in ("LOCALIZADO", "ASIGNADO"):
        raise Refused(result, _UNKNOWN, raw)
    return NssAnswer(_text(raw, body, "nss"), result == "ASIGNADO", _text(raw, body, "folio"), _day(raw, body, "fecha"), raw)


def vigencia(raw: Raw, body: Body, *, curp: str, nss: str) -> VigenciaAnswer:
    """The answer to «is this person covered»."""
    _compare(raw, body, curp=curp, nss=nss)
    _refusal(raw, body)
    _require(raw, body, "curp", curp)
    _require(raw, body, "nss", nss)
    said = _text(raw, body, "con_derecho")
    if said not in ("SI", "NO"):
        raise Refused(said, _UNKNOWN, raw)
    day = _day(raw, body, "fecha_constancia")
    return VigenciaAnswer(said == "SI", plain_registro(_optional(raw, body, "registro_patronal")), _optional(raw, body, "umf"), day, raw)


def movement(raw: Raw, body: Body, *, sent: Movement) -> MovementAnswer:
    """The receipt of a movement, or what has become of it."""
    _compare(raw, body, curp=sent.curp, nss=sent.nss)
    _refusal(raw, body)
    _require(raw, body, "clave_idempotencia", sent.key)
    fate = _text(raw, body, "estado")
    if fate not in {known.value for known in Fate}:
        raise Refused(fate, _UNKNOWN, raw)
    resolved = _optional(raw, body, "fecha_resolucion")
    return MovementAnswer(
        Fate(fate), _text(raw, body, "id_lote"), _text(raw, body, "recibo"), _day(raw, body, "fecha_trans"), raw,
        resolved_on=_iso(raw, resolved) if resolved else None,
        code=_optional(raw, body, "codigo_error_movimiento"), message=_optional(raw, body, "mensaje_error_movimiento"),
        register_name=_optional(raw, body, "nombre_sindo"),
    )  # fmt: skip


def plain_registro(text: str) -> str:
    """A registro patronal without the dashes and blanks with which papers print it; its length is not ours to judge."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _refusal(raw: Raw, body: Body) -> None:
    if 200 <= raw.status < 300 and "codigo" not in body:
        return
    code = _text(raw, body, "codigo")
    sentence = " ".join(filter(None, (_optional(raw, body, "mensaje"), _optional(raw, body, "motivo")))) or _UNKNOWN
    raise (UnknownMovement if code == "MOVIMIENTO_DESCONOCIDO" else Refused)(code, sentence, raw)


def _compare(raw: Raw, body: Body, **asked: str) -> None:
    """Whatever an answer says about whom it is for must be what was asked; a receipt or a refusal may leave it out."""
    for name, value in asked.items():
        if body.get(name) is not None:
            _require(raw, body, name, value)


def _require(raw: Raw, body: Body, name: str, asked: str) -> None:
    if _text(raw, body, name) != asked:
        raise WrongPerson("La respuesta del IMSS no corresponde a lo que se preguntó.", raw)


def _text(raw: Raw, body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"A la respuesta del IMSS le falta un dato («{name}»).", raw)
    return value


def _optional(raw: Raw, body: Body, name: str) -> str:
    return _text(raw, body, name) if body.get(name) not in (None, "") else ""


def _day(raw: Raw, body: Body, name: str) -> dt.date:
    return _iso(raw, _text(raw, body, name))


def _iso(raw: Raw, text: str) -> dt.date:
    try:
        return dt.datetime.fromisoformat(text).date()
    except ValueError as error:
        raise Unreadable("Una fecha de la respuesta del IMSS no existe.", raw) from error
