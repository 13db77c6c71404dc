"""Which matrículas of a list are free, and which of its rows are loaded together: laws over chains and circles drawn at random."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.roll.check.chunks import _before
from afiliacion.roll.check.matriculas import MatriculaMove, errors, refused, together, warnings


def move(line: int, gives: int | None, holder: int | None, *, bad: bool = False, asked: bool = False) -> MatriculaMove:
    return MatriculaMove(line, str(line), gives, holder, bad, asked)


@pytest.mark.parametrize(
    ("moves", "found"),
    [
        ([move(1, 10, 20), move(2, 20, 30), move(3, 30, None)], {}),
        ([move(1, 10, 20), move(2, 20, 10)], {}),
        ([move(1, None, 20), move(2, 20, None)], {}),
        ([move(1, 10, 20), move(2, 20, 30)], {2: None, 1: 2}),
        ([move(1, 10, 20), move(2, 20, 30), move(3, 30, None, bad=True)], {2: 3, 1: 2}),
        ([move(1, 10, 20), move(2, 20, 10, bad=True)], {1: 2, 2: 1}),
        ([move(1, 10, 20), move(2, 20, None), move(3, 20, None)], {1: None}),
    ],
)
def test_a_matricula_is_free_if_its_holder_gets_another_one(moves: list[MatriculaMove], found: dict[int, int | None]) -> None:
    assert refused(moves) == found


def test_a_row_is_told_why_and_one_that_depends_on_an_answer_is_warned() -> None:
    moves = [move(1, 10, 20), move(2, 20, 30), move(3, 30, 40, asked=True), move(4, 40, 50), move(5, 50, None), move(6, 60, 70)]
    assert [(each.line, "ya es de otro" in each.reason) for each in errors(moves)] == [(6, True)]
    assert [(each.line, f"de la fila {each.line + 1}: queda" in each.reason) for each in warnings(moves)] == [(1, True), (2, True)]
    assert ["fila 3" in each.reason for each in errors([each._replace(bad=each.line == 3) for each in moves]) if each.line == 2] == [True]


@given(st.integers(1, 40), st.randoms(use_true_random=False), st.sets(st.integers(1, 40)))
def test_who_is_not_refused_takes_what_is_free_or_left_by_who_is_not_refused(size: int, rng: random.Random, bad: set[int]) -> None:
    """Student n is in row n and has matrícula n; some of them get one of the others', or 0, which no student has."""
    wanted = rng.sample(range(size + 1), size)
    moves = [move(n, n, new or None, bad=n in bad) for n, new in enumerate(wanted, 1) if new != n]
    out = refused(moves)
    loaded = {each.line: each for each in moves if not each.bad and each.line not in out}
    assert all(each.holder is None or each.holder in loaded for each in loaded.values())
    # None is refused without need: who would leave theirs is bad or refused.
    assert all(each.holder not in loaded for each in moves if each.line in out)
    stretches = together([each for each in moves if each.line in loaded])
    assert all(any(a <= min(n, m.holder) and max(n, m.holder) <= z for a, z in stretches) for n, m in loaded.items() if m.holder)
    assert all(before[1] < after[0] for before, after in pairwise(stretches))
    for start in range(1, size + 1):
        cut = _before(start, stretches)
        assert cut <= start
        assert not any(a < cut <= z for a, z in stretches)
