"""Damaged lists with the truth beside them: nothing is stored that is not true and not told (many more: benchmarks/dirty_lists.py)."""

from __future__ import annotations

from typing import Any

import pytest

from students.models import Ciclo
from tests.roll.dirty.judge import judged
from tests.roll.dirty.lists import ENDS, STARTS, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def term(ciclo: Ciclo) -> Ciclo:
    ciclo.starts_on, ciclo.ends_on = STARTS, ENDS
    ciclo.save()
    return ciclo


# 5023 and 5308: a mark of UTF-8 inside a cell; a page's number under a heading that means something else.
@pytest.mark.parametrize("seed", [*range(24), 24, 69, 147, 5023, 5308])
def test_nothing_untrue_is_stored_in_silence_and_the_good_rows_are_taken(seed: int, plantel: Any, term: Ciclo) -> None:
    dirty = made(seed)
    verdict = judged(dirty, plantel, term)
    assert (verdict.silent, verdict.taken) == ([], verdict.good), (dirty.kinds, verdict.why)
