"""Delimited text: UTF-8, Windows-1252 or UTF-16; commas, semicolons or tabs. Never read by guess."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from typing import Final

from afiliacion.roll.columns import recognised
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.table import TITLES, Line, Table, build

_DELIMITERS: Final = {",": "comas", ";": "punto y coma", "\t": "tabuladores"}
_CELL_LIMIT: Final = 100_000
_PACKED: Final = "es un archivo comprimido: descomprímalo y cargue la lista"
_PICTURE: Final = "es una imagen: pida la lista en Excel (.xlsx) o CSV"
#: How files begin that are not what their ending says, and what to do about each.
_FOREIGN: Final = {
    b"PK\x03\x04": "es un libro de Excel o un ZIP: si es un libro, guárdelo con su terminación .xlsx; si no abre, pida la lista otra vez",
    b"PK\x05\x06": "es un ZIP vacío: pida la lista otra vez",
    b"%PDF": "es un PDF: pida la lista en Excel (.xlsx) o CSV",
    b"\xd0\xcf\x11\xe0": "es un libro de Excel antiguo (.xls) o con contraseña: ábralo y guárdelo como .xlsx sin contraseña",
    b"{\\rtf": "es un documento de texto con formato: pida la lista en Excel (.xlsx) o CSV",
    b"\x1f\x8b": _PACKED,
    b"Rar!": _PACKED,
    b"7z\xbc\xaf": _PACKED,
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
}
_MARKUP: Final = re.compile(rb"\s*<(!doctype|html|head|body|table|meta|\?xml|script|div)", re.IGNORECASE)
#: A letter written in UTF-8 inside a file that is not UTF-8: two programs wrote it.
_UTF8_LETTER: Final = re.compile(rb"\xc3[\x80-\xbf]")


def read_text(content: bytes, filename: str) -> Table:
    """Read a delimited text.

    Raises:
        UnreadableFile: if it is something else under a text's name, is damaged, or holds no list.
    """
    for magic, what in _FOREIGN.items():
        if content.startswith(magic):
            raise UnreadableFile(f"El archivo termina en «{PurePath(filename).suffix}» pero {what}.")
    if _MARKUP.match(content[:200].removeprefix(b"\xef\xbb\xbf")):
        raise UnreadableFile("El archivo es una página web, no una lista: ábralo en Excel y guárdelo como .xlsx.")
    text, encoding = _decoded(content)
    delimiter = _delimiter(text)
    return build(_records(text, delimiter), filename, f"{encoding}, separado por {_DELIMITERS[delimiter]}")


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: by its mark, else UTF-8, else Windows-1252 as Mexican Excel saves it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text, encoding = _strictly(content, "utf-16"), "UTF-16"
    else:
        text, encoding = _eight_bit(content)
    if "\x00" in text:
        raise UnreadableFile("El archivo trae bytes nulos: está dañado o no es texto. Expórtelo de nuevo como CSV o .xlsx.")
    return text, encoding


def _eight_bit(content: bytes) -> tuple[str, str]:
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass  # not UTF-8: the next candidate is Windows-1252
    if _UTF8_LETTER.search(content):
        raise UnreadableFile("El archivo mezcla dos codificaciones (UTF-8 y Windows-1252): los acentos se dañarían. Guárdelo como .xlsx.")
    return _strictly(content, "cp1252"), "Windows-1252"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile("El archivo no es texto que se pueda leer: está dañado. Expórtelo de nuevo como CSV o .xlsx.") from error


def _delimiter(text: str) -> str:
    """The delimiter under which the file's first lines show most headings of the roll."""
    scores = {delimiter: _headings(text, delimiter) for delimiter in _DELIMITERS}
    return max(scores, key=lambda delimiter: scores[delimiter])


def _headings(text: str, delimiter: str) -> int:
    best = 0
    try:
        for _, cells in islice(_records(text, delimiter), TITLES):
            best = max(best, recognised(cells))
    except UnreadableFile:
        return best  # under a wrong delimiter the quotes need not close
    return best


def _records(text: str, delimiter: str) -> Iterator[Line]:
    """The records of a delimited text, each with the line it begins on; a quoted cell may hold line breaks."""
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(
            f"La línea {begins} no se puede leer: le sobra o le falta una comilla, o tiene una celda enorme. Corríjala y cargue otra vez."
        ) from error
