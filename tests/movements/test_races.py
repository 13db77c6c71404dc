"""Two officers at once, and a double click: one lote, each movement once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import State
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import applying, noting, undoing
from afiliacion.movements.models import AnswerDocument, Lote, LoteKey, Movement
from afiliacion.movements.rejections import clearing
from afiliacion.movements.sending import NotDone
from students.models import Plantel, RegistroPatronal
from tests.at_once import at_once
from tests.movements.answers import bring, constancia
from tests.movements.lotes import turn_down

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed")]


@pytest.mark.parametrize("_", range(3))
def test_of_several_who_make_receive_or_undo_a_lote_at_once_one_does(_: int, make_in: Callable[..., Case]) -> None:
    for n in range(4):
        make_in(State.ACUSE_ENTREGADO, matricula=f"M-{n}")
    act, today = Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now()), timezone.localdate()

    made = at_once(*[lambda: _quietly(lambda: sending.make(Case.objects.all(), "A0112345321", MovementType.ALTA, act=act))] * 5)
    (lote,) = [each for each in made if isinstance(each, Lote)]
    assert Movement.objects.count() == 4
    sent = lambda: sending.mark_sent(lote.pk, number="1", signed_by="Ángela", on=today, act=act)  # noqa: E731 - one of two works
    at_once(*[lambda: _quietly(sent), lambda: _quietly(lambda: sending.undo(lote.pk, act=act))] * 3)
    lote.refresh_from_db()
    assert (lote.sent_on is None) != (lote.undone_at is None)
    if lote.sent_on:
        received = at_once(*[lambda: _quietly(lambda: noting.receive(lote.pk, on=today, refused={}, act=act))] * 4)
        assert [each.counts["findings"] for each in received if isinstance(each, AnswerDocument)] == [{"recibido": 4}]
        assert {case.events.filter(verb="send_alta").count() for case in Case.objects.all()} == {1}


def test_of_several_who_bring_apply_or_take_back_a_document_at_once_one_does(make_in: Callable[..., Case]) -> None:
    for n in range(4):
        make_in(State.ACUSE_ENTREGADO, matricula=f"M-{n}")
    act, today = Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now()), timezone.localdate()
    made = sending.make(Case.objects.all(), "A0112345321", MovementType.ALTA, act=act)
    lote = sending.mark_sent(made.pk, number="1", signed_by="Ángela", on=today, act=act)
    body = constancia(lote, {"M-2": ("32", "NO COINCIDE")})
    brought = at_once(*[lambda: _quietly(lambda: bring(body, act))] * 5)
    (document,) = [each for each in brought if isinstance(each, AnswerDocument)]
    applied = at_once(*[lambda: _quietly(lambda: applying.apply(document.pk, act=act))] * 5)
    assert [each.counts["findings"] for each in applied if isinstance(each, AnswerDocument)] == [{"operado": 3, "rechazado": 1}]
    assert {case.events.filter(verb="send_alta").count() for case in Case.objects.all()} == {1}
    later = Act(act.actor, timezone.now())
    undone = at_once(*[lambda: _quietly(lambda: undoing.undo(document.pk, act=later, reason="Era de otro"))] * 5)
    assert len([each for each in undone if isinstance(each, AnswerDocument)]) == 1
    assert set(Case.objects.values_list("state", flat=True)) == {State.ACUSE_ENTREGADO}


def _quietly(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except NotDone as why:
        return str(why)


def test_two_planteles_that_send_one_matricula_at_once_have_a_clave_each(make_in: Callable[..., Case], other_plantel: Plantel) -> None:
    RegistroPatronal.objects.filter(plantel=other_plantel).update(registro="A0112345321")
    cases = [make_in(State.ACUSE_ENTREGADO, matricula="7"), make_in(State.ACUSE_ENTREGADO, matricula="7", plantel=other_plantel)]
    act = Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now())

    def make(case: Case) -> Lote:
        return sending.make(Case.objects.filter(pk=case.pk), "A0112345321", MovementType.ALTA, act=act)

    at_once(*(lambda case=case: make(case) for case in cases))
    claves = set(Movement.objects.values_list("clave", flat=True))
    assert "7" in claves and len(claves) == LoteKey.objects.count() == 2  # noqa: PT018


@pytest.mark.parametrize("_", range(3))
def test_what_is_let_go_and_taken_back_while_a_lote_is_made_is_in_it_or_waits(_: int, make_in: Callable[..., Case]) -> None:
    for n in range(3):
        make_in(State.ACUSE_ENTREGADO, matricula=f"M-{n}")
    act = Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now())
    first = turn_down(Case.objects.all(), act)
    rows = Movement.objects.filter(pk__in=[row.pk for row in first])
    clearing.clear(rows, act=act)

    def make() -> None:
        with suppress(NotDone):
            sending.make(Case.objects.all(), "A0112345321", MovementType.ALTA, act=act)

    at_once(*[lambda: clearing.take_back(rows), make, lambda: clearing.clear(rows, act=act)] * 3)
    again = set(Movement.objects.exclude(previous=None).values_list("previous_id", flat=True))
    assert again <= set(rows.exclude(cleared_at=None).values_list("pk", flat=True))
    assert Movement.objects.count() == len(first) + len(again), "each once"
