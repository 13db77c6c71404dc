import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.exceptions import ValidationError
from stdnum.mx import curp as stdnum_curp

from afiliacion.operations.simulation.invented_people import People
from students import curp_letters
from students.curp import ENTITIES, Curp, CurpError, all_valid, is_generic, masked
from students.curp_letters import letters


@pytest.mark.parametrize(
    ("text", "sex", "entity", "born"),
    [
        ("PUFE050315HNERCNA4", "H", "NE", dt.date(2005, 3, 15)),
        ("PUFE050315XNERCNA8", "X", "NE", dt.date(2005, 3, 15)),
        ("PUFE990315MGRRCN01", "M", "GR", dt.date(1999, 3, 15)),
        ("  pufe050315hnercna4 ", "H", "NE", dt.date(2005, 3, 15)),
    ],
)
def test_reads_what_the_positions_say(text, sex, entity, born):
    curp = Curp.parse(text)
    assert (curp.sex, curp.entity, curp.birth_date) == (sex, entity, born)
    assert curp == text.strip().upper()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("PUFE050315HNERCNA", "18 caracteres y tiene 17"),
        ("", "18 caracteres y tiene 0"),
        ("PUFE050315HNERCNA5", "dígito verificador"),
        ("PUFE050315HQORCNA4", "«QO»"),
        ("PUFE050231HNERCNA4", "no existe en el calendario"),
        ("PUFE050315ZNERCNA4", "posición 11"),
        ("PUFE050315HNERCN\u0410A", "otro alfabeto"),
        ("PUFE-050315HNERCNA4", "un signo"),
        ("PUFE0503 15HNERCNA4", "un signo"),
        ("PEDO050315HNERCNA4", "letra por letra"),
        ("PUFE05O315HNERCNA4", "AAMMDD"),
    ],
)
def test_refuses_with_the_reason_in_spanish(text, reason):
    with pytest.raises(CurpError, match=reason):
        Curp.parse(text)


@pytest.mark.parametrize(
    "text",
    ["XEXX010101HNEXXXA4", "xexx010101mnexxxa8", " XAXX010101HNEXXXA8 ", "XAXX010101MDFXXX01", "XEXX010101000", "XEXX 010101 HNE XXXA4"],
)
def test_a_generic_curp_is_nobodys(text: str) -> None:
    assert is_generic(text)
    with pytest.raises(CurpError, match="genérica|un signo"):
        Curp.parse(text)


@given(st.integers(0, 10**6))
def test_the_curp_of_a_person_is_not_generic(seed: int) -> None:
    assert not is_generic(People(random.Random(seed)).one().curp)
    assert not is_generic("XEXX990101HNEXXX04")


@given(st.integers(0, 10**6), st.integers(0, 16), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
def test_never_takes_what_is_not_a_curp(seed, position, letter):
    """Whatever one character is changed to, what is accepted still is a whole CURP: real date, known sex and entity."""
    curp = People(random.Random(seed)).one().curp
    try:
        changed = Curp.parse(curp[:position] + letter + curp[position + 1 :])
    except CurpError:
        return
    assert changed.sex in "HMX"
    assert changed.entity in ENTITIES
    assert changed.birth_date.year >= 1900


@given(st.text(max_size=40))
def test_any_text_is_a_curp_or_a_clear_refusal(text):
    reason = ""
    try:
        Curp.parse(text)
    except CurpError as error:
        reason = str(error)
    assert reason == "" or reason[-1] in ".):"


def test_masked_shows_neither_birth_date_nor_check_digit_letters():
    assert masked("PUFE050315HNERCNA4") == "PUFE••••••••••••A4"


def by_stdnum(number: str) -> bool:
    """Whether python-stdnum takes it; sex X, which it does not know, is as good as H to all but the check digit."""
    try:
        stdnum_curp.validate(f"{number[:10]}H{number[11:]}" if number[10:11] == "X" else number, validate_check_digits=False)
    except ValidationError:
        return False
    return number[-1] == stdnum_curp.calc_check_digit(number)


def is_curp(text: str) -> bool:
    try:
        return Curp.parse(text) == text
    except CurpError:
        return False


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
changes = st.lists(st.tuples(st.integers(0, 17), st.sampled_from(ALPHABET)), max_size=3)


@given(st.integers(0, 10**6), changes, st.booleans())
def test_the_rules_are_those_of_stdnum(seed, changes, mend):
    """Any CURP, changed anywhere, with a right check digit or not: both say the same of it."""
    signs = list(People(random.Random(seed)).one(born_from=1930).curp)
    for position, sign in changes:
        signs[position] = sign
    number = "".join(signs)
    if mend:
        number = number[:-1] + stdnum_curp.calc_check_digit(number)
    assert is_curp(number) == by_stdnum(number)


@given(st.text(ALPHABET, min_size=4, max_size=4) | st.sampled_from(["PEDO", "CACA", "LOCO", "QULO", "PENE", "MAME"]))
def test_rude_beginnings_are_those_of_stdnum(begins):
    number = f"{begins}050315HNERCNA"
    number += stdnum_curp.calc_check_digit(f"{number}0")
    assert is_curp(number) == by_stdnum(number)


@given(st.integers(0, 10**6))
def test_a_name_shows_its_marks_in_its_curp(seed):
    person = People(random.Random(seed)).one()
    curp = person.curp
    assert curp_letters.given(person.nombre, curp[3] + curp[15])
    assert curp_letters.first_surname(person.primer_apellido, curp[:2] + curp[13], curp[:4])
    assert curp_letters.surname(person.segundo_apellido, curp[2] + curp[14])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (("María Fernanda", "De la O", "Ñáñez"), ("OXXF", "XXR")), (("José", "López", ""), ("LOXJ", "PXS")),
        (("Úrsula", "Pérez", "Domínguez"), ("PEDU", "RMR")), (("Óscar", "Pérez", "Díaz"), ("PXDO", "RZS")),
    ],
)  # fmt: skip
def test_the_letters_a_name_gives(name, expected):
    assert letters(*name) == expected


ODD = [
    "",
    "PUFE050315HNERCNA5",
    "PUFE050231HNERCNA4",
    "XEXX010101HNEXXXA4",
    "pufe050315hnercna4",
    "BACA050315HNERCNA4",
    " PUFE050315HNERCNA4",
]


@given(st.lists(st.integers(0, 10**6).map(lambda seed: People(random.Random(seed)).one().curp) | st.sampled_from(ODD), max_size=6))
def test_all_valid_is_every_one_parsed_as_it_is(curps):
    assert all_valid(curps) == all(as_it_is(curp) for curp in curps)


def as_it_is(text):
    try:
        return Curp.parse(text) == text
    except CurpError:
        return False
