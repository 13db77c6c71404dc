import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.roll.parse import dates, parsers
from afiliacion.roll.parse.tidy import CellError
from file_reader.facts import ColumnFacts, FactsCollector
from students.curp import ENTITIES
from students.models import Enrolment

DAY = dt.date(2026, 8, 7)


def facts(*cells: str) -> ColumnFacts:
    """What a column that holds these cells says about itself."""
    gathered = FactsCollector()
    gathered.add([[cell] for cell in cells])
    return next(iter(gathered.so_far()), ColumnFacts())


@pytest.mark.parametrize("text", ["2026-08-07", "07/08/2026", "7/8/2026", "07-08-2026", "07.08.2026", "46241", "2026-08-07 00:00:00"])
def test_a_date_as_schools_write_it(text):
    assert dates.reader(dates.by_proof(facts(text)))(text) == DAY


@given(st.dates(dt.date(1930, 1, 1), dt.date(2090, 12, 31)))
def test_every_way_of_writing_a_date_is_the_same_date(day):
    serial = str((day - dt.date(1899, 12, 30)).days)
    assert {dates.reader(dates.by_proof(facts()))(text) for text in (day.isoformat(), f"{day:%d/%m/%Y}", serial)} == {day}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pronto", "No es una fecha"),
        ("31/02/2026", "no existe"),
        ("2026-02-31", "no existe"),
        ("07/08/26", "cuatro dígitos"),
        ("462", "No es"),
    ],
)
def test_what_is_no_date_is_said_why(text, says):
    with pytest.raises(CellError, match=says):
        dates.reader(dates.by_proof(facts(text)))(text)


def test_a_column_that_proves_its_month_first_is_read_so():
    parse = dates.reader(dates.by_proof(facts("08/25/2026", "08/07/2026")))
    assert (parse("08/07/2026"), parse("2026-08-07"), parse("25/08/2026")) == (DAY, DAY, dt.date(2026, 8, 25))


def test_a_column_that_proves_both_is_believed_only_where_a_cell_can_be_one_thing():
    parse = dates.reader(dates.by_proof(facts("08/25/2026", "26/08/2026", "08/07/2026")))
    assert (parse("08/25/2026"), parse("26/08/2026"), parse("08/08/2026")) == (*(dt.date(2026, 8, day) for day in (25, 26, 8)),)
    with pytest.raises(CellError, match="Puede ser"):
        parse("08/07/2026")


@pytest.mark.parametrize(
    ("column", "text", "sex"),
    [
        (["H", "M"], "M", "M"), (["F", "M"], "M", "H"), (["F", "M"], "f", "M"), (["Hombre"], "HOMBRE", "H"), (["x"], "x", "X"),
        (["Masculino"], "Masculino", "H"), (["femenino"], "femenino", "M"), (["No binario"], "No binario", "X"),
        (["H", "V"], "H", "M"), (["M"], "M", "M"), (["H"], "H", "H"),
    ],
)  # fmt: skip
def test_m_is_mujer_unless_the_column_speaks_f_and_m(column, text, sex):
    assert parsers.sex(parsers.sex_letters(facts(*column)))(text) == sex


@pytest.mark.parametrize("code", ENTITIES)
def test_an_entity_by_code_or_name(code):
    assert parsers.entity(code.lower()) == parsers.entity(ENTITIES[code].upper()) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("CDMX", "DF"), ("D.F.", "DF"), ("Edo. Méx.", "MC"), ("Qro.", "QT"), ("Veracruz de Ignacio de la Llave", "VZ"), ("N.L.", "NL")],
)
def test_an_entity_as_people_write_it(text, code):
    assert parsers.entity(text) == code


@pytest.mark.parametrize(
    ("text", "status"),
    [("ACTIVA", "activo"), ("Baja temporal", "baja_temporal"), ("Deserción", "desertor"), ("baja_definitiva", "baja_definitiva")],
)
def test_a_status_in_its_words(text, status):
    assert parsers.status(())(text) == Enrolment.Status(status)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parsers.status(()), "oyente"), (parsers.status(()), "becado"), (parsers.entity, "QO"),
        (parsers.sex(parsers.sex_letters(facts())), "Z"),
        (parsers.email(254), "juan arroba correo.mx"), (parsers.email(254), "a\u200b@x.mx"), (parsers.name(120), "-"),
        (parsers.text(5), "123456"), (parsers.text(50), "Juan\nPérez"), (parsers.text(50), "a\u202eb"), (parsers.text(50), "Mu\ufffdoz"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_with_a_reason(parse, text):
    with pytest.raises(CellError, match="."):
        parse(text)


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("O'Farrill", ""),
        ("Aguirre-Ortiz", ""),
        ("Ñáñez", ""),
        ("MU¥OZ", "¥"),
        ("=1+1", "="),
        ("Mu–oz", "–"),
        ("Garc’a", "’"),
        ("D’Amico", ""),
        ("GarcÃa", "Ã"),
        ("João", ""),
    ],
)
def test_a_sign_that_names_do_not_carry_is_seen(name, odd):
    assert parsers.odd_in_name(name) == odd
