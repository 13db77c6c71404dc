"""Tables on their way out, as a stream, so that no spreadsheet runs anything in them: the one place for every export of the office."""

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

from afiliacion.roll.cells import safe

#: Rows of a workbook at most: it is made whole before its first byte leaves. A longer table goes out as CSV, which streams.
WORKBOOK: Final = 50_000
_TOGETHER: Final = 500
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Signs that XML cannot hold.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CELL: Final = 32_767

#: A cell of a table on its way out: text stays text, a count can be summed.
Cell = str | int
#: What a table can be handed out as.
ENDINGS: Final = ("csv", "xlsx")


def csv_pieces(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """CSV in UTF-8, a few hundred rows at a time; with the mark without which Excel does not see it is UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    for number, row in enumerate(rows, 1):
        writer.writerow([safe(str(cell)) for cell in row])
        if number % _TOGETHER == 0:
            yield _taken(out)
    yield _taken(out)


def xlsx_file(rows: Iterable[Sequence[Cell]], title: str) -> IO[bytes]:
    """An XLSX workbook of one sheet in a nameless file, every text a text; written row by row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    rows = iter(rows)
    head: Sequence[Cell] = next(rows, ())
    for at in range(1, len(head) + 1):
        # Whatever is typed below stays as typed: an NSS keeps its zero.
        column = sheet.column_dimensions[get_column_letter(at)]
        column.number_format, column.width = "@", 24
    for row in chain([head], rows):
        sheet.append([value if isinstance(value, int) else _text(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever reads it
    book.save(file)
    file.seek(0)
    return file


def _text(sheet: Any, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=_UNWRITABLE.sub("", safe(value))[:_CELL])
    cell.data_type, cell.number_format = "s", "@"
    return cell


def download(rows: Iterable[Sequence[Cell]], name: str, ending: str) -> HttpResponseBase:
    """An answer that hands out these rows as `name`.csv or `name`.xlsx (ENDINGS), without ever holding them whole."""
    if ending == "xlsx":
        return FileResponse(xlsx_file(rows, "Lista"), content_type=_XLSX, filename=f"{name}.xlsx", as_attachment=True)
    response = StreamingHttpResponse(csv_pieces(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.csv") or "attachment"
    return response


def _taken(out: io.StringIO) -> bytes:
    piece = out.getvalue().encode("utf-8", "replace")
    out.seek(0)
    out.truncate()
    return piece
