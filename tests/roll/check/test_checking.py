"""What one pass over the rows says of each: all its errors at once, warnings apart."""

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from afiliacion.operations.simulation.invented_people import People, Person
from afiliacion.roll.check.checking import Checker
from afiliacion.roll.check.reading_rules import rules_of
from afiliacion.roll.findings import RowFinding
from afiliacion.roll.parse.columns import bind
from file_reader.facts import FactsCollector
from students.models import Ciclo, Plantel
from tests.roll.conftest import HEADERS, row

PLANTEL = Plantel(clave="PREPA7", name="Preparatoria 7")
CICLO = Ciclo(clave="2026-2", starts_on=dt.date(2026, 8, 3), ends_on=dt.date(2027, 1, 22))
ANA = next(p for p in iter(People(random.Random(5)).one, None) if (p.nombre, p.sex) == ("Lucía", "M") and p.segundo_apellido)


def check(rows: Iterable[dict[str, Any]]) -> Checker:
    return through(HEADERS, [[str(cells[name]) for name in HEADERS] for cells in rows])


def through(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Checker:
    """Who has checked these rows, whose columns were read as they ask."""
    mapping, gathered, today = bind(headings, date_given=False), FactsCollector(), dt.date(2026, 8, 20)
    gathered.add(rows)
    rules = rules_of(mapping, gathered.so_far(), CICLO, today)
    checker = Checker(mapping, rules, PLANTEL, CICLO, today, date_given=False)
    list(checker.rows(enumerate(rows, 2)))
    return checker


def said(findings: Iterable[RowFinding]) -> list[tuple[int, str]]:
    return [(finding.line, finding.column) for finding in findings]


def test_people_whose_curp_is_their_own_are_taken_without_a_word():
    people = People(random.Random(3))
    checker = check(row(people.one(), str(n)) for n in range(500))
    assert (checker.errors, checker.warnings, checker.notes) == ([], [], [])


def test_all_the_errors_of_a_row_are_said_at_once():
    bad = row(ANA, "", curp="X", nombre="", correo="juan", nss="123", fecha_inscripcion="mañana", estatus="oyente", sexo="?")
    columns = ["matricula", "curp", "nombre", "correo", "nss", "fecha_inscripcion", "estatus"]
    checker = check([bad, row(ANA, "2")])
    assert said(checker.errors) == [(2, column) for column in columns]
    assert all(finding.reason for finding in checker.errors)


@pytest.mark.parametrize(
    ("fields", "column", "says"),
    [
        ({"nombre": "Gumersindo"}, "nombre", "inicial"),
        ({"primer_apellido": "Quiroz"}, "primer_apellido", "inicial"),
        ({"segundo_apellido": ""}, "segundo_apellido", "inicial"),
        ({"primer_apellido": ANA.segundo_apellido, "segundo_apellido": ANA.primer_apellido}, "primer_apellido", "al revés"),
        ({"fecha_nacimiento": "1999-01-01"}, "fecha_nacimiento", "No concuerda"),
        ({"sexo": "H"}, "sexo", "No concuerda"),
        ({"primer_apellido": f"{ANA.primer_apellido}?"}, "primer_apellido", "signo"),
    ],
)
def test_what_contradicts_the_curp_is_a_warning_not_an_error(fields, column, says):
    checker = check([row(ANA, "1", **fields)])
    assert [says in finding.reason for finding in checker.warnings if finding.column == column] == [True]
    assert checker.errors == []


@pytest.mark.parametrize(("year", "warned"), [(1900, True), (1934, True), (1938, False), (2011, False), (2013, True)])
def test_an_age_that_few_students_have_is_told(year, warned):
    person: Person = People(random.Random(year)).one(born_from=year, born_to=year)
    checker = check([row(person, "1")])
    assert ("curp" in {finding.column for finding in checker.warnings}) == warned
    assert checker.errors == []


@pytest.mark.parametrize("mark", ["\u200f", "\u202e", "\x07"])
def test_a_mark_that_changes_what_is_seen_is_never_taken(mark):
    good = row(ANA, "12")
    for column in ("nombre", "matricula", "correo", "grupo", "telefono"):
        value = good[column]
        checker = check([{**good, column: f"{value[:1]}{mark}{value[1:]}"}])
        # The row can do without a group or a telephone.
        assert said(checker.warnings if column in ("grupo", "telefono") else checker.errors) == [(2, column)]


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u00ad", "\u202a"])
def test_a_sign_without_width_is_no_part_of_a_value(mark):
    good = row(ANA, "12")
    marked = {column: f"{value[:1]}{mark}{value[1:]}" for column, value in good.items() if isinstance(value, str) and len(value) > 1}
    rules = rules_of(bind(HEADERS, date_given=False), (), CICLO, dt.date(2026, 8, 20))
    checkers = [Checker(bind(HEADERS, date_given=False), rules, PLANTEL, CICLO, dt.date(2026, 8, 20), date_given=False) for _ in range(2)]
    plain, taken = (
        list(checker.rows([(2, [str(cells[name]) for name in HEADERS])]))
        for checker, cells in zip(checkers, (good, {**good, **marked}), strict=True)
    )
    assert (checkers[1].errors, checkers[1].warnings, taken) == ([], [], plain)


def test_a_look_alike_letter_in_a_curp_is_named():
    cyrillic = row(ANA, "1", curp=ANA.curp.replace(ANA.curp[0], "\u0410", 1))
    errors = check([cyrillic]).errors
    assert said(errors) == [(2, "curp")]
    assert "otro alfabeto" in errors[0].reason


def test_a_row_that_says_another_plantel_is_told_and_taken():
    headings, rows = (*HEADERS, "Plantel"), [row(ANA, "1"), row(ANA, "1"), row(ANA, "1"), row(ANA, "1")]
    named = zip(rows, ("prepa7", "PREPARATORIA 7", "", "Preparatoria 9"), strict=True)
    checker = through(headings, [[*(str(cells[name]) for name in HEADERS), plantel] for cells, plantel in named])
    assert (checker.errors, checker.mapping.unread) == ([], ())
    assert [(finding.line, finding.value, "otro plantel" in finding.reason) for finding in checker.warnings] == [
        (5, "Preparatoria 9", True)
    ]


def test_totals_and_repeated_headings_are_no_students():
    empty = dict.fromkeys(HEADERS, "")
    checker = check([row(ANA, "1"), dict(zip(HEADERS, HEADERS, strict=True)), {**empty, "matricula": "Total: 1"}])
    told = ["Encabezado repetido en la fila 3", "Títulos, totales o firmas, que no son alumnos y no se contaron"]
    assert (checker.errors, [note.split(":")[0] for note in checker.notes]) == ([], told)
