"""The bytes of a lote to its records, or one sentence that says what happened to the file (docs/domain.md, 6.11)."""

from __future__ import annotations

import codecs
import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from afiliacion.lotes.file.trailer import count_of, is_trailer
from afiliacion.lotes.line.fields import FORMAT, LENGTH, TABLES
from afiliacion.lotes.line.layout import Layout, layout
from afiliacion.lotes.line.record import MovementType, Record
from afiliacion.lotes.profile import Encoding, LineEnd, Profile
from afiliacion.lotes.refusal import LoteRefused, RecordRefused
from students.registro_patronal import is_same

_AGAIN: Final = "Descargue el lote otra vez de la oficina y súbalo a IDSE sin abrirlo en otro programa."
_NOTEPAD: Final = f"El archivo se abrió y se guardó con el Bloc de notas u otro editor, que lo pasó a {{}}. {_AGAIN}"
_EXCEL: Final = f"El archivo se abrió y se guardó con Excel, que {{}}. {_AGAIN}"
#: How files begin that are no text at all.
_FOREIGN: Final = {
    b"PK": _EXCEL.format("lo convirtió en un libro"),
    b"\xd0\xcf\x11\xe0": _EXCEL.format("lo convirtió en un libro antiguo"),
    b"%PDF": "Es un PDF, no un lote: si es el acuse o la constancia, déjelo donde van las respuestas del IMSS.",
    codecs.BOM_UTF8: _NOTEPAD.format("UTF-8 con marca (BOM)"),
    codecs.BOM_UTF16_LE: _NOTEPAD.format("Unicode (UTF-16)"),
    codecs.BOM_UTF16_BE: _NOTEPAD.format("Unicode (UTF-16)"),
}
#: No name and no key of a lote has these; Excel puts them between and around the cells of a row.
_OF_EXCEL: Final = {"\t": "tabuladores", '"': "comillas", ";": "puntos y comas", ",": "comas"}
_TYPE: Final = slice(131, 133)
_WAGE: Final = "07"


@dataclass(frozen=True, slots=True)
class LoteRead:
    """A lote as its file says it."""

    type: MovementType
    registro_patronal: str
    records: tuple[Record, ...]


def read(body: bytes, profile: Profile, *, since: dt.date | None = None, registros: Collection[str] | None = None) -> LoteRead:
    """Return the records of a lote that was written with this profile.

    `since`: the day before which no movement is of this ciclo. `registros`: the registros patronales of the office.

    Raises:
        LoteRefused: if the file as a whole is not one of this profile, was changed by another program, is another's, or of a time before.
        RecordRefused: if a line is not a possible movement; `line` says which.
    """
    lines = _lines(_decoded(body, profile), profile)
    _check_lengths(lines)
    lines = _without_trailer(lines, profile)
    kind = _type_of(lines)
    records = _records(lines, layout(kind, profile))
    _check_together(records)
    if registros is not None and not any(is_same(records[0].registro_patronal, each) for each in registros):
        raise LoteRefused(f"El lote es del registro patronal {records[0].registro_patronal}, que no es de la oficina.")
    _check_age(records, since)
    return LoteRead(kind, records[0].registro_patronal, records)


def _decoded(body: bytes, profile: Profile) -> str:
    if not body.strip():
        raise LoteRefused("El archivo está vacío: descargue el lote otra vez.")
    for begins, reason in _FOREIGN.items():
        if body.startswith(begins):
            raise LoteRefused(reason)
    if not body.isascii() and _is_utf8(body):
        raise LoteRefused(_NOTEPAD.format("UTF-8"))
    if b"\0" in body:
        raise LoteRefused(_NOTEPAD.format("Unicode (UTF-16)"))
    try:
        # As ASCII holds no Ñ, the line that has one is told by its field.
        return body.decode(Encoding.CP1252)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise LoteRefused(f"La línea {line} trae un signo que no es del alfabeto del archivo. {_AGAIN}") from None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _lines(text: str, profile: Profile) -> list[str]:
    found = next((name for sign, name in _OF_EXCEL.items() if sign in text), "")
    if found:
        raise LoteRefused(_EXCEL.format(f"le puso {found}"))
    crlf, all_ends = text.count("\r\n"), text.count("\n")
    wanted = all_ends if profile.line_end is LineEnd.CRLF else 0
    if crlf != wanted or text.count("\r") != crlf:
        raise LoteRefused(f"Las líneas no terminan como pide el perfil ({profile.line_end}): otro programa guardó el archivo. {_AGAIN}")
    return text.removesuffix(profile.line_end.bytes.decode()).split(profile.line_end.bytes.decode())


