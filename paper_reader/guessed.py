"""What a program made of the letters of a picture (tesseract's TSV): proposed, never certain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from paper_reader.document import reading_of
from paper_reader.drawn import Drawn, Piece, chained
from paper_reader.page import bare
from paper_reader.reading import Reading, Source

#: The columns of a row: its level (5: a word), and where the word stands.
_WORD: Final = "5"
_COLUMNS: Final = 12


def guessed(table: str) -> Reading:
    """Return what the words of a table say, as IMSS' papers are read; every value is of Source.OCR."""
    rows = [row.split("\t") for row in table.splitlines()]
    rows = [row for row in rows if len(row) == _COLUMNS and row[6].isdigit()]
    width = max((float(row[6]) + float(row[8]) for row in rows), default=1.0)
    height = max((float(row[7]) + float(row[9]) for row in rows), default=1.0)
    page = Drawn(0, tuple(chained(_pieces(rows))), 0, width, height, 0, pictured=False)
    reading = reading_of([page])
    values = tuple(value._replace(source=Source.OCR) for value in reading.values)
    return reading._replace(values=values, warnings=(), refused=reading.refused if not values else "")


def _pieces(rows: list[list[str]]) -> Iterator[Piece]:
    for row in rows:
        if row[0] == _WORD and row[11].strip():
            left, top, wide, high = map(float, row[6:10])
            text = row[11].strip()
            yield Piece(text, bare(text), left, top, left + wide, top + high, 0, high, "", hidden=False)
