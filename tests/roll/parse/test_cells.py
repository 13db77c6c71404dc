import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.cell_text import clean, safe
from file_reader.values import as_text
from file_reader.words import key

RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
formulas = st.builds(
    lambda quotes, sign, rest: "'" * quotes + sign + rest, st.integers(0, 3), st.sampled_from(RUNS[:4] + RUNS[6:]), st.text()
)


@given(st.one_of(st.text(), formulas))
def test_nothing_that_leaves_runs_and_all_of_it_comes_back(text):
    """S7: what is safe to open is not lost: reading it again gives the value that was there."""
    value = clean(text)
    # What clean gives may look escaped itself; then one more apostrophe keeps it apart.
    assert not safe(value).startswith(RUNS)
    assert clean(safe(value)) == value


@pytest.mark.parametrize("phone", ["+52 33 1234 5678", "-5", "=1+1", "@x", "=cmd|' /C calc'!A0"])
def test_a_phone_with_a_plus_survives_a_round_trip(phone):
    assert safe(phone) == f"'{phone}"
    assert clean(safe(phone)) == phone


def test_an_apostrophe_of_a_name_is_not_ours():
    assert clean("'t Hooft") == "'t Hooft"
    assert safe("O'Farrill") == "O'Farrill"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (26002001.0, "26002001"), (45210403338.0, "45210403338"), (1.5, "1.5"), (True, "VERDADERO"), ("0123", "0123"),
        (dt.date(2026, 8, 7), "2026-08-07"), (dt.datetime(2026, 8, 7), "2026-08-07"), (dt.datetime(2026, 8, 7, 9), "2026-08-07 09:00:00"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_sheets_value_as_text(value, text):
    assert as_text(value) == text


def test_decomposed_letters_are_composed():
    assert clean("Mun\u0303oz ") == "Muñoz"


@pytest.mark.parametrize("heading", ["No. de control", "NO DE CONTROL", "N.º control", "no_control", "  No.  Control: "])
def test_a_heading_is_known_however_it_is_written(heading):
    assert key(heading) == "nocontrol"
