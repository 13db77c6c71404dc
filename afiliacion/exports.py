"""Stream tables as CSV or XLSX, escaped so that no spreadsheet evaluates a cell: used by every export of the office."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import IO, Any, Final

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from afiliacion.cell_text import safe, safe_in_csv

#: Most rows of a workbook: it is built whole before its first byte is sent. A longer table is sent as CSV, which streams.
WORKBOOK: Final = 50_000
_TOGETHER: Final = 500
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Signs that XML cannot hold.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CELL: Final = 32_767
#: Signs that no file's name may have where it is opened, and those that turn round how a name is read.
_NOT_IN_NAMES: Final = re.compile('[\x00-\x1f\x7f<>:"/\\\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_NAME: Final = 120

#: A cell: text stays text, a number can be summed.
Cell = str | int
#: The formats of `download`.
ENDINGS: Final = ("csv", "xlsx")


def csv_pieces(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """CSV in UTF-8 in pieces of _TOGETHER rows; with the byte order mark that Excel needs to read it as UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    for number, row in enumerate(rows, 1):
        writer.writerow([safe_in_csv(str(cell)) for cell in row])
        if number % _TOGETHER == 0:
            yield _drained(out)
    yield _drained(out)


def xlsx_file(rows: Iterable[Sequence[Cell]], title: str) -> IO[bytes]:
    """An XLSX workbook of one sheet in a temporary file, every text cell typed as text; written row by row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    rows = iter(rows)
    head: Sequence[Cell] = next(rows, ())
    for at in range(1, len(head) + 1):
        # As text format: an NSS typed below keeps its leading zero.
        column = sheet.column_dimensions[get_column_letter(at)]
        column.number_format, column.width = "@", 24
    for row in chain([head], rows):
        sheet.append([value if isinstance(value, int) else _text(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the caller that reads it
    book.save(file)
    file.seek(0)
    return file


def _text(sheet: Any, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=_UNWRITABLE.sub("", safe(value))[:_CELL])
    cell.data_type, cell.number_format = "s", "@"
    return cell


def download(rows: Iterable[Sequence[Cell]], name: str, ending: str) -> HttpResponseBase:
    """The response that downloads these rows as `name`.csv or `name`.xlsx (`ending`: one of ENDINGS); CSV is never held whole."""
    name = file_name(name)
    if ending == "xlsx":
        return FileResponse(xlsx_file(rows, "Lista"), content_type=_XLSX, filename=f"{name}.xlsx", as_attachment=True)
    response = StreamingHttpResponse(csv_pieces(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.csv") or "attachment"
    return response


def file_name(name: str) -> str:
    """`name` as a file can be called on any system, without its ending; "lista" if nothing is left of it."""
    return _NOT_IN_NAMES.sub("_", name)[:_NAME].strip(" .'=+-@") or "lista"


def _drained(out: io.StringIO) -> bytes:
    piece = out.getvalue().encode("utf-8", "replace")
    out.seek(0)
    out.truncate()
    return piece
