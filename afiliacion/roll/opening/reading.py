"""From the file to what each row says. Which person it is, and what is known of them, comes after (checking.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from afiliacion.cell_text import clean
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.opening.columns import COLUMNS, HEADINGS, bind, parsers_of
from afiliacion.roll.parse import reading
from afiliacion.roll.parse.parsers import Parse
from afiliacion.roll.parse.tidy import SaysNone

#: Rows of one list: it is checked and declared while its bringer waits.
MOST: Final = 5_000
_LABELS: Final = {column.name: column.label for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says: the values read, by column, and why others could not be."""

    line: int
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[str] = ()


def said_in(path: Path, filename: str) -> tuple[str, list[Said]]:
    """How the file was read, and its rows. Raises UnreadableFile."""
    with reading.follow(path, filename, headings=HEADINGS) as table:
        while table.hear():
            if table.count > MOST:
                raise UnreadableFile(f"La lista trae más de {MOST:,} filas: divídala en varias.")
        where = bind(table.headers)
        parsers = parsers_of(where, table.facts)
        return table.origin, [_said(line, cells, where, parsers) for line, cells in table.lines if any(map(str.strip, cells))]


def _said(line: int, cells: Sequence[str], where: Mapping[str, int], parsers: Mapping[str, Parse]) -> Said:
    values, errors = {}, []
    for name, at in where.items():
        written = cells[at] if at < len(cells) else ""
        if not clean(written):
            continue
        try:
            values[name] = parsers[name](written)
        except SaysNone:
            continue
        except ValueError as error:
            errors.append(f"{_LABELS[name]}: {error}")
    return Said(line, values, errors)
