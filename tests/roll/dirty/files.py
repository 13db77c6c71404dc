"""A grid as a file: text in an encoding with a separator, or a workbook."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from typing import Final

from openpyxl import Workbook

from tests.roll.dirty.cells import Cell, Grid

ENCODINGS: Final = ("utf-8", "utf-8-sig", "cp1252", "utf-16", "mac_roman", "cp850", "double utf-8")
SEPARATORS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def misread(text: str, encoding: str) -> str:
    """UTF-8 that a program took for another encoding, where that one has all its signs."""
    try:
        return text.encode().decode(encoding)
    except UnicodeDecodeError:
        return text


def text(grid: Grid, rng: random.Random) -> tuple[bytes, str, list[str]]:
    encoding, separator = rng.choice(ENCODINGS), rng.choice(list(SEPARATORS))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    for cells, _ in grid.lines():
        writer.writerow([_written(cell) for cell in cells])
    content = _encoded(out.getvalue(), encoding)
    kinds = [f"encoding:{encoding}", f"separator:{SEPARATORS[separator]}"]
    return content, rng.choice(("lista.csv", "lista.csv", "lista.txt")), kinds


def _written(cell: Cell) -> str:
    return f"{dt.date.fromisoformat(cell.text):%d/%m/%Y}" if cell.kind == "date" else cell.text


def _encoded(written: str, encoding: str) -> bytes:
    if encoding == "double utf-8":
        return written.encode().decode("latin-1").encode()
    try:
        return written.encode(encoding)
    except UnicodeEncodeError:
        return written.encode("utf-8-sig")


def book(grid: Grid, _: random.Random) -> tuple[bytes, str, list[str]]:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Lista"
    for at, (cells, hidden) in enumerate(grid.lines(), 1):
        for column, cell in enumerate(cells, 1):
            if cell.text:
                _put(sheet.cell(at, column), cell)
        if hidden:
            sheet.row_dimensions[at].hidden = True
    for name, hidden, rows in grid.sheets:
        other = workbook.create_sheet(name)
        for row in rows:
            other.append(row)
        other.sheet_state = "hidden" if hidden else "visible"
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue(), "lista.xlsx", ["format:xlsx"]


def _put(place: object, cell: Cell) -> None:
    value: object = cell.text
    if cell.kind == "number":
        value = int(cell.text)
    elif cell.kind == "date":
        value = dt.date.fromisoformat(cell.text)
    place.value = value  # type: ignore[attr-defined]
    if cell.kind == "text":
        place.data_type = "s"  # type: ignore[attr-defined]
    elif cell.kind == "number" and cell.format != "General":
        place.number_format = cell.format  # type: ignore[attr-defined]
    elif cell.kind == "date":
        place.number_format = "dd/mm/yyyy"  # type: ignore[attr-defined]
