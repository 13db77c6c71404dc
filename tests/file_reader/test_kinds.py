"""Files as they come. Whatever the encoding and delimiter, the same table; what is no table, one clear sentence."""

import contextlib
import io
import random
import re
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from file_reader.order import FileRefused

Rows = Sequence[Sequence[str]]

HEAD = ["Matrícula", "CURP", "Nombre(s)", "Primer apellido", "Segundo apellido", "Fecha de inscripción"]
ENCODINGS = ["utf-8", "utf-8-sig", "cp1252", "utf-16"]

# Text that every one of those encodings can write, with what trips a reader: quotes, delimiters, line breaks, blanks.
letters = st.sampled_from("abzÁÉÑñüÜ09 ,;'\"\n=+-@.")
cells = st.text(letters, max_size=12)
tables = st.lists(st.lists(cells, min_size=6, max_size=6).filter(lambda r: any(c.strip() for c in r)), min_size=1, max_size=8)


def text_of(rows: Rows, delimiter: str) -> str:
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in cells_] for cells_ in rows]
    return "\r\n".join(delimiter.join(cells_) for cells_ in quoted) + "\r\n"


@given(tables, st.sampled_from(ENCODINGS), st.sampled_from(",;\t"), st.integers(0, 3))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_every_encoding_and_delimiter_gives_the_same_table(read, rows, encoding, delimiter, titles):
    text = "Relación de alumnos\r\n" * titles + text_of([HEAD, *rows], delimiter)
    table = read(text.encode(encoding), "lista.csv")
    assert (table.headers, [cells_ for _, cells_ in table.lines]) == (HEAD, rows)
    assert (table.header_line, table.lines[0][0]) == (titles + 1, titles + 2)


def book(*sheets: tuple[str, Sequence[Sequence[str | None]]]) -> bytes:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.remove(workbook.active)
    for name, rows in sheets:
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def ods(rows: Rows) -> bytes:
    cells_ = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="Lista">{cells_}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
        packed.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')
    return out.getvalue()


ROW = ["26000001", "X", "Begoña", "Ñáñez", "", "2026-08-06"]


def test_an_ods_is_read(read):
    table = read(ods([["Lista"], HEAD, ROW]), "lista.ods")
    assert (table.headers, table.lines, table.origin) == (HEAD, [(3, ROW)], "hoja «Lista»")


def test_an_xlsx_with_its_list_below_and_to_the_right(read):
    table = read(book(("Portada", [["Preparatoria"]]), ("Lista", [[], [], [None, *HEAD], [], [None, *ROW]])), "lista.xlsx")
    assert (table.header_line, table.lines[0][0], table.lines[0][1][1:4]) == (3, 5, ROW[:3])


def test_two_sheets_with_a_list_are_refused_by_name(read):
    with pytest.raises(FileRefused, match="«A», «B»"):
        read(book(("A", [HEAD, ROW]), ("B", [HEAD, ROW])), "lista.xlsx")


