"""Files made to hurt: each ends in one clear sentence within the reader's limits, and nothing is left behind."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.parse.reading import follow, read

HEAD = "Matrícula,CURP,Nombre,Primer apellido,Segundo apellido,Fecha de inscripción\n"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SMALL = '<row r="1"><c r="A1" t="inlineStr"><is><t>Matrícula</t></is></c><c r="B1" t="inlineStr"><is><t>CURP</t></is></c></row>'
ONE = '<row r="2"><c r="A2"><v>1</v></c></row>'


RELATIONS = f'<Relationships xmlns="{PACKAGE}">{{}}</Relationships>'


def related(name: str, what: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{OFFICE}/{what}" Target="{target}"/>'


def xlsx(rows: str, *, before: str = "", sheet_tail: str = "", strings: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr(
            "_rels/.rels",
            RELATIONS.format(related("a", "officeDocument", "xl/workbook.xml")),
        )
        packed.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="L" sheetId="1" r:id="s"/></sheets></workbook>',
        )
        packed.writestr(
            "xl/_rels/workbook.xml.rels",
            RELATIONS.format(related("s", "worksheet", "worksheets/sheet1.xml") + related("t", "sharedStrings", "sharedStrings.xml")),
        )
        packed.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
        packed.writestr(
            "xl/worksheets/sheet1.xml", f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{sheet_tail}</worksheet>'
        )
        for name, body in (extra or {}).items():
            packed.writestr(name, body)
    return out.getvalue()


def laughs(name: str = "sheet") -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    return f'<?xml version="1.0"?><!DOCTYPE {name} [<!ENTITY l0 "ja">{entities}]>'


def a_cell(text: str) -> str:
    return f'{SMALL}<row r="2"><c r="A2" t="inlineStr"><is><t>{text}</t></is></c></row>'


def ods(body: str) -> bytes:
    out = io.BytesIO()
    names = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text"))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr(
            "content.xml", f'<office:document-content {names}><table:table table:name="L">{body}</table:table></office:document-content>'
        )
    return out.getvalue()


def ods_row(*cells: str, **repeated: int) -> str:
    rows, columns = repeated.get("rows", 1), repeated.get("columns", 1)
    inside = "".join(
        f'<table:table-cell table:number-columns-repeated="{columns}"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{rows}">{inside}</table:table-row>'


def bomb() -> bytes:
    return xlsx(SMALL + ONE, extra={"xl/media/a.bin": bytes(600 * 2**20)})


def lying_bomb() -> bytes:
    """Says it unpacks to little, and does not."""
    whole = bytearray(xlsx(SMALL + ONE, strings="<si><t>" + "a" * 5_000_000 + "</t></si>"))
    at = whole.rindex(b"xl/sharedStrings.xml") - 46
    struct.pack_into("<I", whole, at + 24, 100)
    return bytes(whole)


def rows_of(number: int) -> str:
    return "".join(f'<row r="{n}"/>' for n in range(2, number))


HEADS = ods_row("Matrícula", "CURP")
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "zip-bomb": ("x.xlsx", bomb, "al abrirse"),
    "zip-that-lies": ("x.xlsx", lying_bomb, "dañado"),
    "a-million-parts": ("x.xlsx", lambda: xlsx(SMALL + ONE) + b"PK\x01\x02" * 10_000, "dañado"),
    "billion-laughs": ("x.xlsx", lambda: xlsx(a_cell("&l8;"), before=laughs()), "dañado"),
    "external-entity": ("x.xlsx", lambda: xlsx(a_cell("&x;"), before='<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "dañado"),
    "ten-megabytes-in-a-cell": ("x.xlsx", lambda: xlsx(a_cell("x" * 10_000_000)), "celda"),
    "ten-megabytes-shared": ("x.xlsx", lambda: xlsx(SMALL + ONE, strings=f"<si><t>{'x' * 10_000_000}</t></si>"), "celda"),
    "far-column": ("x.xlsx", lambda: xlsx(SMALL + '<row r="2"><c r="XFD2"><v>1</v></c></row>'), "columna 16,384"),
    "no-such-column": ("x.xlsx", lambda: xlsx(SMALL + '<row r="2"><c r="ZZZZ2"><v>1</v></c></row>'), "dañado"),
    "same-row-twice": ("x.xlsx", lambda: xlsx(SMALL + ONE + ONE), "dañado"),
    "row-far-below": ("x.xlsx", lambda: xlsx(SMALL + ONE.replace('r="2"', 'r="99999999999"')), "dañado"),
    "no-such-shared-text": ("x.xlsx", lambda: xlsx(SMALL + '<row r="2"><c r="A2" t="s"><v>7</v></c></row>'), "dañado"),
    "empty-rows-xlsx": ("x.xlsx", lambda: xlsx(SMALL + rows_of(1_000_000)), "solo tiene encabezados"),
    "cut-xlsx": ("x.xlsx", lambda: xlsx(SMALL + ONE)[:-400], "dañado"),
    "cut-xml": ("x.xlsx", lambda: xlsx(SMALL + "<row>"), "dañado"),
    "encrypted": ("x.xlsx", lambda: b"\xd0\xcf\x11\xe0" + bytes(2000), "contraseña"),
    "html-xlsx": ("x.xlsx", lambda: b"<html><body><table>", "página web"),
    "ods-rows-repeated": ("x.ods", lambda: ods(HEADS + ods_row("1", "2", rows=2_000_000_000)), "filas"),
    "ods-columns-repeated": ("x.ods", lambda: ods(HEADS + ods_row("1", columns=2_000_000_000)), "columna"),
    "ods-blanks": ("x.ods", lambda: ods(HEADS + ods_row("", rows=1_048_574, columns=16_384)), "solo tiene encabezados"),
    "ods-spaces": ("x.ods", lambda: ods(HEADS + ods_row('<text:s text:c="2000000000"/>x')), "celda"),
    "empty-lines": ("x.csv", lambda: HEAD.encode() + b"\n" * 2_000_000, "solo tiene encabezados"),
    "empty-cells": ("x.csv", lambda: HEAD.encode() + b",,,,,\r\n" * 2_000_000, "solo tiene encabezados"),
    "five-thousand-columns": ("x.csv", (HEAD[:-1] + ",x" * 5_000 + "\n1,2\n").encode, "columna 5,006"),
    "a-wide-row": ("x.csv", (HEAD + "1" + ",x" * 100_000 + "\n").encode, "columna 100,001"),
    "ten-megabytes-csv": ("x.csv", (HEAD + "1," + "x" * 10_000_000 + "\n").encode, "millón de letras"),
    "open-quote": ("x.csv", (HEAD + '"' + "x,y\n" * 100_000).encode, "comilla"),
    "nul": ("x.csv", lambda: HEAD.encode() + b"1,\x00,3\n", "bytes nulos"),
    "invalid-bytes": ("x.csv", lambda: HEAD.encode() + b"1,\xc3\x28\xff,3\n", "codificaciones .*la línea 2 no"),
    "xls-named-csv": ("x.csv", lambda: b"\xd0\xcf\x11\xe0" + bytes(500), "antiguo"),
    "pdf-named-csv": ("x.csv", lambda: b"%PDF-1.4 ...", "PDF"),
    "html-named-csv": ("x.csv", lambda: b"<!DOCTYPE html><html><body><table><tr><td>CURP", "página web"),
    "noise": ("x.csv", lambda: random.Random(1).randbytes(100_000), "codificaciones|no es texto|nulos"),
    "noise-named-xlsx": ("x.xlsx", lambda: random.Random(1).randbytes(100_000), "dañado"),
}  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[bytes], Path]:
    def keep(content: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return keep


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence(kept, what):
    name, make, says = HOSTILE[what]
    with pytest.raises(UnreadableFile, match=says) as refusal:
        read(kept(make()), name)
    assert str(refusal.value).endswith(".")


def test_a_reader_that_takes_too_much_memory_dies_alone(kept, settings):
    settings.ROLL_READER_BYTES = 48 * 2**20
    settings.ROLL_MAX_CELL = 60_000_000
    with pytest.raises(UnreadableFile, match=r"memoria|no se pudo leer"):
        read(kept(xlsx(a_cell(random.Random(1).randbytes(15_000_000).hex()))), "x.xlsx")


def test_a_reader_that_computes_too_long_is_stopped(kept, settings):
    settings.ROLL_READER_SECONDS = 1
    with pytest.raises(UnreadableFile, match="tarda demasiado"):
        read(kept(xlsx(SMALL + "".join(f'<row r="{n}">{"<c/>" * 100}</row>' for n in range(2, 60_000)))), "x.xlsx")


def test_whoever_waits_can_stop_it(kept):
    class Enough(Exception):
        """The list is not wanted any more."""

    def tell(rows: int) -> None:
        raise Enough

    path = kept((HEAD + "1,2,3,4,5,6\n" * 50_000).encode())
    with pytest.raises(Enough), follow(path, "x.csv", tell):
        pass


def test_a_list_is_read_no_further_than_it_is_wanted(kept):
    path = kept((HEAD + "1,2,3,4,5,6\n" * 200_000).encode())
    with follow(path, "x.csv") as table:
        first = next(table.lines)
    assert (first, table.headers[0]) == ((2, ["1", "2", "3", "4", "5", "6"]), "Matrícula")
    assert len(table) < 200_000
    assert not table.hear()


def test_what_is_no_list_after_all_is_refused_where_it_is_read(kept):
    path = kept((HEAD + "1,2,3,4,5,6\n" * 2_000 + '1,"2,3,4,5,6\n').encode())
    with follow(path, "x.csv") as table, pytest.raises(UnreadableFile, match="línea 2002 no se puede leer"):
        list(table.lines)


def test_the_rows_come_as_often_as_they_are_asked_for(kept):
    """Also when two ask at the same time, and after the file is gone."""
    path = kept((HEAD + "".join(f"{n},2,3,4,5,6\n" for n in range(1234))).encode())
    table = read(path, "x.csv")
    path.unlink()
    pairs = list(zip(table.lines, table.lines, strict=True))
    assert len(pairs) == len(table) == 1234
    assert all(one == other for one, other in pairs)
    assert pairs[-1][0] == (1235, ["1233", "2", "3", "4", "5", "6"])
