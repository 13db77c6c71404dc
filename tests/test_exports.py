"""Tables on their way out: whatever is in them, no spreadsheet runs it, and reading them again gives it back."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from afiliacion.cell_text import clean, safe_in_csv
from afiliacion.exports import csv_pieces, download, file_name, xlsx_file
from afiliacion.roll.parse.columns import COLUMNS, bind
from afiliacion.roll.upload import rejected_rows

RUNS = ("=", "+", "-", "@", "\t", "\r")
cells = st.one_of(
    st.text(max_size=20), st.sampled_from(["=1+1", "+52 33 1234 5678", "-5", "@x", "=cmd|' /C calc'!A0", "\t=1", "'=1", "0123"])
)
tables = st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6)


def as_stored(rows):
    """As the office has it: cleaned, and without the signs that XML cannot hold."""
    return [[clean("".join(c for c in cell if c == " " or c.isprintable())) for cell in row] for row in rows]


@given(tables)
def test_a_csv_runs_nothing_and_gives_all_of_it_back(rows):
    rows = as_stored(rows)
    text = b"".join(csv_pieces(rows)).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert not any(cell.startswith(RUNS) for row in read for cell in row)
    assert [[clean(cell) for cell in row] for row in read] == rows


@given(tables)
def test_a_workbook_holds_text_only_and_gives_all_of_it_back(rows):
    rows = as_stored(rows)
    with xlsx_file(rows, "Lista") as file:
        sheet = load_workbook(file).active
        assert not any(cell.data_type == "f" or str(cell.value).startswith(RUNS) for line in sheet for cell in line if cell.value)
        read = [[clean(str(cell.value or "")) for cell in line] for line in sheet.iter_rows(max_row=len(rows), max_col=3)]
    assert read == rows


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@given(tables)
def test_m5_a_csv_runs_nothing_where_another_sign_separates_its_cells(separator, rows):
    """«Ana;=1+1;» in one cell is three cells where `;` separates: none of them may be a formula."""
    rows = [["Ana;=1+1;", 'Ana; "=1+1"', "Ana\n=1+1"], *rows]
    text = b"".join(csv_pieces(rows)).decode("utf-8-sig")
    for cell in re.split(f"[{separator}\r\n]", text):
        assert not cell.lstrip(' "').startswith(("=", "+", "-", "@")), cell


def test_m5_such_a_cell_comes_back_as_it_was():
    for value in ("Ana;=1+1;", "a;'=b", 'a; "+1"', "a|-1;@x", "33 1234; ext 5"):
        assert clean(safe_in_csv(value)) == value


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("errores-lista", "errores-lista"),
        ("=cmd|' /C calc'!A0", "cmd_' _C calc'!A0"),
        ("lista\u202evsc.exe", "lista_vsc.exe"),
        ("...", "lista"),
    ],
)
def test_m5_a_download_has_a_name_that_any_system_takes(name, made):
    assert file_name(name) == made
    assert f"{made}.csv" in download([["a"]], name, "csv").headers["Content-Disposition"].replace("%20", " ").replace("%21", "!").replace(
        "%27", "'"
    )


def test_rows_leave_as_they_are_made():
    """Nothing waits for the last row: a stream of a million starts at once."""
    made = []

    def rows():
        for number in range(5_000):
            made.append(number)
            yield [str(number)]

    next(csv_pieces(rows()))
    assert len(made) == 500


def test_the_template_is_a_list_the_office_reads():
    (headings,) = rejected_rows.template()
    assert bind(headings, date_given=False).where == {column.name: at for at, column in enumerate(COLUMNS)}
