"""Tables as schools hand them over and worse, in every format: each is checked with every row told once, or refused in one sentence."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from typing import Any
from unicodedata import normalize

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.models import Import, ImportState
from afiliacion.roll.parse import reading
from afiliacion.roll.parse.columns import COLUMNS
from students.models import Enrolment, Student
from tests.roll.test_hostile import ods, ods_row
from tests.roll.test_properties import PEOPLE, state
from tests.sweeps import sampled

pytestmark = pytest.mark.django_db

#: Many more by hand, before a release: ROLL_EXAMPLES=2000.
thorough = sampled(
    int(os.environ.get("ROLL_EXAMPLES", "20")), 6, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip

SPELLINGS = {column.name: [column.label, column.label.upper(), column.name, *column.also.split(", ")] for column in COLUMNS}
#: Headings that say nothing, or too much.
STRANGE = ["", " ", "Observaciones", "motivo", "plantel", "id", "is_staff", "CURP de la madre", "Nombre completo", "=1+1", "\u202eCURP"]
NASTY = [
    "=cmd|' /C calc'!A0", "+52 33", "-5", "@SUM(1)", "'=1", "\u202eoirártnoc", "\u200b", "\ufeff", "a\r\nb", 'co"milla', "x;y,z\tw",
    "\x0b", "\x1c", "\u2028", "\ud7ff", "💥", "A" * 300, "(vacío)", "N/A", "#N/A", "NULL", "Total", "Total: 3", "0", "1e5", "null",
]  # fmt: skip
DAYS = [
    "2026-08-06", "06/08/2026", "6/8/2026", "06-08-2026", "06.08.2026", "2026-08-06 00:00:00", "46240", "08/25/2026", "31/02/2026",
    "06-ago-2026", "2206-08-06", "0", "29/02/2027", "99999", "6/8/26", "٢٠٢٦-٠٨-٠٦", "",
]  # fmt: skip
ONE = PEOPLE[0]
CURPS = [
    *(person.curp for person in PEOPLE), ONE.curp.lower(), f" {ONE.curp} ", ONE.curp[:-1], ONE.curp.replace("A", "А"), f"{ONE.curp}\u200b",
    normalize("NFKD", ONE.curp), "", "X" * 18,
]  # fmt: skip
NSSES = [*(person.nss for person in PEOPLE), ONE.nss[1:], ONE.nss.lstrip("0"), "1.22E+10", f"{ONE.nss}.0", "00000000000", "1-2-3", "", ""]
CELLS: dict[str, Sequence[str]] = {
    "curp": CURPS, "nss": NSSES, "fecha_inscripcion": DAYS, "fecha_nacimiento": DAYS,
    "matricula": [f"26{n:06d}" for n in range(8)], "nombre": [person.nombre for person in PEOPLE],
    "primer_apellido": [person.primer_apellido for person in PEOPLE], "segundo_apellido": [*(p.segundo_apellido for p in PEOPLE), ""],
    "sexo": ["H", "M", "X", "F", "Mujer", "masculino", "?"], "entidad_nacimiento": ["JC", "Jalisco", "NE", "QO", "CDMX"],
    "correo": ["uno@alumnos.example.mx", "dos@alumnos.example.mx", "no es correo", ""], "estatus": ["", "activo", "Baja temporal", "?"],
}  # fmt: skip


@st.composite
def tables(draw: Callable[..., Any]) -> list[list[str]]:
    """Title rows, a header in any order and spelling, now and then without a column or with one twice; then rows, some blank or ragged."""
    names = draw(st.permutations([column.name for column in COLUMNS]))
    left_out = draw(st.sets(st.sampled_from(names), max_size=2)) if draw(st.integers(0, 3)) == 0 else set()
    header = [name for name in names if name not in left_out]
    header += draw(st.lists(st.sampled_from(names), max_size=1)) if draw(st.integers(0, 5)) == 0 else []
    extra = draw(st.lists(st.sampled_from(STRANGE), max_size=2))
    rows = [[draw(st.sampled_from(SPELLINGS[name])) for name in header] + extra]
    for _ in range(draw(st.integers(0, 6))):
        usual = [draw(st.sampled_from(CELLS.get(name, NASTY))) for name in header] + [draw(st.sampled_from(NASTY)) for _ in extra]
        for at in draw(st.lists(st.integers(0, len(usual) - 1), max_size=2)):
            usual[at] = draw(st.sampled_from(NASTY) | st.text(max_size=12))
        usual += draw(st.lists(st.sampled_from(["", "", "de más"]), max_size=2))
        rows.append(draw(st.sampled_from([usual, usual, usual, usual, usual[:-3], [], [""] * len(usual)])))
    titles: list[list[str]] = draw(
        st.lists(st.sampled_from([["Lista de inscritos"], [], ["Plantel", "2026-2"], ["", "", "x"]]), max_size=2)
    )
    return titles + rows


def _delimited(delimiter: str, encoding: str, *, mark: bytes = b"") -> Callable[[list[list[str]]], bytes]:
    def write(table: list[list[str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerows(table)
        return mark + out.getvalue().encode(encoding, "replace")

    return write


def _xlsx(table: list[list[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("L")
    for cells in table:
        written = [ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in cells]
        sheet.append([int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 15 else cell for cell in written])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _ods(table: list[list[str]]) -> bytes:
    unwritable = str.maketrans(dict.fromkeys([*range(9), 11, 12, *range(14, 32)]) | {"&": "&amp;", "<": "&lt;"})
    return ods("".join(ods_row(*(cell.translate(unwritable) for cell in cells)) for cells in table))


FORMATS: dict[str, tuple[str, Callable[[list[list[str]]], bytes]]] = {
    "utf-8": ("lista.csv", _delimited(",", "utf-8")), "bom": ("lista.csv", _delimited(";", "utf-8", mark=b"\xef\xbb\xbf")),
    "cp1252": ("lista.csv", _delimited(";", "cp1252")), "utf-16": ("lista.txt", _delimited("\t", "utf-16")),
    "tabs": ("lista.tsv", _delimited("\t", "utf-8")), "xlsx": ("lista.xlsx", _xlsx), "ods": ("lista.ods", _ods),
}  # fmt: skip


def rows_in(content: bytes, name: str) -> int:
    """How many rows under the header hold anything."""
    with reading.spooled(content) as path:
        return len(reading.read(path, name))


def refused(take: Callable[[], Any]) -> tuple[Any, str]:
    """What was taken, or the sentence it was refused with."""
    try:
        return take(), ""
    except UnreadableFile as refusal:
        return None, str(refusal)


@given(tables(), st.sampled_from(sorted(FORMATS)))
@thorough
def test_every_row_is_told_once_or_the_table_is_refused_in_one_sentence(look, table, form):
    name, write = FORMATS[form]
    content = write(table)
    preview, refusal = refused(lambda: look(content, name))
    if preview:
        said_of_rows = sum(note.startswith("Fila ") for note in preview.notes)
        assert preview.rows + said_of_rows == rows_in(content, name)
        assert len({finding.line for finding in preview.errors}) == preview.counts.invalid
        assert all(finding.reason for finding in preview.errors + preview.warnings)
    else:
        assert refusal.endswith(".")
        assert not any(ours in refusal for ours in ("error interno", "se detuvo", "se interrumpió"))
    assert (Student.objects.count(), Import.objects.count()) == (0, 0)


@given(tables(), st.sampled_from(sorted(FORMATS)))
@thorough
def test_what_is_loaded_is_what_was_shown_and_a_second_time_nothing(look, bring, table, form):
    name, write = FORMATS[form]
    content = write(table)
    with transaction.atomic():
        shown, _ = refused(lambda: look(content, name))
        report, _ = refused(lambda: bring(content, name))
        if report:
            assert report.preview.job.state in (ImportState.DONE, ImportState.DONE_WITH_ERRORS)
            assert Enrolment.objects.count() == shown.counts.new == report.done.enrolments_new
            before = state()
            assert bring(content, name).preview.nothing_to_do
            assert state() == before
        else:
            assert shown is None
            assert not Enrolment.objects.exists()
        transaction.set_rollback(True)
