"""Nights against the real stand-in, in its own process: every case ends where its ledger says."""

import datetime as dt
import json

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.history.chain import broken_link
from afiliacion.cases.models import Case, Evidence
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import BajaKind, Coverage, State, Turn
from afiliacion.imss.models import Answer, Errand
from afiliacion.imss.queue.movements import request_altas, request_bajas
from tests.imss.conftest import at

START = dt.date(2026, 8, 20)
STORIES = ("localizado", "nuevo", "en_proceso", "subdelegacion", "cubierto_por_trabajo", "lento", "rechazado", "nunca")


def later(days):
    return START + dt.timedelta(days=days)


@pytest.fixture
def people_of(stand_in, make_case):
    """story -> a case whose student lives it at the authority."""
    told = {}
    for story in STORIES:
        case = make_case()
        student = case.student
        names = {"nombre": student.nombre, "primer_apellido": student.primer_apellido, "segundo_apellido": student.segundo_apellido}
        stand_in.tell(curp=student.curp, persona=story, **names)
        told[story] = case
    return told


def hand_in(day):
    """What officers do by day: take the acuses, ask for the altas."""
    ready = list(Case.objects.filter(state=State.NSS_OBTENIDO).values_list("pk", flat=True))
    assert verbs.deliver_acuse(ready, on=day, act=Act(NIGHT, at(day))).skipped == {}
    return request_altas(Case.objects.filter(state=State.ACUSE_ENTREGADO).values_list("pk", flat=True), act=Act(NIGHT, at(day)))


def states(people_of):
    for case in people_of.values():
        case.refresh_from_db()
    return {story: State(case.state) for story, case in people_of.items()}


def test_a_term_of_nights(stand_in, people_of, night):
    for day in range(45):
        night(later(day))
        hand_in(later(day))

    assert states(people_of) == {
        "localizado": State.VIGENTE,
        "nuevo": State.VIGENTE,
        "en_proceso": State.VIGENTE,
        "subdelegacion": State.EN_SUBDELEGACION,
        "cubierto_por_trabajo": State.ALTA_ENVIADA,
        "lento": State.SIN_VIGENCIA,
        "rechazado": State.SIN_VIGENCIA,
        "nunca": State.SIN_VIGENCIA,
    }
    at_rest = people_of["cubierto_por_trabajo"]
    assert (at_rest.coverage, at_rest.turn) == (Coverage.OTHER, Turn.NADIE)
    assert people_of["nunca"].coverage == Coverage.NONE
    rejected = people_of["rechazado"].events.get(verb="reject_alta")
    assert (rejected.details["code"], rejected.details["text"]) == ("F-CURP", "La CURP no coincide o no está certificada por RENAPO.")
    escalated = people_of["subdelegacion"].events.get(verb="escalate")
    assert "Los datos no pudieron validarse en línea." in escalated.reason
    _agree_with(stand_in.ledger())

    # A yes later than four weeks counts all the same, and a rejected alta is sent again under another key.
    request_altas([people_of["rechazado"].pk], act=Act(NIGHT, at(later(44))))
    for day in range(45, 70):
        night(later(day))

    assert states(people_of)["lento"] is State.VIGENTE
    assert states(people_of)["rechazado"] is State.VIGENTE
    assert Errand.objects.filter(case=people_of["rechazado"], kind="send_alta").values("key").distinct().count() == 2
    _agree_with(stand_in.ledger())


def _agree_with(ledger):
    """Every case, every answer and every movement against what the authority wrote down itself."""
    assert Answer.objects.count() == len(ledger)
    assert sorted(Answer.objects.values_list("http_status", flat=True)) == sorted(entry["estatus"] for entry in ledger)
    said = {json.dumps(entry["respuesta"], sort_keys=True) for entry in ledger}
    for case in Case.objects.all():
        assert broken_link(list(case.events.order_by("seq")), case.version, case.head_hash) == ""
        for proof in case.events.exclude(evidence="").values_list("evidence", flat=True):
            body = json.loads(bytes(Evidence.objects.get(pk=proof).body))
            assert json.dumps(body, sort_keys=True) in said
            assert body["curp"] == case.student.curp
    sent = [entry for entry in ledger if entry["operacion"] == "enviarMovimiento"]
    assert len(sent) == len({entry["clave_idempotencia"] for entry in sent})


def test_the_same_night_again_asks_nothing(stand_in, people_of, night):
    first = night(START)
    asked = len(stand_in.ledger())
    events = sum(case.events.count() for case in people_of.values())

    second = night(START)

    assert (first.asked, second.asked, second.left) == (len(STORIES), 0, 0)
    assert len(stand_in.ledger()) == asked
    assert sum(case.events.count() for case in people_of.values()) == events


def test_a_night_may_be_skipped(stand_in, people_of, night):
    night(START)
    hand_in(START)
    night(later(9))
    night(later(30))

    assert states(people_of)["localizado"] is State.VIGENTE


def test_a_vigencia_lost_later_is_noticed_when_it_is_checked_again(stand_in, people_of, night):
    case = people_of["localizado"]
    for day in range(30):
        night(later(day))
        hand_in(later(day))
    case.refresh_from_db()
    assert case.state == State.VIGENTE
    sent = Errand.objects.get(case=case, kind="send_alta").movement or {}
    baja = {
        "clave_idempotencia": "por-otra-via", "tipo_movimiento": "02", "registro_patronal": sent["registro_patronal"], "nss": sent["nss"],
        "curp": sent["curp"], "nombre": sent["nombre"], "primer_apellido": sent["primer_apellido"], "fecha_movimiento": sent["on"],
        "segundo_apellido": sent["segundo_apellido"], "umf": "005", "clave_trabajador": sent["matricula"], "causa_baja": "6",
    }  # fmt: skip
    assert stand_in.move(baja)[0] == 200

    night(case.due_on)

    case.refresh_from_db()
    assert (case.state, case.coverage) == (State.SIN_VIGENCIA, Coverage.NONE)


def test_a_baja_reaches_imss_and_ends_the_cover(stand_in, people_of, night):
    case = people_of["nuevo"]
    for day in range(30):
        night(later(day))
        hand_in(later(day))
    left = later(30)
    verbs.leave([case.pk], BajaKind.EGRESO, on=left, act=Act(NIGHT, at(left)))
    assert request_bajas([case.pk], act=Act(NIGHT, at(left))).done == [case.pk]

    for day in range(30, 36):
        night(later(day))

    case.refresh_from_db()
    assert (case.state, case.coverage) == (State.BAJA, Coverage.NONE)
    assert (case.baja_sent_on, case.baja_operada_on is not None) == (left, True)
    movement = Errand.objects.get(case=case, kind="send_baja").movement or {}
    assert (movement["kind"], movement["causa_baja"]) == ("02", "1")
    assert stand_in.vigencia(case.student.curp, movement["nss"])[1]["con_derecho"] == "NO"
