"""Which reader a file needs, by its ending; and what files are that are not what their ending says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path, PurePath
from typing import Final, Protocol

from file_reader.books import Workbook
from file_reader.mending import Mended
from file_reader.order import FileRefused, NumberedRow, ReadOrder
from file_reader.texts import TextFile

_BOOKS: Final = (".xlsx", ".ods")
_TEXTS: Final = (".csv", ".txt", ".tsv")
ENDINGS: Final = (*_TEXTS, *_BOOKS)
_ZIP: Final = b"PK\x03\x04"
_PACKED: Final = "es un archivo comprimido: descomprímalo y cargue la lista"
_PICTURE: Final = "es una imagen: pida la lista en Excel (.xlsx) o CSV"
#: How files begin that are not what their ending says, and what to do about each.
_FOREIGN: Final = {
    _ZIP: "es un libro de Excel o un ZIP: si es un libro, guárdelo con su terminación .xlsx; si no abre, pida la lista otra vez",
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
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(!doctype|html|head|body|table|meta|\?xml|script|div)", re.IGNORECASE)


class Source(Protocol):
    """A list inside a file: `origin` says in words how or where it was found.

    Known once its lines were gone through: `mended`, damaged letters put right; `hidden`, rows that the program does not show.
    """

    origin: str
    mended: Mended

    @property
    def hidden(self) -> int: ...

    def lines(self) -> Iterator[NumberedRow]: ...


def source(order: ReadOrder, closing: ExitStack) -> Source:
    """The list in a file, which stays open until `closing`.

    Raises:
        FileRefused: if the file is not of a kind that is read, or not what its ending says.
    """
    ending = PurePath(order.filename).suffix.lower()
    if ending not in ENDINGS:
        raise FileRefused(f"No se leen archivos «{ending or order.filename}»: cargue la lista como .xlsx, .ods, .csv o .txt.")
    with Path(order.path).open("rb") as file:
        begins = file.read(200)
    if not begins:
        raise FileRefused("El archivo está vacío (0 bytes): expórtelo de nuevo y revise que abra.")
    for magic, what in _FOREIGN.items():
        if begins.startswith(magic) and not (ending in _BOOKS and magic == _ZIP):
            raise FileRefused(f"El archivo termina en «{ending}» pero {what}.")
    if _MARKUP.match(begins):
        raise FileRefused("El archivo es una página web, no una lista: ábralo en Excel y guárdelo como .xlsx.")
    return Workbook(order, closing) if ending in _BOOKS else TextFile(order)
