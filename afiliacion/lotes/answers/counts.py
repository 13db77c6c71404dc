"""The three tables of counts of a constancia: recibidos, operados, rechazados, wherever they stand on the page (docs/domain.md, 7.6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from afiliacion.lotes.answers.lines import Line
from afiliacion.lotes.answers.values import Totals
from afiliacion.lotes.refusal import DocumentRefused
from paper_reader.page import Word, bare

_HEADINGS: Final = ("bajas", "modif", "reing", "total")
TITLES: Final = ("recibidos", "operados", "rechazados")
#: How many lines above its headings a table's title may stand.
_ABOVE: Final = 3
_MISSING: Final = "No se encontró cuántos movimientos dice haber {}: guarde el documento para revisarlo. No se aplicó nada."
_TWICE: Final = "Dice dos veces cuántos movimientos hay {}: no se aplicó nada."


def counts_of(lines: Sequence[Line]) -> dict[str, Totals]:
    """Return the counts by title (TITLES).

    Raises:
        DocumentRefused: if one is missing, stands twice, or is no number.
    """
    found: dict[str, Totals] = {}
    for title, totals in _tables(lines):
        if title in found:
            raise DocumentRefused(_TWICE.format(title))
        found[title] = totals
    if missing := next((title for title in TITLES if title not in found), ""):
        raise DocumentRefused(_MISSING.format(missing))
    return found


def _tables(lines: Sequence[Line]) -> Iterator[tuple[str, Totals]]:
    for at, line in enumerate(lines):
        for headings in _groups(line):
            below = lines[at + 1] if at + 1 < len(lines) and lines[at + 1].page == line.page else None
            title = _title(lines[max(0, at - _ABOVE) : at], line.page, headings)
            if title and below and (totals := _numbers(below, headings)):
                yield title, totals


def _groups(line: Line) -> Iterator[tuple[Word, ...]]:
    """The rows of four headings in a line: the tables may stand side by side."""
    words = line.words
    for at in range(len(words) - len(_HEADINGS) + 1):
        group = words[at : at + len(_HEADINGS)]
        if tuple(bare(word.text) for word in group) == _HEADINGS:
            yield group


def _title(above: Sequence[Line], page: int, headings: Sequence[Word]) -> str:
    """The title of a table: the nearest of those over it, in the lines next above; "" if none is as near as the table is wide."""
    middle, width = (headings[0].left + headings[-1].right) / 2, headings[-1].right - headings[0].left
    for line in reversed(above):
        titles = [(abs((word.left + word.right) / 2 - middle), bare(word.text)) for word in line.words if bare(word.text) in TITLES]
        if titles and line.page == page and min(titles)[0] <= width:
            return min(titles)[1]
    return ""


def _numbers(line: Line, headings: Sequence[Word]) -> Totals | None:
    """The four numbers under the headings; each word belongs to the heading whose middle is nearest."""
    numbers: list[str] = [""] * len(headings)
    reach = (headings[-1].left - headings[0].left) / (len(headings) - 1)
    for word in line.words:
        distance, nearest = min((abs(word.left + word.right - each.left - each.right) / 2, at) for at, each in enumerate(headings))
        if distance <= reach / 2:
            numbers[nearest] += word.text.replace(",", "")
    return Totals(*map(int, numbers)) if all(number.isascii() and number.isdigit() and len(number) < 10 for number in numbers) else None
