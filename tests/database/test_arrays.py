"""Arrays written as text come out of PostgreSQL as they went in."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.cases.states import State
from afiliacion.database.arrays import literal

pytestmark = pytest.mark.django_db


def read(kind: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [literal(values)])
        (found,) = cursor.fetchone()
    return list(found)


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_texts_come_out_as_they_went_in(values: list[str | None]) -> None:
    assert read("text", values) == values


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", ["", "NULL", "{}", 'a"b\\"', "a,b", " x ", "línea\notra"]),
        ("bigint", [1, -7, 2**62, None]),
        ("boolean", [True, None, False]),
        ("date", [dt.date(2026, 8, 10), None, dt.date.max]),
        ("timestamptz", [dt.datetime(2026, 8, 10, 12, 30, 0, 7, tzinfo=dt.UTC)]),
        ("jsonb", ['[["curp", "received"]]', "null"]),
    ],
)
def test_each_kind_comes_out_as_it_went_in(kind: str, values: list[Any]) -> None:
    assert read(kind, values) == values


def test_a_choice_is_its_value() -> None:
    assert read("text", [State.ALTA_ENVIADA]) == ["ALTA_ENVIADA"]
