"""A plantel has a new registro patronal: its cases are moved there, and that is undone until something was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import Coverage, State, Turn
from afiliacion.imss.queue import movements
from afiliacion.insurance import log, moving
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements
from students.models import Plantel
from tests.insurance.conftest import PROOF, D, by_imss, by_night, noon, now_of
from tests.planteles import add_registro

pytestmark = pytest.mark.django_db

OLD, NEW = "A0112345321", "C0355512321"
DAY = D(2026, 8, 20)
Make = Callable[..., Case]


@pytest.fixture(autouse=True)
def _all_agrees() -> Any:
    yield
    assert [str(left) for left in disagreements(D(2026, 8, 25))] == []
    assert [*log.broken(), *broken_chains(), *differences()] == []


@pytest.fixture
def renewed(plantel: Plantel) -> Plantel:
    add_registro(plantel, NEW, D(2026, 8, 15))
    return plantel


def move(*cases: Case, on: dt.date = DAY) -> Any:
    return moving.move([case.pk for case in cases], on=on, act=by_night(on))


def move_back(*cases: Case, on: dt.date = DAY) -> Any:
    return moving.move_back([case.pk for case in cases], on=on, reason="fue un error", act=by_night(on))


def test_an_alta_is_wanted_under_the_new_one_and_the_baja_of_the_former_is_owed(case_in: Make, renewed: Plantel) -> None:
    proved, sent = case_in(State.VIGENTE), case_in(State.ALTA_ENVIADA)
    assert move(proved, sent).done == [proved.pk, sent.pk]
    for case in now_of(proved, sent):
        assert (case.state, case.turn, case.registro, case.facts.baja_owed) == (State.ACUSE_ENTREGADO, Turn.ESCUELA, NEW, True)
        assert Cover.objects.get(owed_by=case).registro == OLD


def test_both_movements_go_out_each_under_its_registro_and_the_student_ends_under_the_new_one(
    authority: Any, quick: Any, case_in: Make, renewed: Plantel, night: Any
) -> None:
    case = case_in(State.VIGENTE)
    move(case)
    assert movements.request_altas([case.pk], act=by_night(DAY)).done == [case.pk]
    assert movements.request_bajas([case.pk], act=by_night(DAY)).done == [case.pk]
    night(DAY)
    sent = {body["tipo_movimiento"]: body["registro_patronal"] for path, body in authority.asked if path.endswith("movimientos")}
    assert sent == {"08": NEW, "02": OLD}
    verbs.operate_baja({case.pk: Happening(DAY, {"cover": Cover.objects.get(registro=OLD).pk}, PROOF)}, act=by_imss(DAY))
    verbs.confirm_vigencia({case.pk: Happening(DAY, {"registro": NEW}, PROOF)}, act=by_imss(DAY))
    (case,) = now_of(case)
    assert (case.state, case.registro, case.facts.baja_owed) == (State.VIGENTE, NEW, False)
    assert list(Cover.objects.filter(ended_on=None).values_list("registro", flat=True)) == [NEW]


def test_who_is_under_it_already_or_needs_no_alta_is_not_moved(case_in: Make, plantel: Plantel) -> None:
    under, rests = case_in(State.VIGENTE), case_in(State.VIGENTE)
    verbs.note_coverage({rests.pk: (Coverage.OTHER, Happening(DAY, {}, PROOF))}, act=by_imss(DAY))
    assert "ya está bajo" in move(under).skipped[under.pk]
    add_registro(plantel, NEW, D(2026, 8, 15))
    assert "prevalece" in move(rests).skipped[rests.pk]
    assert "ya está bajo" in move(under, on=D(2026, 8, 14)).skipped[under.pk]


def test_a_case_without_an_alta_is_not_moved(case_in: Make, renewed: Plantel) -> None:
    case = case_in(State.ACUSE_ENTREGADO)
    assert move(case).done == []


def test_moved_back_it_is_as_it_was(case_in: Make, renewed: Plantel) -> None:
    case = case_in(State.VIGENTE)
    (found,) = now_of(case)
    move(case)
    assert move_back(case).done == [case.pk]
    (case,) = now_of(case)
    assert (case.facts, case.due_on) == (found.facts, found.due_on)
    assert Cover.objects.get().owed_by is None
    assert move_back(case).done == []


@pytest.mark.parametrize("kind", ["alta", "baja"])
def test_once_something_was_sent_it_is_not_moved_back(kind: str, case_in: Make, renewed: Plantel) -> None:
    case = case_in(State.VIGENTE)
    move(case)
    if kind == "alta":
        verbs.send_alta({case.pk: {"lote": "1"}}, on=DAY, act=by_imss(DAY))
    else:
        verbs.send_baja({case.pk: {"lote": "1"}}, on=DAY, act=by_imss(DAY))
    assert "algo más" in move_back(case).skipped[case.pk]


def test_a_baja_that_was_asked_for_is_not_sent_once_it_is_moved_back(
    authority: Any, quick: Any, case_in: Make, renewed: Plantel, night: Any
) -> None:
    case = case_in(State.VIGENTE)
    move(case)
    movements.request_bajas([case.pk], act=by_night(DAY))
    movements.request_altas([case.pk], act=by_night(DAY))
    assert move_back(case).done == [case.pk]
    night(DAY)
    assert [path for path, _ in authority.asked if path.endswith("movimientos")] == []


def test_a_sister_plantel_under_the_former_one_keeps_its_cover(case_in: Make, second: Make, sister: Plantel, plantel: Plantel) -> None:
    first = case_in(State.VIGENTE)
    other = second(first, DAY, plantel=sister)
    add_registro(plantel, NEW, D(2026, 8, 15))
    before = now_of(other)[0].version
    officer = Act(Actor(ActorKind.PERSON, "Begoña"), noon(DAY), frozenset({plantel.pk}))
    assert moving.move([first.pk], on=DAY, act=officer).done == [first.pk]
    first, other = now_of(first, other)
    assert (first.facts.baja_owed, other.state, other.version) == (False, State.VIGENTE, before)


def test_moving_costs_the_same_queries_whatever_their_number(case_in: Make, renewed: Plantel, django_assert_max_num_queries: Any) -> None:
    cases = [case_in(State.VIGENTE) for _ in range(8)]
    with django_assert_max_num_queries(45):
        assert len(move(*cases).done) == 8
