"""From the file to the numbers it has. It is read by a process of its own, as lists of students are (docs/adr/0013)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from afiliacion.cell_text import clean
from afiliacion.lotes.answers.cells import nss as nss_in
from afiliacion.roll.findings import UnreadableFile, WrongColumns
from afiliacion.roll.parse import dates
from afiliacion.roll.parse.columns import BY_NAME, RollColumn, positions
from afiliacion.roll.parse.parsers import Parse
from afiliacion.roll.parse.reading import follow
from file_reader.facts import ColumnFacts
from students.curp import Curp, CurpError

#: Rows of one list: it is read while its bringer waits.
MOST: Final = 100_000
#: The row of headings is told by two of them (file_reader/header.py).
_SOUGHT: Final = "NSS y al menos otra columna: CURP, Nombre o Desde"
#: Rows that cannot be read and are named.
_NAMED: Final = 3
_LONGEST: Final = 160


def _text(_: object) -> Parse:
    return lambda cell: clean(cell)[:_LONGEST]


COLUMNS: Final = (
    RollColumn("nss", "NSS", "", lambda _: nss_in, aliases=f"{BY_NAME['nss'].aliases} numeroseguridad nonss nosegsocial"),
    RollColumn("curp", "CURP", "", _text, aliases=BY_NAME["curp"].aliases),
    RollColumn("nombre", "Nombre", "", _text,
               aliases="nombre nombres nombrecompleto nombreasegurado asegurado trabajador nombretrabajador apellidosnombre"),
    RollColumn("primer_apellido", "Primer apellido", "", _text, aliases=BY_NAME["primer_apellido"].aliases),
    RollColumn("segundo_apellido", "Segundo apellido", "", _text, aliases=BY_NAME["segundo_apellido"].aliases),
    RollColumn("desde", "Desde", "", dates.reader, asks=dates.by_proof, repeats=True,
               aliases="desde fecha fechaalta fechamovimiento fechamov fecmov alta vigentedesde aseguradodesde iniciovigencia"),
)  # fmt: skip
_KNOWN: Final = {spelling: column for column in COLUMNS for spelling in column.keys}
HEADINGS: Final = frozenset(_KNOWN)
_NAME: Final = ("primer_apellido", "segundo_apellido", "nombre")


class InsuredPerson(NamedTuple):
    """A person whom the list names."""

    nss: str
    line: int
    curp: str
    name: str
    since: dt.date | None


@dataclass(slots=True)
class InsuredRead:
    """What a list says: its persons by NSS, and what was put right, in Spanish."""

    persons: dict[str, InsuredPerson] = field(default_factory=dict)
    repeated: int = 0
    restored: int = 0
    errors: list[str] = field(default_factory=list)
    wrong: int = 0

    @property
    def notes(self) -> list[str]:
        said = [f"{self.repeated} filas repetían a alguien de la misma lista."] if self.repeated else []
        return said + ([f"A {self.restored} NSS se les repuso el cero inicial que Excel quitó."] if self.restored else [])


def read(path: Path, filename: str) -> InsuredRead:
    """Read a list: the NSS of each row, and CURP, name and day where it has them.

    Raises:
        UnreadableFile: it is no such list, or a row has no NSS that holds: who it names could not be compared.
    """
    with follow(path, filename, headings=HEADINGS, sought=_SOUGHT) as table:
        while table.hear():
            if table.count > MOST:
                raise UnreadableFile(f"La lista trae más de {MOST:,} filas: divídala por registro patronal.")
        found = _read(table.headers, table.lines, table.facts)
    if found.errors:
        more = f" Y {found.wrong - _NAMED} filas más." if found.wrong > _NAMED else ""
        raise UnreadableFile(f"No se comparó nada: {' '.join(found.errors)}{more} Corríjalas y tráigala otra vez.")
    if not found.persons:
        raise UnreadableFile("La lista no trae a nadie.")
    return found


def _read(headers: Sequence[str], lines: Iterable[tuple[int, Sequence[str]]], facts: Sequence[ColumnFacts]) -> InsuredRead:
    where = _bind(headers)
    since = _parser("desde", where, facts)
    found = InsuredRead()
    for line, cells in lines:
        if any(map(str.strip, cells)):
            _take(found, line, {name: cells[at] if at < len(cells) else "" for name, at in where.items()}, since)
    return found


def _bind(headers: Sequence[str]) -> dict[str, int]:
    found = positions(headers, _KNOWN)
    doubled = next((name for name, at in found.items() if len(at) > 1), "")
    if doubled:
        label = next(column.label for column in COLUMNS if column.name == doubled)
        raise WrongColumns(f"Más de una columna dice ser «{label}». Deje solo una.")
    if "nss" not in found:
        raise WrongColumns("Falta la columna NSS: sin ella no se sabe de quién es cada fila.")
    return {name: at[0] for name, at in found.items()}


def _parser(name: str, where: Mapping[str, int], facts: Sequence[ColumnFacts]) -> Parse:
    column, at = next(each for each in COLUMNS if each.name == name), where.get(name, -1)
    return column.parser(column.asks(facts[at] if 0 <= at < len(facts) else ColumnFacts()))


def _take(found: InsuredRead, line: int, cells: Mapping[str, str], since: Parse) -> None:
    """Add what a row says, or why it cannot be read."""
    try:
        number, restored = nss_in(clean(cells["nss"]))
    except ValueError as error:
        found.wrong += 1
        found.errors += [f"Fila {line}: {error}"] if found.wrong <= _NAMED else []
        return
    found.repeated += number in found.persons
    found.restored += restored
    name = " ".join(filter(None, (clean(cells.get(part, "")) for part in _NAME)))[:_LONGEST]
    found.persons[number] = InsuredPerson(number, line, _curp(cells.get("curp", "")), name, _day(cells.get("desde", ""), since))


def _curp(written: str) -> str:
    """The CURP, if it is one: it only helps to say who is meant."""
    try:
        return str(Curp.parse(clean(written)))
    except CurpError:
        return ""


def _day(written: str, read: Parse) -> dt.date | None:
    """The day, likewise."""
    try:
        day: dt.date | None = read(written) if clean(written) else None
    except ValueError:
        return None
    return day
