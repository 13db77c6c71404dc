"""Registros patronales by date: which one is in force, which ones are a plantel's own, and what an upgraded office keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from students.models import Plantel, RegistroPatronal
from students.registros import Registros, plain
from tests.planteles import add_registro
from tests.upgrades import Scratch, scratch_database

DAY = dt.date(2026, 9, 1)
A, B, C = "A0112345321", "B0298765329", "C0355512321"
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))
#: The registros of one plantel: begun on different days, or always.
VERSIONS = st.dictionaries(st.none() | DAYS, st.sampled_from([A, B, C, "A01-12345-32-1"]), max_size=6)


@given(VERSIONS, VERSIONS, DAYS, st.randoms())
def test_the_registro_in_force_is_the_last_that_began_by_then(mine: Any, others: Any, day: dt.date, dice: Any) -> None:
    rows = [(1, registro, since) for since, registro in mine.items()] + [(2, registro, since) for since, registro in others.items()]
    dice.shuffle(rows)
    registros = Registros(rows)
    begun = sorted((since or dt.date.min, plain(registro)) for since, registro in mine.items() if since is None or since <= day)
    assert registros.on(1, day) == (begun[-1][1] if begun else "")
    assert registros.ever(1) == {plain(registro) for registro in mine.values()}
    assert registros.on(3, day) == ""
    for registro in (A, B, C):
        assert registros.planteles_of(registro) == {n for n, own in ((1, mine), (2, others)) if registro in map(plain, own.values())}
        assert registros.has(1, registro) == registros.has(1, registro[:10]) == (registro in registros.ever(1))


@pytest.mark.django_db
def test_they_are_read_for_some_planteles_or_all_and_until_a_day(plantel: Plantel, other_plantel: Plantel) -> None:
    add_registro(plantel, C, DAY)
    all_of_them, some = Registros.of(), Registros.of([plantel.pk])
    assert [all_of_them.on(plantel.pk, day) for day in (DAY - dt.timedelta(days=1), DAY)] == [A, C]
    assert all_of_them.on(other_plantel.pk, DAY) == B
    assert (some.ever(plantel.pk), some.ever(other_plantel.pk)) == (frozenset({A, C}), frozenset())
    known = Registros.of(until=DAY - dt.timedelta(days=1))
    assert (known.ever(plantel.pk), known.has(plantel.pk, C)) == (frozenset({A}), False)
    assert Registros.of([plantel.pk], until=DAY).has(plantel.pk, "C03-55512-32-1")
    assert Registros.of([]).ever(plantel.pk) == frozenset()


@pytest.mark.django_db
@pytest.mark.parametrize("since", [None, DAY])
def test_two_of_a_plantel_do_not_begin_on_one_day(plantel: Plantel, other_plantel: Plantel, since: dt.date | None) -> None:
    RegistroPatronal.objects.all().delete()
    add_registro(plantel, A, since)
    add_registro(other_plantel, A, since)
    with pytest.raises(IntegrityError, match="registropatronal_once_a_date"), transaction.atomic():
        add_registro(plantel, B, since)


@pytest.mark.django_db
@pytest.mark.parametrize("stored", ["A01-12345-32-1", "a0112345321", ""])
def test_only_plain_values_are_stored(plantel: Plantel, stored: str) -> None:
    with pytest.raises(IntegrityError, match="registropatronal_plain"), transaction.atomic():
        add_registro(plantel, stored, DAY)


@pytest.fixture
def scratch(db: None) -> Iterator[Scratch]:
    with scratch_database() as database:
        yield database


@pytest.mark.upgrade
def test_an_upgraded_office_has_had_its_registros_always(scratch: Scratch) -> None:
    planteles: Any = scratch.before("students", "0004_registros_by_date").get_model("students", "Plantel").objects
    typed = {"P1": "A0112345321", "P2": " a01-12345-32-1", "P3": "", "P4": " - ", "P5": "123"}
    for clave, registro in typed.items():
        planteles.create(clave=clave, name=clave, registro_patronal=registro)
    rows = scratch.upgrade().get_model("students", "RegistroPatronal").objects
    assert list(rows.order_by("plantel__clave").values_list("plantel__clave", "registro", "valid_from", "added_at")) == [
        ("P1", "A0112345321", None, None), ("P2", "A0112345321", None, None), ("P5", "123", None, None),
    ]  # fmt: skip
