"""What IMSS says late, or of a movement whose case has moved on: the covers stay what its register is (docs/invariants.md, 13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.states import BajaKind, State
from afiliacion.imss.models import Errand
from afiliacion.imss.queue import movements
from afiliacion.imss.queue.plan import ask_now
from afiliacion.insurance.models import Cover
from afiliacion.operations.simulation.imss_register import differences
from students.models import Plantel
from tests.imss_mock.harness import StandIn
from tests.insurance.conftest import PROOF, D, by_imss, by_night

pytestmark = pytest.mark.django_db

DAY = D(2026, 8, 20)
Make = Callable[..., Case]


def later(days: int) -> dt.date:
    return DAY + dt.timedelta(days=days)


@pytest.fixture
def sent_alta(stand_in: StandIn, quick: Any, case_in: Make, night: Any) -> Callable[[str], Case]:
    """A case whose alta IMSS has received on DAY; the student follows that story there, with the number on record or another."""

    def send(story: str, *, own_number: bool = True) -> Case:
        case = case_in(State.ACUSE_ENTREGADO)
        student = case.student
        names = {"nombre": student.nombre, "primer_apellido": student.primer_apellido, "segundo_apellido": student.segundo_apellido}
        nss = {"nss": student.nss} if own_number else {"nss": "03230500013"}
        stand_in.tell(curp=student.curp, persona=story, **names, **nss)
        assert movements.request_altas([case.pk], act=by_night(DAY)).done == [case.pk]
        night(DAY)
        assert Errand.objects.get(case=case, kind="send_alta").received_on == DAY
        return case

    return send


def agree(stand_in: StandIn) -> bool:
    return differences(stand_in.get("/control/registro?limite=5000")["movimientos"]) == {}


def test_an_alta_is_asked_about_until_it_is_resolved_though_its_case_went_to_the_subdelegacion(
    stand_in: StandIn, sent_alta: Any, night: Any
) -> None:
    case = sent_alta("localizado", own_number=False)
    verbs.escalate({case.pk: Happening(DAY, reason="No se resuelve")}, act=by_night(DAY))
    for days in (1, 2, 3, 4):
        night(later(days))
    errand = Errand.objects.get(case=case, kind="send_alta")
    assert (errand.status, errand.code) == (Errand.Status.DONE, "F-NSS")
    assert agree(stand_in)


def test_a_baja_that_did_not_arrive_is_not_sent_again_once_a_case_needs_the_cover(
    stand_in: StandIn, sent_alta: Any, second: Any, sister: Plantel, night: Any
) -> None:
    case = sent_alta("localizado")
    night(later(25))
    verbs.leave([case.pk], BajaKind.DEFINITIVA, on=later(25), act=by_night(later(25)))
    assert movements.request_bajas([case.pk], act=by_night(later(25))).done == [case.pk]
    stand_in.mood(falla_503=1)
    night(later(25), seconds=1)
    assert Errand.objects.get(case=case, kind="send_baja").in_doubt
    stand_in.mood()
    second(case, later(26), plantel=sister)
    night(later(26))
    assert [row["tipo_movimiento"] for row in stand_in.get("/control/registro")["movimientos"]] == ["08"]
    assert Errand.objects.get(case=case, kind="send_baja").status == Errand.Status.DONE
    assert agree(stand_in)


def test_an_alta_rejected_after_imss_said_no_for_weeks_is_no_cover(stand_in: StandIn, sent_alta: Any, quick: Any, night: Any) -> None:
    case = sent_alta("localizado", own_number=False)
    verbs.miss_vigencia({case.pk: Happening(later(2), {}, PROOF)}, act=by_imss(later(2)))
    night(later(30))
    assert Errand.objects.get(case=case, kind="send_alta").code == "F-NSS"
    assert not Cover.objects.filter(ended_on=None).exists()
    assert agree(stand_in)


def test_a_yes_from_before_the_alta_is_no_vigencia(stand_in: StandIn, sent_alta: Any, night: Any) -> None:
    """IMSS repeats what it said of an earlier stay."""
    case = sent_alta("localizado")
    for day in (25, 26):
        night(later(day))
    act = by_night(later(26))
    assert Case.objects.get(pk=case.pk).state == State.VIGENTE
    verbs.leave([case.pk], BajaKind.TEMPORAL, on=later(26), act=act)
    movements.request_bajas([case.pk], act=act)
    for day in (26, 30):
        night(later(day))
    verbs.rejoin([case.pk], on=later(31), act=by_night(later(31)))
    movements.request_altas([case.pk], act=by_night(later(31)))
    night(later(31))
    stand_in.mood(atrasadas=1)
    assert ask_now([case.pk], act=by_night(later(32))) == [case.pk]
    night(later(32), seconds=5)
    assert Case.objects.get(pk=case.pk).state == State.ALTA_ENVIADA


@pytest.mark.parametrize("mood", ["ajenas", "conexion_cortada"])
def test_an_alta_in_doubt_whose_number_imss_unified_is_a_cover_under_the_number_it_keeps(
    mood: str, stand_in: StandIn, quick: Any, case_in: Make, night: Any
) -> None:
    case, kept = case_in(State.ACUSE_ENTREGADO), "03230500013"
    student = case.student
    names = {"nombre": student.nombre, "primer_apellido": student.primer_apellido, "segundo_apellido": student.segundo_apellido}
    stand_in.tell(curp=student.curp, persona="localizado", nss=student.nss or "", **names)
    assert movements.request_altas([case.pk], act=by_night(DAY)).done == [case.pk]
    stand_in.mood(**{mood: 1})
    night(DAY)
    stand_in.mood()
    assert stand_in.ask("PUT", "/control/personas", {"curp": student.curp, "nss_nuevo": kept, "unifica": True})[0] == 200
    verbs.unify_nss({case.pk: kept}, on=DAY, reason="El IMSS lo dice", evidence=PROOF, act=by_night(DAY))
    assert set(Errand.objects.filter(kind="send_alta").values_list("nss", flat=True)) == {kept}
    movements.resume(Errand.objects.values_list("pk", flat=True), on=later(1))
    for day in range(1, 30, 4):
        night(later(day))
    assert agree(stand_in)
    assert {cover.nss for cover in Cover.objects.all()} <= {kept}
