"""Lists as schools really had them (tests/rolls/cases): what each says, row by row where it matters. None stores what is not told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from afiliacion.roll.upload.run_now import Preview
from students.models import Ciclo, Enrolment, Student
from tests.roll.conftest import ROLLS

pytestmark = pytest.mark.django_db
CASES = ROLLS / "cases"
TODAY = dt.date(2026, 11, 30)


@dataclass(frozen=True)
class Right:
    """What is right of a list: rows taken, rows refused (line, column), warnings (line, column), what is asked, what the notes say."""

    new: int
    bad: frozenset[tuple[int, str]] = frozenset()
    warned: frozenset[tuple[int, str]] = frozenset()
    asks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    noted: int = 0
    values: dict[str, Any] = field(default_factory=dict)


def rows(column: str, *lines: int) -> frozenset[tuple[int, str]]:
    return frozenset((line, column) for line in lines)


RIGHT = {
    "02-merged-hidden-filter.xlsx": Right(12, asks=("hidden",)),
    "04b-catalog-sheet.xlsx": Right(6),
    "05-totals-signatures.csv": Right(6, notes=("Títulos, totales o firmas",)),
    "06-nbsp-zerowidth.csv": Right(8),
    "06b-nbsp-inside.csv": Right(1, values={"primer_apellido": {"De la Cruz"}}),
    # A letter O in place of a nought is no hyphen.
    "07-curp-writing.csv": Right(6, bad=rows("curp", 8)),
    "12-pipe.csv": Right(4),
    "13-matricula-apostrofo-1.csv": Right(1, values={"matricula": {"00123456"}}),
    "13-matricula-apostrofo-2.csv": Right(1, values={"matricula": {"00123456"}}),
    "13b-google-forms.csv": Right(6),
    "14-mac-roman.csv": Right(4, values={"primer_apellido": {"Peña", "Muñoz", "Ordóñez", "Niño"}}),
    "14-page-headers.csv": Right(95, notes=("Encabezado repetido", "Títulos, totales o firmas")),
    "15-group-titles.csv": Right(9, notes=("Títulos, totales o firmas",)),
    "15-sin-dato.csv": Right(
        10, warned=rows("segundo_apellido", 10, 11), notes=("NSS: 6 celdas", "Correo electrónico: 2", "Segundo apellido: 2")
    ),
    "16-situaciones.csv": Right(8, bad=rows("estatus", 10, 11), asks=("word", "word")),
    "16-us-enrol-ambiguous.csv": Right(0, bad=rows("fecha_inscripcion", *range(2, 10)), asks=("dates",)),
    "16c-us-birth-ambiguous.csv": Right(5, notes=("Fecha de nacimiento: 4 con el día y el mes al revés",)),
    "17-filas-ocultas.xlsx": Right(4, asks=("hidden",)),
    "17-hoja-oculta.xlsx": Right(4),
    "19-01-empty-word.csv": Right(4, notes=("NSS: 1", "Correo electrónico: 1", "Segundo apellido: 1", "Teléfono: 1", "Grupo: 1")),
    "22-nss-writing.csv": Right(6),
    "22c-matricula-format-zeros.xlsx": Right(3, values={"matricula": {"00000001", "00000002", "00000003"}}),
    "23-matricula-sci.csv": Right(1, bad=rows("matricula", 2, 3, 4), values={"matricula": {"202600001"}}),
    "24-apostrophes.csv": Right(4, values={"nombre": {"María Fernanda", "Úrsula", "Héctor Adrián", "Begoña"}}),
    "28b-future-birth.csv": Right(0, bad=rows("curp", 2, 3)),
    "29-all-masculine-M.csv": Right(6, notes=("Sexo: la columna solo dice «M»",), values={"sex": {"H"}}),
    "29-fechas-1904.xlsx": Right(4, values={"enrolled_on": {"2026-08-06"}}),
    "31b-estado-heading.csv": Right(4, notes=("Situación: la columna «Estado» trae «Jalisco»",)),
    "33-error-cells.xlsx": Right(3, warned=frozenset({(2, "segundo_apellido"), (3, "correo"), (4, "grupo")})),
    "35-macroman.csv": Right(3, values={"primer_apellido": {"Muñoz", "Peña", "Núñez"}}),
    # The sign for a letter that is lost cannot be put right.
    "g-mojibake.csv": Right(46, bad=rows("nombre", 41, 42, 46, 47), notes=("Traía letras dañadas en 76 celdas",)),
    "n-false-warnings.csv": Right(4),
    "x01-macroman.csv": Right(4, values={"primer_apellido": {"Muñoz", "Peña", "Cruz", "García"}}),
    "x03-mojibake-jesus.csv": Right(2, notes=("Traía letras dañadas en 2 celdas",), values={"nombre": {"Jesús", "Luis"}}),
    "x04-blanks-inside.csv": Right(2, values={"primer_apellido": {"De la Cruz"}}),
    "x05-enrolled-outside.csv": Right(4, warned=rows("fecha_inscripcion", 2, 3, 4, 5)),
    "x06-excel-half-swapped.xlsx": Right(4, bad=rows("fecha_inscripcion", 2, 3, 4, 5), asks=("dates",)),
    "x09-generic-a.csv": Right(0, warned=rows("curp", 2), noted=1),
    "x09-generic-b.csv": Right(0, warned=rows("curp", 2), noted=1),
    "x10-surname-X.csv": Right(1, notes=("Segundo apellido: 1 celda",), values={"segundo_apellido": {""}}),
}


@pytest.fixture
def term(plantel: Any, ciclo: Ciclo) -> dict[str, Any]:
    ciclo.starts_on, ciclo.ends_on = dt.date(2026, 8, 1), dt.date(2027, 1, 30)
    ciclo.save()
    return {"plantel": plantel, "ciclo": ciclo}


def test_every_case_is_here() -> None:
    assert {path.name for path in CASES.iterdir()} == RIGHT.keys()


@pytest.mark.parametrize("name", RIGHT)
def test_a_case(name: str, look: Callable[..., Preview], term: dict[str, Any]) -> None:
    right, seen = RIGHT[name], look((CASES / name).read_bytes(), name, **term, today=TODAY)
    # That there is no address, or that an NSS has another year, is said of many lists and no part of the case.
    told = {(f.line, f.column) for f in seen.warnings if f.column != "nss" and (f.column != "correo" or f.value)}
    assert (seen.counts.new, seen.counts.no_curp, {(f.line, f.column) for f in seen.errors}) == (right.new, right.noted, set(right.bad))
    assert (told, tuple(question["kind"] for question in seen.job.questions)) == (set(right.warned), right.asks)
    notes = [note for note in seen.notes if not note.startswith("La lista trae")]
    assert [any(note.startswith(begins) for note in notes) for begins in right.notes] == [True] * len(right.notes)
    assert len(notes) == len(right.notes)


@pytest.mark.parametrize("name", [name for name, right in RIGHT.items() if right.values])
def test_what_a_case_stores(name: str, bring: Callable[..., Any], term: dict[str, Any], now: dt.datetime) -> None:
    bring((CASES / name).read_bytes(), name, **term, now=now.replace(year=2026, month=11, day=30))
    for column, values in RIGHT[name].values.items():
        model = Student if hasattr(Student, column) else Enrolment
        assert {str(value) for value in model.objects.values_list(column, flat=True)} == values
