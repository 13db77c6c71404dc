"""A registro patronal as a value: typed, compared, shown, and doubted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.registro_patronal import RegistroError, doubt, is_of_students, is_same, parse, plain, with_dashes

REGISTROS = st.from_regex(r"[A-Z][0-9]{10}", fullmatch=True)
#: What people and papers put between the positions.
BETWEEN = st.text(" -–.\t\u00a0", max_size=2)


def test_a_registro_patronal_is_compared_without_its_dashes() -> None:
    assert plain(" a01-12345-32-1 ") == "A0112345321"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("123", "Debe tener 11 posiciones y tiene 3."),
        ("A01-12345-32", "Debe tener 11 posiciones y tiene 10: falta la última, el dígito verificador."),
        ("A01-12345-32-11", "Debe tener 11 posiciones y tiene 12."),
        ("A0112345321, A0212345321", "Debe tener 11 posiciones y tiene 22."),
        ("-", "Debe tener 11 posiciones y tiene 0."),
        ("00112345321", "La posición 1 debe ser una letra y es «0»."),
        ("AO1-12345-32-1", "La posición 2 debe ser un dígito y es «O»."),
        ("A01-12345-32-X", "La posición 11 debe ser un dígito y es «X»."),
        ("Ñ01-12345-32-1", "La «Ñ» no va en un registro patronal."),
        ("A01-1234٥-32-1", "La «٥» no va en un registro patronal."),
    ],
)
def test_what_is_no_registro_patronal_is_refused_with_the_reason_and_what_is_expected(typed: str, reason: str) -> None:
    with pytest.raises(RegistroError) as refused:
        parse(typed)
    told = str(refused.value)
    assert told.startswith(reason)
    assert "una letra, dos dígitos, cinco dígitos, dos de la modalidad y un dígito verificador, como A01-12345-32-1" in told


@given(REGISTROS, st.lists(BETWEEN, min_size=12, max_size=12), st.booleans())
def test_however_it_is_written_it_is_one_value_and_shown_as_papers_print_it(registro: str, between: list[str], lower: bool) -> None:
    written = "".join(f"{gap}{sign}" for gap, sign in zip(between, [*registro, ""], strict=True))
    assert parse(written.lower() if lower else written) == plain(written) == registro
    shown = with_dashes(registro)
    assert (len(shown), plain(shown), with_dashes(shown)) == (14, registro, shown)
    assert is_same(written, shown)
    assert is_same(written[: -len(between[-1]) - 1], registro), "printed without its check digit"


@pytest.mark.parametrize("odd", ["", "123", "A01-12345-32", "N/A"])
def test_what_is_stored_or_answered_in_another_form_is_shown_as_it_is(odd: str) -> None:
    assert with_dashes(odd) == odd


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A0112345321", "A01-12345-32-1", True),
        ("A011234532", "A01-12345-32-1", True),
        ("A011234532", "A011234532", True),
        ("A0112345321", "A0112345322", False),
        ("A011234531", "A0112345321", False),
        ("A01123453", "A0112345321", False),
        ("", "A0112345321", False),
    ],
)
def test_two_are_the_same_but_for_dashes_and_a_missing_check_digit(one: str, other: str, same: bool) -> None:
    assert (is_same(one, other), is_same(other, one)) == (same, same)


def test_another_modality_is_doubted_and_not_refused() -> None:
    assert doubt("A0112345321") == ""
    assert doubt(parse("A01-12345-10-1")).startswith("Las posiciones 9 y 10 de A01-12345-10-1 son 10, no 32")
    assert [is_of_students(each) for each in ("A0112345321", "A01-12345-32", "A0112345101", "32", "")] == [True, True, False, False, False]
