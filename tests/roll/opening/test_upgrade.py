"""An office with cases takes the version that declares covers: its steps are allowed, and nothing else moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from afiliacion.cases import states
from tests.upgrades import Scratch, scratch_database


@pytest.fixture
def scratch(db: None) -> Iterator[Scratch]:
    with scratch_database() as database:
        yield database


@pytest.mark.upgrade
def test_an_office_of_before_can_declare_and_take_back(scratch: Scratch) -> None:
    then = scratch.before("cases", "0016_declared_covers")
    rule = then.get_model("cases", "ClockRule").objects.filter(key="vigencia").latest("valid_from")
    then.get_model("cases", "Transition").objects.filter(verb__in=["declare_cover", "retract_cover"]).delete()
    plantel = then.get_model("students", "Plantel").objects.create(clave="P", name="P")
    now = scratch.upgrade()
    moves = now.get_model("cases", "Transition").objects.values_list("verb", "from_state", "to_state")
    assert set(moves) == set(states.rows())
    kept = now.get_model("cases", "ClockRule").objects.get(pk=rule.pk)
    assert (kept.n, kept.starts) == (rule.n, rule.starts)
    said = {"owner_name": "Begoña", "filename": "s.csv", "sha256": "ab" * 32, "proof": "lista"}
    brought = dt.datetime(2026, 8, 20, 12, tzinfo=dt.UTC)
    assert now.get_model("roll", "Opening").objects.create(plantel_id=plantel.pk, brought_at=brought, **said).state == "checked"
