"""A list as it stands in a file: its header, found among the title rows, and the rows under it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.conf import settings

from afiliacion.roll.cells import clean
from afiliacion.roll.columns import recognised
from afiliacion.roll.findings import UnreadableFile

#: A row of a file: its line (or the sheet's row) and its cells as text.
Line = tuple[int, list[str]]

#: How far down the header may stand, and how many headings make a row one.
TITLES: Final = 50
_ENOUGH: Final = 2
_BLANKS: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Table:
    """A list as it stands in the file. Also a dataset as django-import-export knows one: `headers`, rows, length."""

    filename: str
    origin: str
    header_line: int
    headers: list[str]
    lines: list[Line]

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[list[str]]:
        return (cells for _, cells in self.lines)


def build(lines: Iterable[Line], filename: str, origin: str) -> Table:
    """Find the header among the first lines and keep the rows under it that hold anything.

    Raises:
        UnreadableFile: without a header, without rows, or with more rows than a list may have.
    """
    iterator = iter(lines)
    top = list(islice(iterator, TITLES))
    at = best_header([cells for _, cells in top])
    if at is None:
        raise UnreadableFile(
            "No se encontró la fila de encabezados: entre las primeras debe haber una con Matrícula, CURP, Nombre, Primer apellido, "
            "Segundo apellido y Fecha de inscripción."
        )
    kept = [line for line in top[at + 1 :] if any(cell.strip() for cell in line[1])]
    for line in iterator:
        if any(cell.strip() for cell in line[1]):
            kept.append(line)
            if len(kept) > settings.ROLL_MAX_ROWS:
                raise UnreadableFile(f"La lista pasa de {settings.ROLL_MAX_ROWS:,} filas: divídala en varias.")
    if not kept:
        raise UnreadableFile("El archivo solo tiene encabezados: no hay alumnos que cargar y nada cambió.")
    header_line, headers = top[at]
    return Table(filename, origin, header_line, [_BLANKS.sub(" ", clean(header)) for header in headers], kept)


def best_header(rows: Sequence[Sequence[str]]) -> int | None:
    """Position of the row with most headings of the roll; None if no row has enough of them."""
    scores = [recognised(row) for row in rows]
    best = max(scores, default=0)
    return scores.index(best) if best >= _ENOUGH else None