def _check_lengths(lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        if len(line) == LENGTH:
            continue
        if not line.strip():
            raise LoteRefused(f"La línea {number} está vacía: otro programa guardó el archivo. {_AGAIN}")
        raise LoteRefused(f"La línea {number} tiene {len(line)} posiciones y debe tener {LENGTH}. {_hint(line)}{_AGAIN}")


def _hint(line: str) -> str:
    """What may have happened to a line of another length."""
    if not line.endswith(FORMAT):
        return "No termina como un movimiento: está cortada, o un programa le quitó o le agregó algo al final. "
    missing = LENGTH - len(line)
    return f"Le {'sobran' if missing < 0 else 'faltan'} {abs(missing)}: Excel quita ceros y blancos. " if abs(missing) > 1 else ""


def _without_trailer(lines: list[str], profile: Profile) -> list[str]:
    """Return the lines of movements: the trailer is where the profile wants it, and counts them rightly."""
    places = [number for number, line in enumerate(lines, 1) if is_trailer(line)]
    if not places and not profile.trailer:
        return lines
    if not places:
        raise LoteRefused("Faltan las cifras de control (la última línea, con asteriscos) que pide el perfil del registro patronal.")
    if not profile.trailer:
        raise LoteRefused("El archivo trae cifras de control (una línea con asteriscos) y el perfil del registro patronal es sin ellas.")
    if places != [len(lines)]:
        raise LoteRefused(f"Las cifras de control están en la línea {places[0]} y van una sola vez, al final.")
    count = count_of(lines[-1])
    if count is None:
        raise LoteRefused("Las cifras de control no están escritas como deben: asteriscos, el número de movimientos, la guía y un 9.")
    if count != len(lines) - 1:
        raise LoteRefused(f"Las cifras de control dicen {count} movimientos y el archivo trae {len(lines) - 1}: le faltan o le sobran.")
    return lines[:-1]


def _type_of(lines: list[str]) -> MovementType:
    if not lines:
        raise LoteRefused("El archivo no trae movimientos.")
    found = Counter(line[_TYPE] for line in lines)
    if _WAGE in found:
        raise LoteRefused("El archivo trae modificaciones de salario (07), que una escuela no envía: es de otro patrón.")
    if strange := set(found) - set(TABLES):
        raise LoteRefused(f"«{min(strange)}» (posiciones 132 y 133) no es alta (08) ni baja (02): el archivo no es un lote de la oficina.")
    if len(found) > 1:
        counts = " y ".join(f"{found[kind]} {kind.plural} ({kind.value})" for kind in TABLES)
        raise LoteRefused(f"El archivo mezcla {counts}: va un solo tipo de movimiento por archivo.")
    return MovementType(next(iter(found)))


def _records(lines: list[str], layout: Layout) -> tuple[Record, ...]:
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(layout.record(line))
        except RecordRefused as refused:
            raise RecordRefused(refused.faults, clave=refused.clave, line=number) from None
    if not layout.are_well(records):
        layout.refuse(records)
    return tuple(records)


def _check_together(records: tuple[Record, ...]) -> None:
    registros = {record.registro_patronal for record in records}
    if len(registros) > 1:
        raise LoteRefused(f"El archivo mezcla registros patronales: {', '.join(sorted(registros))}. Va uno solo por archivo.")
    for field, label in (("nss", "El NSS"), ("clave", "La clave")):
        seen: dict[str, int] = {}
        for number, record in enumerate(records, 1):
            if (first := seen.setdefault(getattr(record, field), number)) != number:
                raise LoteRefused(
                    f"{label} de la línea {number} ya está en la línea {first}: va un solo movimiento por persona en cada archivo."
                )


def _check_age(records: tuple[Record, ...], since: dt.date | None) -> None:
    latest = max(record.fecha for record in records)
    if since and latest < since:
        raise LoteRefused(f"El lote es de antes: su último movimiento es del {latest:%d/%m/%Y} y el ciclo empezó el {since:%d/%m/%Y}.")
