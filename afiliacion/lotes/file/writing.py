"""Movements to the bytes of a lote: one type, one registro patronal, one record a person (docs/domain.md, 6.1 and 6.7)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from afiliacion.lotes.file.trailer import trailer
from afiliacion.lotes.line.layout import layout
from afiliacion.lotes.line.preparing import ChangedNames, Preparation
from afiliacion.lotes.line.record import MovementData, MovementType, Record
from afiliacion.lotes.profile import Profile
from afiliacion.lotes.refusal import Fault, LoteRefused, RecordRefused

#: An alta may be presented from the day before it begins (RACERF art. 45).
AHEAD: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LoteFile:
    """A lote as it is uploaded. `name`: of the file; `sha256`: of `body`, in hexadecimal; `changes`: whose names are written otherwise."""

    type: MovementType
    registro_patronal: str
    count: int
    body: bytes
    sha256: str
    name: str
    changes: tuple[ChangedNames, ...]


def write(movements: Iterable[MovementData], profile: Profile, *, made_at: dt.datetime) -> LoteFile:
    """Return the lote of these movements, in their order. The same arguments give the same bytes.

    `made_at`: the office's local time; its date is the day of presentation at the earliest, and it names the file.

    Raises:
        RecordRefused: if a movement cannot be written, is dated too far ahead, or its NSS or clave comes twice; `line` says which.
        LoteRefused: if there are none, too many, or of several types or registros patronales.
    """
    changes: list[ChangedNames] = []
    prepared = Preparation(profile).of
    records = [prepared(movement, changes) for movement in movements]
    kind, registro = _type_and_registro(records, profile.most)
    _check_together(records, made_at.date() + AHEAD)
    lines = layout(kind, profile).lines(records)
    if profile.trailer:
        lines.append(trailer(len(records), profile.guia).encode())
    body = profile.line_end.bytes.join([*lines, b""])
    name = f"lote_{registro}_{kind.plural}_{made_at:%Y%m%d_%H%M%S}.txt"
    return LoteFile(kind, registro, len(records), body, hashlib.sha256(body).hexdigest(), name, tuple(changes))


def _type_and_registro(records: Sequence[Record], most: int) -> tuple[MovementType, str]:
    """Return what all records of a file share."""
    kinds, registros = {record.type for record in records}, {record.registro_patronal for record in records}
    if not records:
        raise LoteRefused("No hay movimientos para el lote.")
    if len(records) > most:
        raise LoteRefused(f"Un lote lleva a lo más {most:,} movimientos y son {len(records):,}: divídalos en varios.")
    if len(kinds) > 1:
        raise LoteRefused("Un lote lleva un solo tipo de movimiento: haga uno de altas y otro de bajas.")
    if len(registros) > 1:
        raise LoteRefused(f"Un lote es de un solo registro patronal, y hay movimientos de {' y '.join(sorted(registros))}.")
    return MovementType(kinds.pop()), registros.pop()


def _check_together(records: Sequence[Record], latest: dt.date) -> None:
    """Refuse the first record that is dated after `latest`, or has the NSS or the clave of one before it."""
    if max(record.fecha for record in records) > latest:
        number = next(number for number, record in enumerate(records) if record.fecha > latest)
        _refuse(records, number, Fault("fecha", "Fecha del movimiento", f"es posterior al {latest:%d/%m/%Y}."))
    for field, label in (("nss", "NSS"), ("clave", "Clave")):
        values = [getattr(record, field) for record in records]
        if len({*values}) < len(values):
            number = next(number for number, value in enumerate(values) if value in values[:number])
            _refuse(records, number, Fault(field, label, f"ya va en la línea {values.index(values[number]) + 1} de este lote."))


def _refuse(records: Sequence[Record], number: int, fault: Fault) -> NoReturn:
    raise RecordRefused((fault,), clave=records[number].clave, line=number + 1)
