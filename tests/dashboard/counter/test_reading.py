"""What scanners type, whatever keyboard they believe in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.dashboard.counter.reading import Reading, read
from afiliacion.operations.simulation.invented_people import People

PERSON = People(random.Random(11)).one()
#: What may stand between two codes on a sheet, or become of a hyphen or a bar on the way.
JUNK = st.text(alphabet="|°'/-_:;,.¡¿?() \t\nñÑ=", min_size=1, max_size=6)


@given(before=JUNK, between=JUNK, after=JUNK, order=st.permutations(["curp", "nss", "name"]), lower=st.booleans())
def test_the_codes_of_a_sheet_are_found_whatever_stands_between_them(
    before: str, between: str, after: str, order: list[str], lower: bool
) -> None:
    curp = PERSON.curp.lower() if lower else PERSON.curp
    parts = {"curp": f"CURP: {curp}", "nss": f"NSS: {PERSON.nss}", "name": f"Nombre: {PERSON.nombre}"}
    found = read(before + between.join(parts[name] for name in order) + after)
    assert (found.curp, found.nss) == (PERSON.curp, PERSON.nss)


@pytest.mark.parametrize("typed", ["E-0000123", "e'0000123", "E/0000123", " E-0000123 ", "httpsÑ--x.mx-E'0000123"])
def test_a_folio_is_known_whatever_became_of_its_hyphen(typed: str) -> None:
    found = read(typed)
    assert (found.folio, found.sure) == (123, True)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("E0000123", Reading("E0000123", folio=123, sure=False)),
        ("26000012", Reading("26000012")),
        ("03230500013", Reading("03230500013", nss="03230500013")),
        ("032 305-00013", Reading("032 305-00013", nss="03230500013")),
        ("03230500014", Reading("03230500014")),
        ("00000000000", Reading("00000000000")),
        ("XXXX000000XXXXXXXX", Reading("XXXX000000XXXXXXXX")),
        ("ángela  núñez", Reading("ángela núñez")),
        ("", Reading("")),
    ],
)
def test_what_does_not_hold_together_is_just_text(typed: str, expected: Reading) -> None:
    assert read(typed) == expected


@given(st.text(max_size=3000))
def test_anything_can_be_read(text: str) -> None:
    assert len(read(text).text) <= 2_000
