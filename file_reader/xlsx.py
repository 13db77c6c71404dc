"""XLSX as Excel, LibreOffice and libraries write it: the rows of a sheet, as they go by."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from file_reader.order import FileRefused, NumberedRow, ReadOrder
from file_reader.packed import DAMAGED, Attributes, attribute, check_length, drained, pieces, whole
from file_reader.strings import Strings
from file_reader.values import NO_RESULT, day, digits_format, is_date_format, number, shown_by, unescaped

_BOOK: Final = "xl/workbook.xml"
_DIGITS: Final = "0123456789"
_LAST_ROW: Final = 2**20
_VALUES: Final = ("v", "t")
_TRUE: Final = ("1", "true")


#: What a cell's style shows of a number: a date, or its digits in a format.
_DATE: Final = "date"


class Xlsx:
    """A workbook: `names` of its sheets that are shown, and the rows of each. `hidden`: rows of it that the program does not show."""

    def __init__(self, packed: zipfile.ZipFile, order: ReadOrder, closing: ExitStack) -> None:
        self._packed, self._order = packed, order
        self._since_1904 = False
        self._sheets: list[tuple[str, str]] = []
        self._hidden_sheets: list[tuple[str, str]] = []
        self._sheet: _Sheet | None = None
        book = _book_part(packed)
        targets = _targets(packed, book)
        whole(packed, book, Attributes(self._on_book))
        self._sheets = self._sheets or self._hidden_sheets
        self._parts = [targets[identifier] for _, identifier in self._sheets]
        self._shows = _number_styles(packed, _named(targets, "styles.xml"))
        self._strings = Strings(packed, _named(targets, "sharedstrings.xml"), order, closing)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self._sheets]

    def rows(self, at: int) -> Iterator[NumberedRow]:
        """The rows of a sheet, numbered as the sheet numbers them; those that hold nothing may be left out."""
        ready: list[NumberedRow] = []
        sheet = self._sheet = _Sheet(ready, self._strings, self._shows, self._order, since_1904=self._since_1904)
        return drained(pieces(self._packed, self._parts[at], sheet), ready)

    @property
    def hidden(self) -> int:
        return self._sheet.hidden if self._sheet else 0

    def _on_book(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            sheets = self._hidden_sheets if attributes.get("state", "visible") != "visible" else self._sheets
            sheets.append((attributes.get("name", ""), attribute(attributes, "id")))
        elif name == "workbookPr":
            self._since_1904 = attributes.get("date1904") in _TRUE


class _Sheet:
    """Builds the rows of a sheet from its elements."""

    __slots__ = (
        "_aside", "_cells", "_column", "_columns", "_inside", "_kind", "_order", "_parts", "_ready", "_row", "_row_hidden", "_shows",
        "_since_1904", "_strings", "_style", "hidden",
    )  # fmt: skip

    def __init__(self, ready: list[NumberedRow], strings: Strings, shows: dict[str, str], order: ReadOrder, *, since_1904: bool) -> None:
        self._ready, self._strings, self._shows, self._order, self._since_1904 = ready, strings.get, shows, order, since_1904
        self.hidden, self._row_hidden = 0, False
        self._row = self._column = 0
        self._cells: list[str] = []
        self._kind = self._style = ""
        self._parts: list[str] = []
        self._inside = self._aside = False
        self._columns: dict[str, int] = {}

    # Called some ten times a student: that is where the time of a large workbook goes.
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A row, a cell or a cell's value begins."""
        if name == "c":
            reference = attributes.get("r", "").rstrip(_DIGITS)
            self._column = self._columns.get(reference) or self._position(reference)
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        elif name in _VALUES:
            self._inside = not self._aside
        elif name == "row":
            row = int(attributes["r"]) if "r" in attributes else self._row + 1
            if not self._row < row <= _LAST_ROW:  # each row stands once, below the one before
                raise FileRefused(DAMAGED)
            self._row = row
            self._column, self._cells = 0, []
            self._row_hidden = attributes.get("hidden") in _TRUE
        elif name == "f":
            self._kind = f"f{self._kind}"
        elif name == "rPh":
            self._aside = True

    def end(self, name: str) -> None:
        """A row or cell is whole."""
        self._inside = False
        if name == "c":
            if self._parts:
                self._put(self._value("".join(self._parts)))
                self._parts.clear()
            elif self._kind == "fn":  # a formula whose result no program has written
                self._put(NO_RESULT)
        elif name == "row":
            if self._cells:
                self._end_row()
        elif name == "rPh":
            self._aside = False

    def text(self, text: str) -> None:
        """Part of a cell's value."""
        if self._inside:
            self._parts.append(text)

    def _end_row(self) -> None:
        self.hidden += self._row_hidden
        if not (self._row_hidden and self._order.shown_only):
            self._ready.append((self._row, self._cells))

    def _put(self, value: str) -> None:
        missing = self._column - len(self._cells) - 1
        if missing == 0:
            self._cells.append(value)
            return
        self._cells += [""] * (missing + 1)
        self._cells[self._column - 1] = value

    def _value(self, written: str) -> str:
        kind = self._kind
        if kind[0] == "f":
            kind = kind[1:]
        if kind == "s":
            return self._strings(int(written))
        if kind == "n":
            return self._number(written)
        if kind == "b":
            return "VERDADERO" if written == "1" else "FALSO"
        return unescaped(check_length(written, self._order))

    def _number(self, written: str) -> str:
        shows = self._shows.get(self._style)
        if shows is None:
            return number(written)
        if shows == _DATE:
            return day(written, since_1904=self._since_1904)
        return shown_by(shows, digits) if (digits := number(written)).isdigit() else digits

    def _position(self, letters: str) -> int:
        """The number of a cell's column, from its letters ("AB": 28); the next one where there are none."""
        if not letters:
            return self._column + 1
        if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
            raise FileRefused(DAMAGED)
        position = 0
        for letter in letters.upper():
            position = position * 26 + ord(letter) - 64
        self._columns[letters] = position
        return position


