"""ODS as LibreOffice writes it: the rows of a sheet, as they go by; what is repeated is written once there."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from file_reader.order import NumberedRow, ReadOrder
from file_reader.packed import Attributes, attribute, check_length, drained, pieces, whole
from file_reader.values import number

_CONTENT: Final = "content.xml"
_CELLS: Final = ("table-cell", "covered-table-cell")
_VALUES: Final = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}
_NUMBERS: Final = ("float", "percentage", "currency")
_BOOLEANS: Final = {"true": "VERDADERO", "false": "FALSO"}
_NOT_SHOWN: Final = ("filter", "collapse")
_MIDNIGHT: Final = "T00:00:00"


class Ods:
    """A workbook: `names` of its sheets, and the rows of each. `hidden`: rows of it that the program does not show."""

    def __init__(self, packed: zipfile.ZipFile, order: ReadOrder, _: ExitStack) -> None:
        self._packed, self._order = packed, order
        self.names: list[str] = []
        self._sheet: _Sheet | None = None
        whole(packed, _CONTENT, Attributes(self._on_content))

    def rows(self, at: int) -> Iterator[NumberedRow]:
        """The rows of a sheet that hold anything, numbered as the sheet numbers them."""
        ready: list[NumberedRow] = []
        sheet = self._sheet = _Sheet(ready, at, self._order)
        return drained(pieces(self._packed, _CONTENT, sheet), ready)

    @property
    def hidden(self) -> int:
        return self._sheet.hidden if self._sheet else 0

    def _on_content(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self.names.append(attribute(attributes, "name"))


class _Sheet:
    """Builds the rows of one sheet from the elements of all."""

    def __init__(self, ready: list[NumberedRow], wanted: int, order: ReadOrder) -> None:
        self._ready, self._wanted, self._order = ready, wanted, order
        self._table = -1
        self._row = self.hidden = 0
        self._row_hidden = False
        self._repeated_row = self._repeated = 1
        self._cells: list[str] = []
        self._blanks = 0
        self._value = ""
        self._parts: list[str] = []
        self._paragraphs = 0
        self._inside = 0
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._table += 1
        if self._table != self._wanted:
            return
        if name in _CELLS:
            self._repeated = int(attribute(attributes, "number-columns-repeated") or 1)
            self._value, self._paragraphs = _value(attributes), 0
            self._parts.clear()
        elif name == "table-row":
            self._repeated_row = int(attribute(attributes, "number-rows-repeated") or 1)
            self._row_hidden = attribute(attributes, "visibility") in _NOT_SHOWN
            self._cells, self._blanks = [], 0
        elif name == "annotation":  # a note beside the cell, with paragraphs of its own
            self._aside += 1
        elif not self._aside:
            self._start_text(name, attributes)

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            self._inside += 1
            self._paragraphs += 1
            if self._paragraphs > 1:
                self._parts.append("\n")
        elif name == "s":
            self._parts.append(" " * min(int(attribute(attributes, "c") or 1), self._order.max_cell + 1))
        elif name in ("tab", "line-break"):
            self._parts.append("\t" if name == "tab" else "\n")

    def end(self, name: str) -> None:
        if self._table != self._wanted:
            return
        if name in _CELLS:
            self._end_cell()
        elif name == "table-row":
            self._end_row()
        elif name == "annotation":
            self._aside -= 1
        elif name == "p" and not self._aside:
            self._inside -= 1

    def text(self, text: str) -> None:
        if self._inside and not self._aside:
            self._parts.append(text)

    def _end_cell(self) -> None:
        shown = check_length("".join(self._parts), self._order)
        # Zeros that the cell's format puts in front are seen, so they count.
        value = shown if not self._value or (shown != self._value and shown.lstrip("0") == self._value) else self._value
        if not value:
            self._blanks += self._repeated
            return
        # Beyond the widest list there is, a row is refused anyway: that much is enough to see it.
        room = self._order.max_columns + 1
        self._cells += [""] * min(self._blanks, room)
        self._cells += [value] * min(self._repeated, room)
        self._blanks = 0

    def _end_row(self) -> None:
        if self._cells:
            # Likewise: a row repeated more often than a list may be long.
            self.hidden += self._row_hidden * self._repeated_row
            skipped = self._row_hidden and self._order.shown_only
            for again in range(0 if skipped else min(self._repeated_row, self._order.max_rows + 1)):
                self._ready.append((self._row + again + 1, self._cells))
        self._row += self._repeated_row


def _value(attributes: dict[str, str]) -> str:
    """The value a cell declares, where it is not its text."""
    kind = attribute(attributes, "value-type")
    if kind in _NUMBERS:
        return number(attribute(attributes, "value"))
    value = attribute(attributes, _VALUES[kind]) if kind in _VALUES else ""
    return _BOOLEANS.get(value, value.removesuffix(_MIDNIGHT).replace("T", " ") if kind == "date" else value)
