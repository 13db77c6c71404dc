"""Where a list begins: the row of headings, among titles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

from file_reader.order import FileRefused, NumberedRow, ReadOrder
from file_reader.words import key

#: How far down the header may stand, and how many headings make a row one.
TITLES: Final = 50
_ENOUGH: Final = 2
#: How many texts without a digit make a row the headings of a list whose words are not known yet: as many as a list must have.
_UNKNOWN: Final = 5
#: Of a title above, so many letters and texts are told.
_TITLE: Final = 100
_TITLE_TEXTS: Final = 10


def recognised(cells: Sequence[str], headings: Collection[str]) -> int:
    """How many of these cells are headings known."""
    return sum(1 for cell in cells if len(cell) < 200 and key(cell) in headings)


def best_header(rows: Sequence[NumberedRow], headings: Collection[str]) -> int | None:
    """Position of the row with most headings known; None if no row has enough of them."""
    scores = [recognised(cells, headings) for _, cells in rows]
    best = max(scores, default=0)
    return scores.index(best) if best >= _ENOUGH else None


def _unknown_header(rows: Sequence[NumberedRow]) -> int | None:
    """Position of the first row that looks like headings, in words unknown to us; None if none does. An officer says what they mean."""
    for at, (_, cells) in enumerate(rows):
        words = [cell for cell in cells if cell.strip()]
        if len(words) >= _UNKNOWN and len(words) == len(set(words)) and not any(map(_has_digit, words)):
            return at
    return None


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def headings_of(rows: Iterator[NumberedRow], headings: Collection[str]) -> int:
    """How many headings known the list has that begins among the first of these rows; 0 if none does."""
    top = list(islice(rows, TITLES))
    at = best_header(top, headings)
    return 0 if at is None else recognised(top[at][1], headings)


def under_header(lines: Iterator[NumberedRow], order: ReadOrder) -> tuple[list[list[str]], NumberedRow, Iterator[NumberedRow]]:
    """The texts above the header, the header, and the rows under it that hold anything.

    Raises:
        FileRefused: without a header, without rows, with more rows or columns than a list may have, or a cell too large.
    """
    top = list(islice(lines, TITLES))
    at = best_header(top, order.headings)
    at = _unknown_header(top) if at is None else at
    if at is None:
        raise FileRefused(f"No se encontró la fila de encabezados: entre las primeras debe haber una con {order.sought}.")
    header = top[at]
    titles = [texts for _, cells in top[:at] if (texts := [cell[:_TITLE] for cell in cells if cell.strip()][:_TITLE_TEXTS])]
    return titles, (header[0], _trimmed(header, order)), _students(top[at + 1 :], lines, order)


def _students(first: list[NumberedRow], rest: Iterator[NumberedRow], order: ReadOrder) -> Iterator[NumberedRow]:
    count = 0
    for lines in (first, rest):
        for line, cells in lines:
            if not any(cells) or not any(map(str.strip, cells)):
                continue
            count += 1
            if count > order.max_rows:
                raise FileRefused(f"La lista pasa de {order.max_rows:,} filas: divídala en varias.")
            yield line, cells if len(cells) <= order.max_columns else _trimmed((line, cells), order)
    if not count:
        raise FileRefused("El archivo solo tiene encabezados: no hay alumnos que cargar y nada cambió.")


def _trimmed(row: NumberedRow, order: ReadOrder) -> list[str]:
    """A row's cells without the empty ones after the last."""
    line, cells = row
    width = next((at for at in range(len(cells), 0, -1) if cells[at - 1].strip()), 0)
    if width > order.max_columns:
        raise FileRefused(
            f"La fila {line} llega hasta la columna {width:,} y una lista tiene a lo más {order.max_columns}: "
            "copie solo las columnas de los alumnos a un libro nuevo y cárguelo."
        )
    return cells[:width]
