import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.operations.people import People
from students.curp import ENTITIES, Curp, CurpError, masked


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
