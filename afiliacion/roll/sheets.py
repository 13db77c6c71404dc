"""Workbooks: XLSX and ODS, by python-calamine. One sheet holds the list; the others must not look like one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from afiliacion.roll.cells import as_text
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.table import TITLES, Line, Table, best_header, build

_DAMAGED: Final = "El libro está dañado o no es de Excel ni de LibreOffice: ábralo, guárdelo de nuevo como .xlsx y cárguelo otra vez."


def read_book(content: bytes, filename: str) -> Table:
    """Read the one sheet of a workbook that holds a list.

    Raises:
        UnreadableFile: if it is no workbook, unpacks to too much, or no sheet (or more than one) holds a list.
    """
    _check_unpacked(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return _the_list([book.get_sheet_by_name(name) for name in book.sheet_names], filename)
    except (CalamineError, ValueError, OSError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(_DAMAGED) from error


def _check_unpacked(content: bytes) -> None:
    """A small ZIP can unpack to gigabytes: the sizes are read before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableFile(_DAMAGED) from error
    if size > settings.ROLL_MAX_UNPACKED_BYTES:
        raise UnreadableFile(f"El libro ocupa más de {settings.ROLL_MAX_UNPACKED_BYTES // 2**20} MB al abrirse: divida la lista en varias.")


def _the_list(sheets: list[CalamineSheet], filename: str) -> Table:
    lists = [sheet for sheet in sheets if best_header([cells for _, cells in _rows(sheet, first=TITLES)]) is not None]
    if len(lists) > 1:
        names = ", ".join(f"«{sheet.name}»" for sheet in lists)
        raise UnreadableFile(f"El libro trae más de una hoja con lista ({names}): deje solo la que quiere cargar.")
    if not sheets:
        raise UnreadableFile(_DAMAGED)
    sheet = lists[0] if lists else sheets[0]
    return build(_rows(sheet), filename, f"hoja «{sheet.name}»")


def _rows(sheet: CalamineSheet, first: int | None = None) -> Iterator[Line]:
    """A sheet's rows as text, numbered as the sheet numbers them."""
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False, nrows=first), 1):
        yield number, [as_text(cell) for cell in cells]
