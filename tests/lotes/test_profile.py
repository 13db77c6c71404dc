"""The two profiles that are shipped, and what a profile cannot be."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from typing import Any

import pytest

from afiliacion.lotes.profile import DateRule, Encoding, LineEnd, ProfileError, from_row, shipped
from tests.lotes.made import INTERMEDIARIO, PORTAL


def test_two_profiles_are_shipped() -> None:
    assert [*shipped()] == ["portal", "intermediario"]
    for profile in shipped().values():
        assert (profile.alphabet, profile.line_end, profile.trailer) == (Encoding.ASCII, LineEnd.CRLF, False)
        assert (profile.salario, profile.tipo_trabajador, profile.tipo_salario, profile.jornada) == (0, "1", "0", "0")
    assert (PORTAL.umf, PORTAL.guia, PORTAL.missing_surname) == ("000", "00000", "")
    assert (INTERMEDIARIO.umf, INTERMEDIARIO.guia, INTERMEDIARIO.missing_surname) == ("", "", "X")


def test_a_row_is_a_profile() -> None:
    assert from_row(asdict(PORTAL)) == PORTAL


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("keeps_accents", True), ("signs", "%"), ("umf", "51"), ("guia", "1234"), ("missing_surname", "N"), ("filler", "9"),
        ("salario", -1),
        ("salario", 1_000_000), ("tipo_trabajador", "5"), ("tipo_salario", "3"), ("jornada", "7"), ("most", 0), ("most", 1_000_000),
        ("alphabet", "utf-8"), ("line_end", "CR"), ("long_names", "shrink"), ("date_rule", "hoy"),
    ],
)  # fmt: skip
def test_an_impossible_item_is_refused_by_its_name(item: str, value: Any) -> None:
    with pytest.raises(ProfileError) as caught:
        from_row({**asdict(PORTAL), item: value})
    assert caught.value.item == item
    assert str(caught.value)


def test_a_missing_item_is_refused() -> None:
    with pytest.raises(ProfileError, match="Falta este dato") as caught:
        from_row({key: value for key, value in asdict(PORTAL).items() if key != "umf"})
    assert caught.value.item == "umf"


@pytest.mark.parametrize(("rule", "day"), [(DateRule.ENVIO, 3), (DateRule.INSCRIPCION, 2), (DateRule.CICLO, 1)])
def test_the_date_of_a_movement_follows_the_rule(rule: DateRule, day: int) -> None:
    days = [dt.date(2026, 8, each) for each in (1, 2, 3)]
    assert rule.day(sent=days[2], enrolled=days[1], ciclo_begins=days[0]) == days[day - 1]
    assert rule.day(sent=days[2], enrolled=None, ciclo_begins=None) == days[2]


def test_profiles_can_be_keys() -> None:
    assert len({PORTAL, replace(PORTAL), INTERMEDIARIO}) == 2
