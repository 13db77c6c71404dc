"""From a file's bytes to a table. What is not a table is refused whole, in one sentence; a table is never read by guess."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from django.conf import settings

from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.sheets import read_book
from afiliacion.roll.table import Table
from afiliacion.roll.texts import read_text

_READERS: Final = {".csv": read_text, ".txt": read_text, ".tsv": read_text, ".xlsx": read_book, ".ods": read_book}
ENDINGS: Final = tuple(_READERS)


def read(content: bytes, filename: str) -> Table:
    """Read a list: CSV or text (UTF-8, Windows-1252, UTF-16; comma, semicolon, tab), XLSX or ODS.

    Raises:
        UnreadableFile: if it is too large, is not a table, has no header the roll knows, or has no rows under it.
    """
    _check_size(content)
    ending = PurePath(filename).suffix.lower()
    if ending not in _READERS:
        raise UnreadableFile(f"No se leen archivos «{ending or filename}»: cargue la lista como .xlsx, .ods, .csv o .txt.")
    return _READERS[ending](content, filename)


def _check_size(content: bytes) -> None:
    if not content:
        raise UnreadableFile("El archivo está vacío (0 bytes): expórtelo de nuevo y revise que abra.")
    if len(content) > settings.ROLL_MAX_BYTES:
        raise UnreadableFile(f"El archivo pasa de {settings.ROLL_MAX_BYTES // 2**20} MB: divida la lista en varias.")
