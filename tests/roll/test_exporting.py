"""Tables on their way out: whatever is in them, no spreadsheet runs it, and reading them again gives it back."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from afiliacion.roll import mending
from afiliacion.roll.cells import clean
from afiliacion.roll.columns import COLUMNS, bind
from afiliacion.roll.exporting import csv_pieces, xlsx_file

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
    (headings,) = mending.template()
    assert bind(headings, date_given=False).where == {column.name: at for at, column in enumerate(COLUMNS)}