def _named(targets: dict[str, str], name: str) -> str:
    """The part of that name, wherever it is; empty if there is none."""
    return next((part for part in targets.values() if part.lower().endswith(name)), "")


def _book_part(packed: zipfile.ZipFile) -> str:
    """Where the workbook itself is: by its relation, as some programs put it elsewhere."""
    found: list[str] = []

    def on(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            found.append(attributes["Target"].lstrip("/"))

    whole(packed, "_rels/.rels", Attributes(on))
    return found[0] if found else _BOOK


def _targets(packed: zipfile.ZipFile, book: str) -> dict[str, str]:
    """The parts that the workbook names, by the names it gives them."""
    folder, base = posixpath.split(book)
    found: dict[str, str] = {}

    def on(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes["Target"]
            found[attributes["Id"]] = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")

    whole(packed, f"{folder}/_rels/{base}.rels", Attributes(on))
    return found


class _Styles:
    """What a workbook's cell styles show of numbers. They are numbered as they come, those of the cells only."""

    def __init__(self) -> None:
        self.shows: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        self._of_cells = False
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "cellXfs":
            self._of_cells = True
        elif name == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "xf" and self._of_cells:
            identifier = attributes.get("numFmtId", "0")
            code = self._codes.get(identifier, "")
            if shows := _DATE if is_date_format(identifier, code) else digits_format(code):
                self.shows[str(self._count)] = shows
            self._count += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._of_cells = False

    def text(self, text: str) -> None:
        """Styles have no text."""


def _number_styles(packed: zipfile.ZipFile, part: str) -> dict[str, str]:
    """The styles that show a number as a date (_DATE) or in a format of its digits, as the cells name them."""
    styles = _Styles()
    if part:
        whole(packed, part, styles)
    return styles.shows
