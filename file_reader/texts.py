"""Delimited text: UTF-8, Windows-1252 or UTF-16; commas, semicolons, tabs or bars. Never read by guess."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Final

from file_reader.header import TITLES, recognised
from file_reader.order import MEGABYTE, FileRefused, NumberedRow, ReadOrder

_DELIMITERS: Final = {",": "comas", ";": "punto y coma", "\t": "tabuladores", "|": "barras"}
_NAMES: Final = {"utf-16": "UTF-16", "utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
#: A letter written in UTF-8 inside a file that is not UTF-8: two programs wrote it.
_UTF8_LETTER: Final = re.compile(rb"\xc3[\x80-\xbf]")


class TextFile:
    """A delimited text. `origin` says how it was read."""

    def __init__(self, order: ReadOrder) -> None:
        self._order = order
        self._encoding = _encoding(Path(order.path))
        scores = {delimiter: self._headings(delimiter) for delimiter in _DELIMITERS}
        self._delimiter = max(scores, key=lambda delimiter: scores[delimiter])
        self.origin = f"{_NAMES[self._encoding]}, separado por {_DELIMITERS[self._delimiter]}"

    def lines(self) -> Iterator[NumberedRow]:
        """The records, each with the line it begins on; a quoted cell may hold line breaks."""
        return self._records(self._delimiter)

    def _headings(self, delimiter: str) -> int:
        """Most headings known in one of the first lines, under this delimiter."""
        best = 0
        try:
            for _, cells in islice(self._records(delimiter), TITLES):
                best = max(best, recognised(cells, self._order.headings))
        except FileRefused:
            return best  # under a wrong delimiter the quotes need not close
        return best

    def _records(self, delimiter: str) -> Iterator[NumberedRow]:
        csv.field_size_limit(self._order.max_cell)
        begins = 1
        with Path(self._order.path).open(encoding=self._encoding, newline="") as file:
            reader = csv.reader(_physical_lines(file), delimiter=delimiter, strict=True)
            try:
                for cells in reader:
                    yield begins, cells
                    begins = reader.line_num + 1
            except csv.Error as error:
                raise FileRefused(
                    f"La línea {begins} no se puede leer: le sobra o le falta una comilla, o tiene una celda enorme. "
                    "Corríjala y cargue otra vez."
                ) from error


def _physical_lines(file: IO[str]) -> Iterator[str]:
    """The lines of a text; a file without line breaks is not swallowed at once."""
    for number, line in enumerate(iter(partial(file.readline, MEGABYTE), ""), 1):
        if len(line) == MEGABYTE:
            raise FileRefused(f"La línea {number} pasa de un millón de letras: no es una lista. Expórtela de nuevo como CSV o .xlsx.")
        yield line


def _encoding(path: Path) -> str:
    """How a text is encoded: by its mark, else UTF-8, else Windows-1252 as Mexican Excel saves it."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            _require(path, "utf-16")
            return "utf-16"
    if _decodes(path, "utf-8-sig"):
        return "utf-8-sig"
    if _mixed(path):
        raise FileRefused(
            f"El archivo mezcla dos codificaciones (UTF-8 y Windows-1252; la línea {_first_not_utf_8(path)} no es UTF-8): los acentos se "
            "dañarían. Corrija esa línea, o guárdelo como .xlsx."
        )
    _require(path, "cp1252")
    return "cp1252"


def _require(path: Path, encoding: str) -> None:
    if not _decodes(path, encoding):
        raise FileRefused("El archivo no es texto que se pueda leer: está dañado. Expórtelo de nuevo como CSV o .xlsx.")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(path):
            if "\x00" in decoder.decode(chunk):
                raise FileRefused("El archivo trae bytes nulos: está dañado o no es texto. Expórtelo de nuevo como CSV o .xlsx.")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _first_not_utf_8(path: Path) -> int:
    """The first line of a text that is not UTF-8."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    for chunk in _chunks(path):
        try:
            line += decoder.decode(chunk).count("\n")
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n")
    return line


def _mixed(path: Path) -> bool:
    last = b""
    for chunk in _chunks(path):
        if _UTF8_LETTER.search(last + chunk):
            return True
        last = chunk[-1:]
    return False


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(MEGABYTE):
            yield chunk
