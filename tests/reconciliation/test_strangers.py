"""Who IMSS insures under us without our knowing: until a cover is known, a baja is operated, a later list tells, or a person saw to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.movements.answers import undoing
from afiliacion.movements.models import AnswerRow
from afiliacion.reconciliation import strangers
from afiliacion.reconciliation.differences import Difference
from afiliacion.reconciliation.ground import Ground
from afiliacion.reconciliation.models import Attended, InsuredList
from students.models import Plantel, RegistroPatronal, Student
from students.registros import Registros
from tests.reconciliation.deeds import Deeds, act
from tests.reconciliation.documents import OURS, STRANGERS, a_list, a_strange_row

DAY = dt.date(2026, 10, 20)
LATER = DAY + dt.timedelta(days=1)
UNDER = frozenset({OURS})
MakeIn = Callable[..., Case]

pytestmark = pytest.mark.django_db


def lists() -> dict[str, dt.date]:
    return dict(Ground.read(DAY).lists)


def pending(registros: frozenset[str] = UNDER) -> list[int]:
    return list(strangers.strange(registros, lists()).values_list("pk", flat=True))


@pytest.fixture
def row(make_in: MakeIn, plantel: Plantel) -> AnswerRow:
    return a_strange_row(make_in(State.ACUSE_ENTREGADO), act(DAY))


def test_an_alta_of_nobodys_is_told_once_under_its_registro(row: AnswerRow, make_in: MakeIn) -> None:
    assert pending() == [row.pk]
    assert pending(frozenset({"B0298765329"})) == []
    again = a_strange_row(make_in(State.ACUSE_ENTREGADO), act(LATER))
    assert pending() == [again.pk], "the last that IMSS said of the person"
    assert strangers.counted(UNDER, lists()) == [(Difference.STRANGE, OURS, 1)]


def test_a_document_that_does_not_say_the_registro_is_of_that_of_its_lote(make_in: MakeIn, plantel: Plantel) -> None:
    said = a_strange_row(make_in(State.ACUSE_ENTREGADO), act(DAY), registroPatronal="A011234532")
    assert pending() == [said.pk]


@pytest.mark.parametrize(("what", "value"), [("codigoErrorMovimiento", "104"), ("tipo_mov", "02"), ("tipo_mov", "07")])
def test_what_was_not_insured_is_not_told(make_in: MakeIn, plantel: Plantel, what: str, value: str) -> None:
    a_strange_row(make_in(State.ACUSE_ENTREGADO), act(DAY), **{what: value})
    assert pending() == []


def test_a_baja_of_a_later_day_ends_it(row: AnswerRow, make_in: MakeIn) -> None:
    a_strange_row(make_in(State.ACUSE_ENTREGADO), act(LATER), tipo_mov="02", number=STRANGERS[1])
    assert pending() == [row.pk], "of another person"
    a_strange_row(make_in(State.ACUSE_ENTREGADO), act(LATER), tipo_mov="02")
    assert pending() == []


def test_a_cover_that_is_known_since_ends_it(row: AnswerRow, deeds: Deeds) -> None:
    case = deeds.make_in(State.SIN_NSS)
    verbs.obtain_nss({case.pk: STRANGERS[0]}, on=DAY, act=act(DAY))
    assert pending() == [row.pk]
    deeds.says_yes(case, DAY)
    assert pending() == []


def test_a_document_taken_back_tells_nothing(row: AnswerRow) -> None:
    undoing.undo(row.document_id, act=act(DAY), reason="No era")
    assert pending() == []


def test_a_list_of_that_day_or_later_tells_instead(row: AnswerRow) -> None:
    a_list(act(DAY), STRANGERS[1], on=DAY - dt.timedelta(days=1))
    assert pending() == [row.pk]
    a_list(act(DAY), STRANGERS[0])
    assert pending() == []
    assert strangers.counted(UNDER, lists()) == [(Difference.ONLY_LISTED, OURS, 1)]


def test_what_was_seen_to_is_no_difference_and_is_taken_back(row: AnswerRow) -> None:
    assert strangers.attend([row.pk, row.pk + 99], UNDER, {}, "Baja en IDSE", act=act(DAY)) == 1
    assert strangers.attend([row.pk], UNDER, {}, "Otra vez", act=act(DAY)) == 0
    assert pending() == []
    noted = Attended.objects.get()
    assert (noted.reason, noted.name) == ("Baja en IDSE", "Begoña Ñáñez")
    assert not strangers.forget(noted.pk, frozenset({"B0298765329"}))
    assert strangers.forget(noted.pk, UNDER)
    assert pending() == [row.pk]


def test_of_a_list_who_has_a_cover_under_its_registro_is_known(deeds: Deeds, other_plantel: Plantel) -> None:
    here, elsewhere = deeds.vigente(), deeds.vigente(plantel=other_plantel)
    numbers = {case: Student.objects.get(pk=case.student_id).nss or "" for case in (here, elsewhere)}
    a_list(act(DAY), numbers[here], numbers[elsewhere], STRANGERS[0])
    assert set(strangers.only_listed(UNDER).values_list("nss", flat=True)) == {numbers[elsewhere], STRANGERS[0]}
    assert not strangers.only_listed(frozenset()).exists()
    InsuredList.objects.get().rows.all().delete()
    assert not strangers.only_listed(UNDER).exists()


def test_who_is_unknown_under_a_registro_is_shown_to_who_answers_for_all_its_planteles(plantel: Plantel, other_plantel: Plantel) -> None:
    RegistroPatronal.objects.create(plantel=other_plantel, registro=OURS, valid_from=dt.date(2026, 1, 1))
    registros: Any = Registros.of()
    assert strangers.answered_for(registros, {plantel.pk}) == frozenset()
    assert strangers.answered_for(registros, {other_plantel.pk}) == {"B0298765329"}
    assert strangers.answered_for(registros, {plantel.pk, other_plantel.pk}) == strangers.answered_for(registros, None)