def test_a_book_without_sheets_is_refused(read):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(("Lista", [HEAD, ROW])))) as whole, zipfile.ZipFile(out, "w") as emptied:
        for name in whole.namelist():
            body = whole.read(name)
            emptied.writestr(name, re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", body) if name == "xl/workbook.xml" else body)
    with pytest.raises(FileRefused, match="dañado"):
        read(out.getvalue(), "lista.xlsx")


def test_a_quoted_line_break_counts_the_lines_of_the_file(read):
    table = read(text_of([HEAD, ["1", "a\nb", "", "", "", ""], ["2", "", "", "", "", ""]], ",").encode(), "lista.csv")
    assert [line for line, _ in table.lines] == [2, 4]


BIG = b"Matricula,CURP\n" + b"x" * 200_000
REFUSED = [
    (b"", "lista.csv", "vacío"),
    (b"Matricula,CURP,Nombre\n", "lista.csv", "solo tiene encabezados"),
    (b"hola,que,tal\n1,2,3\n", "lista.csv", "encabezados"),
    (b"PK\x03\x04basura", "lista.csv", "ZIP"),
    (b"PK\x03\x04basura", "lista.xlsx", "dañado"),
    (b"%PDF-1.7", "lista.csv", "PDF"),
    (b"%PDF-1.7", "lista.xlsx", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "lista.csv", "antiguo"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "lista.xlsx", "contraseña"),
    (b"<html><table>", "lista.csv", "web"),
    (b"\xef\xbb\xbf <!DOCTYPE html>", "lista.csv", "web"),
    (b"Matricula,CURP\n1,\x00\n", "lista.csv", "nulos"),
    ("Matrícula,CURP\n1,Muñoz\n".encode() + b"2,Mu\xf1oz\n", "lista.csv", "dos codificaciones"),
    (b"Matricula,CURP\n1,\x81\xff\n", "lista.csv", "no es seguro"),
    (b"\xff\xfeM\x00a", "lista.txt", "no es texto"),
    (b'Matricula,CURP\n1,"sin cerrar\n2,x\n', "lista.csv", "comilla"),
    (BIG, "lista.csv", "línea 2"),
    (b"x", "lista.pdf", ".pdf"),
    (b"x", "lista", "lista"),
]


@pytest.mark.parametrize(("content", "name", "says"), REFUSED, ids=[f"{name}-{says}" for _, name, says in REFUSED])
def test_what_is_no_table_is_refused_in_one_sentence(read, content, name, says):
    with pytest.raises(FileRefused) as refusal:
        read(content, name)
    assert says in str(refusal.value)


def test_a_book_that_unpacks_to_too_much_is_refused_unopened(read):
    with pytest.raises(FileRefused, match="al abrirse"):
        read(book(("Lista", [HEAD, ROW])), "lista.xlsx", unpacked=1000)


def test_a_list_with_too_many_rows_is_refused(read):
    with pytest.raises(FileRefused, match="divídala"):
        read(text_of([HEAD, *[ROW] * 100], ",").encode(), "lista.csv", max_rows=99)


def test_a_book_damaged_anywhere_is_refused_or_read_never_a_crash(read):
    whole, rng = book(("Lista", [HEAD, *[ROW] * 20])), random.Random(4)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(rng.randrange(1, 30)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        cut = bytes(broken[: rng.randrange(len(broken))] if rng.random() < 0.5 else broken)
        with contextlib.suppress(FileRefused):
            read(cut, "lista.xlsx")


def shown(*cells: tuple[object, str]) -> bytes:
    """A book with a row of these values, each in its number format."""
    workbook = Workbook()
    assert workbook.active is not None
    workbook.active.append(HEAD)
    for column, (value, form) in enumerate(cells, 1):
        cell = workbook.active.cell(2, column, value)
        cell.number_format = form
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1, "00000000", "00000001"), (123456789, "00-00-00000", "12-34-56789"), (12, "0", "12"), (12, "General", "12"),
        (26001, "#,##0", "26001"), (5, "000\\-000", "000-005"), (7, '"A"000', "7"), (3312345678, "(00) 0000 0000", "(33) 1234 5678"),
        (202600000000000123, "0", "2.026000000000001e+17"), ('=CONCATENATE("a")', "General", "#SIN_RESULTADO"), ("#N/A", "General", "#N/A"),
    ],
)  # fmt: skip
def test_a_number_is_what_its_cell_shows(read, value, form, text):
    assert read(shown((value, form)), "lista.xlsx").lines[0][1][0] == text


def filtered() -> bytes:
    workbook = Workbook()
    assert workbook.active is not None
    for line in (HEAD, ROW, ROW, ROW):
        workbook.active.append(line)
    workbook.active.row_dimensions[3].hidden = True
    other = workbook.create_sheet("Anterior")
    for line in (HEAD, ROW):
        other.append(line)
    other.sheet_state = "hidden"
    catalogue = workbook.create_sheet("Catálogos")
    catalogue.append(["Nombre", "CURP"])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def test_hidden_rows_are_counted_or_left_out_and_a_hidden_sheet_or_a_catalogue_is_no_second_list(read):
    told, left = read(filtered(), "lista.xlsx"), read(filtered(), "lista.xlsx", shown_only=True)
    assert ([line for line, _ in told.lines], [line for line, _ in left.lines]) == ([2, 3, 4], [2, 4])
    assert (told.hidden, left.hidden) == (1, 1)


@pytest.mark.parametrize(("encoding", "origin"), [("mac_roman", "Mac OS Roman"), ("cp850", "DOS (página 850)")])
def test_what_old_programs_write_is_read(read, encoding, origin):
    table = read(text_of([HEAD, ROW], ";").encode(encoding), "lista.csv")
    assert (table.headers, table.lines[0][1], table.origin) == (HEAD, ROW, f"{origin}, separado por punto y coma")
