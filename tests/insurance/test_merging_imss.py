"""Two records merged while IMSS is asked about one of their cases, or was sent a movement of it; the answer comes afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from django.db.models.functions import Now

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case
from afiliacion.cases.states import BajaKind, State
from afiliacion.imss.chase.apply import apply
from afiliacion.imss.chase.ask import ReceivedAnswer
from afiliacion.imss.client.port import MovementAnswer, MovementStatus, NssAnswer, RawAnswer
from afiliacion.imss.models import Errand
from afiliacion.imss.queue import movements
from afiliacion.imss.queue.claims import claim
from afiliacion.imss.queue.plan import plan
from afiliacion.insurance import log
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements
from tests.imss.authority import nss_of, says, well
from tests.imss.conftest import at
from tests.insurance.conftest import DAY, PROOF, by_imss, by_night, joined, now_of

pytestmark = pytest.mark.django_db
Make = Callable[..., Case]
OK = RawAnswer(200, "application/json", b"{}")


@pytest.fixture(autouse=True)
def _all_agrees() -> Any:
    yield
    assert [*broken_chains(), *differences(), *log.broken(), *map(str, disagreements(DAY))] == []


async def has_it(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
    """IMSS has the movement it is asked about; of anything else as a healthy one."""
    if request.method == "GET" and "/movimientos/" in request.path:
        asked = {"clave_idempotencia": request.path.rsplit("/", 1)[1]}
    return await well(request, asked)


def test_a_number_located_for_a_repeated_case_is_not_lost_to_the_person(
    authority: Any, quick: Any, older: Make, newer: Make, night: Any
) -> None:
    """IMSS found it for the CURP of before; the case that goes on asks by the right one."""
    old, new = older(State.SIN_NSS), newer(State.SIN_NSS)
    plan(DAY, at(DAY))
    taken = claim(DAY, 9).ask
    joined(old, new)
    answers = [ReceivedAnswer(one, NssAnswer(nss_of(one.curp), assigned=False, folio="1", on=DAY, raw=OK)) for one in taken]
    apply(answers, DAY, at(DAY) + dt.timedelta(hours=12))
    old, new = now_of(old, new)
    assert (old.state, new.state, old.student.nss) == (State.NSS_OBTENIDO, State.BAJA, nss_of(old.student.curp))
    night(DAY + dt.timedelta(days=1))
    assert not Errand.objects.filter(case=new, status__in=Errand.UNFINISHED).exists()


def test_a_receipt_of_an_alta_after_the_merge_is_the_person_s_cover(authority: Any, quick: Any, older: Make, newer: Make) -> None:
    """Also if the student left meanwhile: IMSS has it in its register."""
    old, new = older(State.SIN_NSS), newer(State.ACUSE_ENTREGADO)
    assert movements.request_altas([new.pk], act=by_night(DAY)).done == [new.pk]
    (taken,) = [one for one in claim(DAY, 9).ask if one.errand.kind == "send_alta"]
    joined(old, new)
    verbs.leave([new.pk], BajaKind.DEFINITIVA, on=DAY, act=by_night(DAY))
    receipt = MovementAnswer(MovementStatus.RECEIVED, lote="7", recibo="R", on=DAY, raw=OK)
    apply([ReceivedAnswer(taken, receipt)], DAY, at(DAY) + dt.timedelta(hours=12))
    assert Cover.objects.get().student_id == old.student_id
    assert now_of(new)[0].facts.baja_owed


def test_the_case_that_goes_on_sends_its_alta_once(authority: Any, quick: Any, older: Make, newer: Make, night: Any) -> None:
    old, new = older(State.SIN_NSS), newer(State.ACUSE_ENTREGADO)
    movements.request_altas([new.pk], act=by_night(DAY))
    joined(old, new)
    night(DAY)
    assert now_of(new)[0].state == State.ALTA_ENVIADA
    assert len([body for path, body in authority.asked if path.endswith("movimientos")]) == 1


def test_the_baja_owed_by_a_repeated_case_is_sent_once_by_the_other(
    authority: Any, quick: Any, older: Make, newer: Make, night: Any
) -> None:
    """Under a number that was not theirs: the closed case owed it, and it was asked for already."""
    old, new = older(State.ALTA_ENVIADA), newer(State.SIN_NSS)
    verbs.disown_nss([old.pk], on=DAY, act=by_night(DAY), reason="Era de otra persona")
    verbs.obtain_nss({new.pk: nss_of(new.student.curp)}, on=DAY, act=by_night(DAY))
    assert movements.request_bajas([old.pk], act=by_night(DAY)).done == [old.pk]
    assert joined(old, new).skipped == {}
    old, new = now_of(old, new)
    assert (old.facts.baja_owed, new.facts.baja_owed) == (False, True)
    night(DAY)
    movements.request_bajas([new.pk], act=by_night(DAY))
    night(DAY)
    assert len([body for path, body in authority.asked if body.get("tipo_movimiento") == "02"]) == 1
    new = now_of(new)[0]
    assert Cover.objects.get().baja_sent_on is not None
    assert new.facts.former_sent_on is not None


def test_a_baja_that_may_be_at_imss_is_looked_up_and_not_sent_again(
    authority: Any, quick: Any, older: Make, newer: Make, night: Any
) -> None:
    """It went out for the case that the merge closed, and no receipt came."""
    old, new = older(State.ALTA_ENVIADA), newer(State.SIN_NSS)
    verbs.disown_nss([old.pk], on=DAY, act=by_night(DAY), reason="Era de otra persona")
    verbs.obtain_nss({new.pk: nss_of(new.student.curp)}, on=DAY, act=by_night(DAY))
    movements.request_bajas([old.pk], act=by_night(DAY))
    authority.behave = says(raw=b"nonsense")
    night(DAY, seconds=3)
    assert Errand.objects.get(kind="send_baja").in_doubt
    assert joined(old, new).skipped == {}
    assert Errand.objects.get(kind="send_baja").case_id == new.pk
    authority.behave, authority.asked = has_it, []
    movements.request_bajas([new.pk], act=by_night(DAY))
    Errand.objects.filter(kind="send_baja").update(next_on=DAY, next_at=Now())
    night(DAY + dt.timedelta(days=1))
    assert Cover.objects.get().baja_sent_on is not None
    assert now_of(new)[0].facts.former_sent_on is not None


def test_a_vigencia_asked_for_the_closed_case(authority: Any, quick: Any, older: Make, newer: Make) -> None:
    old, new = older(State.SIN_NSS), newer(State.ALTA_ENVIADA)
    joined(old, new)
    outcome = verbs.confirm_vigencia({old.pk: Happening(DAY, {}, PROOF)}, act=by_imss(DAY))
    assert outcome.done == []
    assert now_of(new)[0].state == State.ALTA_ENVIADA
