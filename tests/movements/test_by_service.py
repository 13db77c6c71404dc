"""What goes by the service of IMSS is a movement like that in a lote: written by the database for each errand that sends one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import State
from afiliacion.imss.models import BajaCause, Errand, LoteRegistro
from afiliacion.imss.queue import movements
from afiliacion.imss.queue.movements import request_altas
from afiliacion.lotes.line.record import MovementData
from afiliacion.movements import erasure, ready, sending
from afiliacion.movements.models import Movement
from afiliacion.movements.rejections import listing
from afiliacion.movements.wanted import wanting_alta
from students.models import Student
from tests.movements.lotes import ALTA, turn_down
from tests.roles import as_owner, histories_open

Status = Movement.Status
MakeIn = Callable[..., Case]
DAY = dt.date(2026, 11, 3)

pytestmark = pytest.mark.django_db


@pytest.fixture
def act() -> Act:
    return Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now())


@pytest.fixture(autouse=True)
def _with_a_service(settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"


@pytest.fixture
def errand(make_in: MakeIn, act: Act) -> Errand:
    case = make_in(State.ACUSE_ENTREGADO)
    assert request_altas([case.pk], act=act).done == [case.pk]
    return Errand.objects.get()


def frozen(errand: Errand) -> dict[str, Any]:
    """What the first claim writes."""
    whole = Errand.objects.select_related("case__student", "case__plantel", "case__enrolment").get(pk=errand.pk)
    return {"movement": movements.build(whole, dict(BajaCause.objects.values_list("reason", "causa"))).as_json()}


CLAIMED = {"in_doubt": True}
RECEIVED = {"in_doubt": False, "received_on": DAY}
REFUSED = {"status": "parked", "in_doubt": False, "code": "REGISTRO_PATRONAL_INVALIDO", "message": "No existe ese registro patronal."}
REJECTED = {
    "status": "done", "result": "rechazado", "resolved_on": DAY, "code": "104", "message": "El IMSS rechazó el alta: CURP DISTINTA",
    "result_text": "CURP DISTINTA", "register_name": "PEREZ$NUÑEZ$ANA",
}  # fmt: skip


@pytest.mark.parametrize(
    ("happened", "status", "is_open", "said"),
    [
        ([], Status.BY_SERVICE, True, ("", "")),
        ([CLAIMED], Status.IN_DOUBT, True, ("", "")),
        ([CLAIMED, {"status": "parked"}], Status.IN_DOUBT, True, ("", "")),
        ([{"status": "parked", "code": "TimedOut", "strikes": 9}], Status.BY_SERVICE, True, ("", "")),
        ([CLAIMED, REFUSED], Status.REFUSED, True, ("REGISTRO_PATRONAL_INVALIDO", "No existe ese registro patronal.")),
        ([CLAIMED, REFUSED, {"status": "done"}], Status.REFUSED, False, ("REGISTRO_PATRONAL_INVALIDO", "No existe ese registro patronal.")),
        ([CLAIMED, REFUSED, {"status": "open"}], Status.BY_SERVICE, True, ("", "")),
        ([{"status": "done"}], Status.CANCELLED, False, ("", "")),
        ([CLAIMED, RECEIVED], Status.RECEIVED, True, ("", "")),
        ([CLAIMED, RECEIVED, {"status": "parked", "message": "No procedió."}], Status.RECEIVED, True, ("", "")),
        ([CLAIMED, RECEIVED, {"status": "done"}], Status.RECEIVED, False, ("", "")),
        ([CLAIMED, RECEIVED, {"status": "done", "result": "operado", "resolved_on": DAY}], Status.OPERATED, False, ("", "")),
        ([CLAIMED, RECEIVED, REJECTED], Status.REJECTED, False, ("104", "CURP DISTINTA")),
        ([CLAIMED, RECEIVED, {**REJECTED, "status": "parked"}], Status.REJECTED, True, ("104", "CURP DISTINTA")),
    ],
)
def test_the_movement_of_an_errand_says_what_became_of_it(
    errand: Errand, happened: list[dict[str, Any]], status: Status, is_open: bool, said: tuple[str, str]
) -> None:
    for n, change in enumerate(happened):
        Errand.objects.update(**change, **(frozen(errand) if n == 0 and change is CLAIMED else {}))
    movement = Movement.objects.get()
    assert (movement.status, movement.errand_open, (movement.code, movement.message)) == (status, is_open, said)
    assert (movement.errand, movement.case_id, movement.type, movement.lote) == (errand, errand.case_id, "08", None)
    assert (movement.nss, movement.registro, movement.on) == (errand.nss, errand.registro, errand.requested_on)
    assert movement.register_name == ("PEREZ$NUÑEZ$ANA" if status == Status.REJECTED else "")
    assert movement.answered_on == (DAY if status in (Status.OPERATED, Status.REJECTED) else None)


def test_what_is_sent_stands_on_the_movement_by_the_names_a_lote_has_for_it(errand: Errand) -> None:
    assert Movement.objects.get().data == {}
    Errand.objects.update(**CLAIMED, **frozen(errand))
    data, student = Movement.objects.get().data, errand.case.student
    assert set(data) == set(MovementData._fields) - {"type", "clave"}
    assert (data["curp"], data["nss"], data["primer_apellido"]) == (student.curp, student.nss, student.primer_apellido)
    assert (data["fecha"], data["registro_patronal"]) == (errand.requested_on.isoformat(), errand.registro)


def test_it_follows_its_errand_to_another_case_and_number(errand: Errand, make_in: MakeIn) -> None:
    other = make_in(State.ACUSE_ENTREGADO)
    Errand.objects.update(case=other, nss="01020304050")
    movement = Movement.objects.get()
    assert (movement.case, movement.nss) == (other, "01020304050")


def test_erased_words_do_not_come_back_with_the_next_change_of_the_errand(errand: Errand) -> None:
    Errand.objects.update(**CLAIMED, **frozen(errand))
    Errand.objects.update(**RECEIVED)
    Errand.objects.update(**{**REJECTED, "status": "parked"})
    erasure.forget([errand.case_id])
    Errand.objects.update(status="done")
    movement = Movement.objects.get()
    assert (movement.data, movement.register_name) == ({}, "")
    assert "CURP" not in movement.message


def test_one_sent_again_is_linked_to_the_one_that_imss_turned_down_whichever_the_channels(make_in: MakeIn, act: Act) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    LoteRegistro.objects.create(registro="A0112345321")
    (first,) = turn_down(Case.objects.all(), act, code="104", message="CURP DISTINTA")
    LoteRegistro.objects.all().delete()
    assert request_altas([case.pk], act=act).done == [case.pk]
    second = Movement.objects.latest("pk")
    assert (second.previous, second.errand) == (first, Errand.objects.get())
    Errand.objects.update(**CLAIMED, **frozen(Errand.objects.get()))
    Errand.objects.update(**RECEIVED)
    assert verbs.send_alta({case.pk: {"lote": "7"}}, on=timezone.localdate(), act=act).done
    Errand.objects.update(**REJECTED)
    told = Happening(timezone.localdate(), {"code": "104", "text": "CURP DISTINTA"}, "", "104: CURP DISTINTA")
    assert verbs.reject_alta({case.pk: told}, act=act).done
    assert [row.pk for row in listing.rejected(Case.objects.all()).order_by("pk")] == [first.pk, second.pk]
    LoteRegistro.objects.create(registro="A0112345321")
    (held,) = ready.altas(wanting_alta(Case.objects.all()), timezone.localdate(), 5)
    assert held.waits and "CURP DISTINTA" in held.held  # noqa: PT018
    Student.objects.update(primer_apellido="Otro")
    assert sending.make(Case.objects.all(), "A0112345321", ALTA, act=act).movements.get().previous == second


def test_upgrade_each_errand_that_was_there_gets_its_movement(make_in: MakeIn, act: Act) -> None:
    cases = [make_in(State.ACUSE_ENTREGADO) for _ in range(4)]
    request_altas([case.pk for case in cases], act=act)
    changes: list[list[dict[str, Any]]] = [[CLAIMED], [CLAIMED, REFUSED], [CLAIMED, RECEIVED, REJECTED], [{"status": "done"}]]
    for case, change in zip(cases, changes, strict=True):
        for each in change:
            mine = Errand.objects.filter(case=case)
            mine.update(**each, **(frozen(mine.get()) if each is CLAIMED else {}))
    kept = _values()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with histories_open(["movements_movement"]):
        Movement.objects.all().delete()
    with as_owner() as cursor:
        cursor.execute(import_module("afiliacion.movements.migrations.0003_by_service").BY_SERVICE)
    assert _values() == kept


def _values() -> list[Any]:
    names = ("case_id", "type", "nss", "registro", "status", "errand_open", "code", "message", "data", "register_name", "answered_on")
    return list(Movement.objects.order_by("case_id").values_list(*names))


def test_upgrade_what_imss_made_of_a_movement_is_read_from_what_was_known_last(errand: Errand) -> None:
    Errand.objects.update(**frozen(errand))
    Errand.objects.update(received_on=DAY, code="104", message="El IMSS rechazó el alta: CURP DISTINTA", status="done")
    with connection.cursor() as cursor:
        cursor.execute(import_module("afiliacion.imss.migrations.0011_movement_results").RESULTS)
    assert list(Errand.objects.values_list("result", "resolved_on", "result_text")) == [
        ("rechazado", DAY, "El IMSS rechazó el alta: CURP DISTINTA")
    ]
    Errand.objects.update(result="", code="", message="El IMSS operó el alta; falta que reporte la vigencia.")
    with connection.cursor() as cursor:
        cursor.execute(import_module("afiliacion.imss.migrations.0011_movement_results").RESULTS)
    assert Movement.objects.get().status == Status.OPERATED
