from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imss_mock.people.identifiers import is_nss, nss_digit, read_curp

TODAY = date(2026, 8, 3)


@pytest.mark.parametrize(
    ("text", "birth", "sex", "entity"),
    [
        ("PUFE050315HNERCNA4", date(2005, 3, 15), "H", "NE"),
        ("PUFE050315XNERCNA8", date(2005, 3, 15), "X", "NE"),
        ("PUFE990315MGRRCN01", date(1999, 3, 15), "M", "GR"),
    ],
)
def test_a_curp_says_birth_sex_and_entity(text: str, birth: date, sex: str, entity: str) -> None:
    curp = read_curp(text, TODAY)
    assert curp is not None
    assert (curp.birth, curp.sex, curp.entity) == (birth, sex, entity)


@pytest.mark.parametrize(
    "text",
    [
        "PUFE050315HNERCNA5",  # check digit
        "PUFE050230HNERCNA4",  # 30 February
        "PUFE050315HZZRCNA4",  # entity
        "PUFE050315ANERCNA4",  # sex
        "pufe050315hnercna4",
        "PUFE050315HNERCNA",
        "PUFE050315HNERCNA4\n",
        "",
    ],
)
def test_a_wrong_curp_is_refused(text: str) -> None:
    assert read_curp(text, TODAY) is None


def test_nobody_is_born_tomorrow() -> None:
    assert read_curp("PUFE050315HNERCNA4", date(2005, 3, 14)) is None


@pytest.mark.parametrize("text", ["12345678903", "92038109713", "03230500013"])
def test_published_dummies_are_well_formed(text: str) -> None:
    assert is_nss(text)


@pytest.mark.parametrize("text", ["12345678901", "92119624722", "00000000000", "3230500013", "٠٣٢٣٠٥٠٠٠١٣", "03230500013\n", ""])
def test_a_wrong_nss_is_refused(text: str) -> None:
    assert not is_nss(text)


@given(st.from_regex("[0-9]{10}", fullmatch=True).filter(lambda text: int(text) > 0), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_never_passes(first10: str, place: int, shift: int) -> None:
    nss = first10 + nss_digit(first10)
    wrong = nss[:place] + str((int(nss[place]) + shift) % 10) + nss[place + 1 :]
    assert is_nss(nss)
    assert not is_nss(wrong)
