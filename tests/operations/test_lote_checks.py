"""What a rehearsal is held to about lotes: each check finds the fault it is there for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.imss.models import Errand, LoteRegistro
from afiliacion.imss.queue.movements import request_altas
from afiliacion.insurance.models import Cover
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import noting
from afiliacion.movements.models import AnswerRow, Lote, Movement
from afiliacion.operations.simulation.invariants import violations
from afiliacion.operations.simulation.lote_register import not_as_in_lotes
from tests.roles import histories_open

pytestmark = pytest.mark.django_db

OURS, NUMBER = "A0112345321", "900000001"
MakeIn = Callable[..., Case]


@pytest.fixture
def act() -> Act:
    return Act(NIGHT, timezone.now())


@pytest.fixture
def lote(make_in: MakeIn, act: Act, settings: Any) -> Lote:
    """Two altas, presented and received."""
    settings.IMSS_URL = "http://127.0.0.1:9"
    LoteRegistro.objects.create(registro=OURS)
    for _ in range(2):
        make_in(State.ACUSE_ENTREGADO)
    today = timezone.localdate()
    made = sending.make(Case.objects.all(), OURS, MovementType.ALTA, act=act)
    sending.mark_sent(made.pk, number=NUMBER, signed_by="Ángela Núñez", on=today, act=act)
    noting.receive(made.pk, on=today, refused={}, act=act)
    return Lote.objects.get()


@contextmanager
def unguarded(*tables: str) -> Iterator[None]:
    """For what no trigger of these tables would let happen."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with histories_open(tables):
        yield


def row(movement: Movement, estado: str = "OPERADO", **more: Any) -> dict[str, Any]:
    """A movement as the register of the stand-in tells it."""
    key = f"lote:{NUMBER}:{movement.position}"
    said = {"clave_idempotencia": key, "tipo_movimiento": movement.type, "registro_patronal": OURS, "nss": movement.nss, "estado": estado}
    return said | more


def found(lote: Lote, *more: dict[str, Any], **first: Any) -> list[str]:
    one, two = lote.movements.order_by("position")
    return list(not_as_in_lotes([row(one, **first), row(two), *more]))


def test_what_imss_made_of_the_lines_agrees_with_what_the_office_says(lote: Lote) -> None:
    assert found(lote) == []
    one, two = lote.movements.order_by("position")
    assert list(not_as_in_lotes([])) == [], "IMSS may not have answered"
    Movement.objects.update(status=Movement.Status.OPERATED)
    assert found(lote) == []
    assert found(lote, estado="RECHAZADO") == [f"lote:{NUMBER}:1: el IMSS lo tiene RECHAZADO y la oficina dice Operado"]
    assert found(lote, estado="RECIBIDO") == [f"lote:{NUMBER}:1: el IMSS lo tiene RECIBIDO y la oficina dice Operado"]
    assert list(not_as_in_lotes([row(two)])) == [f"lote:{NUMBER}:1: la oficina dice Operado y el IMSS no lo tiene"]
    Movement.objects.filter(pk=one.pk).update(status=Movement.Status.REFUSED)
    assert found(lote) == [f"lote:{NUMBER}:1: el IMSS lo tiene OPERADO y la oficina dice Rechazado de entrada"]


def test_what_imss_has_and_the_office_never_sent_and_what_came_by_the_other_way_are_found(lote: Lote) -> None:
    one = lote.movements.get(position=1)
    assert found(lote, row(one, clave_idempotencia="lote:900000009:1", nss="03230500013")) == [
        "lote:900000009:1: el IMSS tiene un movimiento que no es de la oficina"
    ]
    assert found(lote, row(one, clave_idempotencia="k-1", nss="03230500013")) == [f"k-1: no llegó por donde va el registro patronal {OURS}"]


def test_an_alta_that_came_twice_in_lotes_is_found(lote: Lote) -> None:
    one = lote.movements.get(position=1)
    again = row(one, clave_idempotencia="lote:900000002:1", estado="RECHAZADO")
    assert "lote:900000002:1: un alta que el IMSS ya tenía" in found(lote, again)
    assert "lote:900000002:1: un alta que el IMSS ya tenía" not in found(lote, again, estado="RECHAZADO"), "sent again, as it was rejected"


def test_what_is_always_true_of_movements_holds_and_each_breach_is_found(lote: Lote, make_in: MakeIn, act: Act) -> None:
    today = timezone.localdate()
    make_in(State.ACUSE_ENTREGADO)
    sending.make(Case.objects.all(), OURS, MovementType.ALTA, act=act)
    of_ours = lambda: [line for line in violations(today) if line.startswith(("4.", "14."))]  # noqa: E731 - asked after each breach
    assert of_ours() == []
    first = lote.movements.get(position=1)
    Movement.objects.filter(pk=first.pk).update(status=Movement.Status.OPERATED)
    assert of_ours() == [f"14. movimiento {first.pk} está «Operado» sin una respuesta que lo diga"]
    AnswerRow.objects.filter(movement=first).update(finding=AnswerRow.Finding.OPERATED)
    assert of_ours() == []
    with unguarded("movements_lote", "movements_movement"):
        Lote.objects.filter(pk=lote.pk).update(received_on=None, count=3)
    assert len(of_ours()) == 3
    assert f"4. Lote {NUMBER} no es como se hizo" in of_ours()


def test_an_errand_that_is_finished_and_whose_movement_is_not_is_found(make_in: MakeIn, act: Act, settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    case = make_in(State.ACUSE_ENTREGADO)
    assert request_altas([case.pk], act=act).done == [case.pk]
    with unguarded("imss_errand"):
        Errand.objects.update(status=Errand.Status.DONE)
    assert "14. lo que está en camino no es lo que dicen los movimientos" in violations(timezone.localdate())


def test_a_cover_ended_before_its_baja_was_operated_is_found(make_in: MakeIn, act: Act) -> None:
    make_in(State.BAJA)
    sending.make(Case.objects.all(), OURS, MovementType.BAJA, act=act)
    cover = Cover.objects.get()
    Cover.objects.update(ended_on=timezone.localdate(), ended_by="baja_operated", status="ended")
    assert f"14. aseguramiento {cover.pk} terminó sin que se operara su baja" in violations(timezone.localdate())
