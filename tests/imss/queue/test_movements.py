import datetime as dt
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from afiliacion.cases import verbs
from afiliacion.cases.identity.correcting import correct_person
from afiliacion.cases.outcome import NIGHT, Act, Actor, ActorKind
from afiliacion.cases.states import BajaKind, State
from afiliacion.cases.verbs.undo_leave import undo_leave
from afiliacion.imss.chase.run import chase
from afiliacion.imss.models import BajaCause, ConnectionState, Errand
from afiliacion.imss.queue.movements import request_altas, request_bajas, three_digits
from afiliacion.imss.queue.plan import plan
from tests.imss.authority import refuses, well
from tests.imss.conftest import BEFORE, PROOF, at
from tests.planteles import add_registro

TODAY = dt.date(2026, 8, 20)


def ask_for(cases, request=request_altas, actor=NIGHT):
    return request([case.pk for case in cases], act=Act(actor, at(TODAY)))


def test_the_officer_asks_and_the_chase_sends(authority, case_in, the_errand, officer):
    case = case_in(State.ACUSE_ENTREGADO)
    actor = Actor(ActorKind.PERSON, "Begoña Ñáñez", get_user_model().objects.get().pk)

    assert ask_for([case], actor=actor).done == [case.pk]
    report = chase(TODAY, at(TODAY), budget_seconds=5)

    assert report.steps == {"send_alta": 1}
    case.refresh_from_db()
    event = case.events.get(verb="send_alta")
    assert (case.state, case.alta_on, event.details["lote"], event.details["recibo"]) == (State.ALTA_ENVIADA, TODAY, "100000001", "R-1")
    assert event.actor_kind == ActorKind.IMSS
    errand = the_errand(case)
    assert (errand.requested_by_id, errand.requested_name, errand.status) == (actor.user_id, "Begoña Ñáñez", Errand.Status.OPEN)
    path, body = authority.asked[0]
    assert path == "/api/v1/movimientos"
    assert body == {
        "clave_idempotencia": str(errand.key), "tipo_movimiento": "08", "registro_patronal": "A0112345321", "nss": errand.movement["nss"],
        "curp": case.student.curp, "nombre": case.student.nombre, "primer_apellido": case.student.primer_apellido,
        "segundo_apellido": case.student.segundo_apellido or None, "fecha_movimiento": "2026-08-20", "umf": "005",
        "clave_trabajador": case.enrolment.matricula, "causa_baja": None,
    }  # fmt: skip


def test_a_set_gets_an_outcome_for_each(authority, case_in, plantel, other_plantel):
    ready, early = case_in(State.ACUSE_ENTREGADO), case_in(State.NSS_OBTENIDO)
    nowhere = case_in(State.ACUSE_ENTREGADO, plantel=other_plantel)
    other_plantel.registros.all().delete()

    outcome = request_altas([ready.pk, early.pk, nowhere.pk, 10**9], act=Act(NIGHT, at(TODAY)))

    assert outcome.done == [ready.pk]
    assert outcome.skipped == {
        early.pk: "El expediente está en «NSS obtenido» y ese paso no procede desde ahí.",
        nowhere.pk: "Falta el registro patronal del plantel.",
        10**9: "Ese expediente no existe.",
    }


def test_asking_twice_is_one_movement(authority, case_in):
    case = case_in(State.ACUSE_ENTREGADO)
    ask_for([case])

    assert "ya está en camino" in ask_for([case]).skipped[case.pk]
    chase(TODAY, at(TODAY), budget_seconds=5)
    assert len(authority.asked) == 1


def test_what_imss_refuses_is_shown_and_asked_for_again_under_another_key(authority, case_in, the_errand):
    case = case_in(State.ACUSE_ENTREGADO)
    ask_for([case])
    authority.behave = refuses("REGISTRO_PATRONAL_INVALIDO")
    chase(TODAY, at(TODAY), budget_seconds=5)
    refused = the_errand(case)
    assert (refused.status, refused.message) == (Errand.Status.PARKED, "Texto del IMSS.")

    authority.behave = well
    assert ask_for([case]).done == [case.pk]
    chase(TODAY, at(TODAY), budget_seconds=5)

    again = the_errand(case)
    assert again.key != refused.key
    assert again.received_on == TODAY
    assert Errand.objects.get(pk=refused.pk).status == Errand.Status.DONE


def test_what_is_in_doubt_goes_on_under_its_own_key(authority, case_in, the_errand):
    case = case_in(State.ACUSE_ENTREGADO)
    ask_for([case])
    Errand.objects.update(status=Errand.Status.PARKED, in_doubt=True, strikes=6)
    key = the_errand(case).key

    assert ask_for([case]).done == [case.pk]

    errand = the_errand(case)
    assert (errand.key, errand.status, errand.in_doubt, errand.strikes) == (key, Errand.Status.OPEN, True, 0)


def test_a_movement_never_changes_once_it_may_have_been_sent(authority, case_in, the_errand):
    case = case_in(State.ACUSE_ENTREGADO)
    ask_for([case])
    chase(TODAY, at(TODAY), budget_seconds=5)

    changes: list[dict[str, Any]] = [{"movement": {}}, {"key": "00000000-0000-0000-0000-000000000001"}]
    for change in changes:
        with pytest.raises(IntegrityError, match="a movement never changes"), transaction.atomic():
            Errand.objects.update(**change)


def corrects_the_nss(case, act):
    verbs.correct_nss({case.pk: "03230500013"}, **act, reason="Era de su madre", evidence=PROOF)
    verbs.deliver_acuse([case.pk], **act)
    return {"nss": "03230500013"}


def corrects_the_curp(case, act):
    correct_person({case.pk: {"curp": "PECB080503HGRXRGA5"}}, **act, reason="RENAPO", evidence=PROOF)
    return {"curp": "PECB080503HGRXRGA5"}


@pytest.mark.parametrize("correct", [corrects_the_nss, corrects_the_curp])
def test_other_data_after_the_first_try_is_another_movement(authority, quick, case_in, correct):
    """The movement was fixed for data that were then corrected; IMSS had surely not taken it."""
    case = case_in(State.ACUSE_ENTREGADO)
    ask_for([case])
    authority.behave = refuses("x", 429)
    chase(TODAY, at(TODAY), budget_seconds=2.0)
    fixed = Errand.objects.get(case=case, kind="send_alta")
    right = correct(case, {"on": TODAY, "act": Act(NIGHT, at(TODAY))})

    authority.behave = well
    Errand.objects.update(next_at=at(dt.date(2026, 1, 1)))
    ConnectionState.objects.update(quiet_until=None)
    chase(TODAY, at(TODAY), budget_seconds=5)

    replaced, sent = Errand.objects.filter(case=case, kind="send_alta").order_by("pk")
    assert (replaced.pk, replaced.movement, replaced.status) == (fixed.pk, fixed.movement, Errand.Status.DONE)
    assert fixed.movement
    assert (sent.movement, sent.requested_at) == ({**fixed.movement, **right, "key": str(sent.key)}, fixed.requested_at)
    assert sent.received_on == TODAY
    asked = [body for path, body in authority.asked if path.endswith("movimientos")][-1]
    assert asked == asked | right


def test_an_alta_no_longer_wanted_is_set_aside(authority, case_in, the_errand):
    case = case_in(State.ACUSE_ENTREGADO)
    ask_for([case])
    verbs.leave([case.pk], BajaKind.DESERCION, on=TODAY, act=Act(NIGHT, at(TODAY)))

    assert plan(TODAY, at(TODAY)).closed == 1
    chase(TODAY, at(TODAY), budget_seconds=5)

    assert the_errand(case).status == Errand.Status.DONE
    assert authority.asked == []


def test_a_baja_is_sent_only_where_imss_holds_our_alta(authority, case_in):
    owed, not_owed = case_in(State.VIGENTE), case_in(State.ACUSE_ENTREGADO)
    verbs.leave([owed.pk, not_owed.pk], BajaKind.DEFINITIVA, on=TODAY, act=Act(NIGHT, at(TODAY)))

    outcome = ask_for([owed, not_owed], request_bajas)

    assert (outcome.done, outcome.skipped) == ([owed.pk], {not_owed.pk: "El IMSS no tiene un alta nuestra pendiente de baja."})
    chase(TODAY, at(TODAY), budget_seconds=5)
    assert (authority.asked[0][1]["tipo_movimiento"], authority.asked[0][1]["causa_baja"]) == ("02", "2")


def sent(authority):
    return {body["tipo_movimiento"]: body["registro_patronal"] for path, body in authority.asked if path.endswith("movimientos")}


@pytest.mark.parametrize(("days", "registro"), [(-1, "C0355512321"), (0, "C0355512321"), (1, "A0112345321")])
def test_an_alta_goes_under_the_registro_in_force_on_the_day_it_is_requested(authority, case_in, plantel, days, registro):
    add_registro(plantel, "C0355512321", TODAY + dt.timedelta(days=days))
    ask_for([case_in(State.ACUSE_ENTREGADO)])
    chase(TODAY, at(TODAY), budget_seconds=5)
    assert sent(authority) == {"08": registro}


@pytest.mark.parametrize("known", [True, False])
def test_a_baja_goes_under_the_registro_of_its_alta(authority, case_in, plantel, known):
    """The cover remembers it, whatever Ajustes says by then."""
    case = case_in(State.VIGENTE)
    if not known:
        plantel.registros.all().delete()
    add_registro(plantel, "C0355512321", BEFORE + dt.timedelta(days=1))
    verbs.leave([case.pk], BajaKind.EGRESO, on=TODAY, act=Act(NIGHT, at(TODAY)))
    assert ask_for([case], request_bajas).done == [case.pk]
    chase(TODAY, at(TODAY), budget_seconds=5)
    assert sent(authority) == {"02": "A0112345321"}


def test_a_plantel_whose_first_registro_begins_later_sends_nothing_before(authority, case_in, other_plantel):
    other_plantel.registros.all().delete()
    add_registro(other_plantel, "C0355512321", TODAY + dt.timedelta(days=1))
    case = case_in(State.ACUSE_ENTREGADO, plantel=other_plantel)
    assert ask_for([case]).skipped == {case.pk: "Falta el registro patronal del plantel."}


def test_the_baja_of_a_renuncia_has_its_own_cause(authority, case_in):
    case = case_in(State.VIGENTE)
    verbs.renounce([case.pk], on=TODAY, act=Act(NIGHT, at(TODAY)), tutor="Ángela Núñez")
    ask_for([case], request_bajas)
    chase(TODAY, at(TODAY), budget_seconds=5)

    assert authority.asked[0][1]["causa_baja"] == "2"
    case.refresh_from_db()
    assert case.baja_sent_on == TODAY


def test_without_a_line_to_imss_nothing_is_asked_and_the_officer_is_told(case_in, settings):
    settings.IMSS_URL = ""
    ready, waiting = case_in(State.ACUSE_ENTREGADO), case_in(State.SIN_NSS)

    outcome = ask_for([ready])
    planned, report = plan(TODAY, at(TODAY)), chase(TODAY, at(TODAY), budget_seconds=5)

    assert outcome.done == []
    assert "IDSE" in outcome.skipped[ready.pk]
    assert (planned.opened, report.asked) == ({}, 0)
    assert not Errand.objects.exists()
    assert waiting.events.count() == 1


@pytest.mark.parametrize(("text", "umf"), [("UMF 5", "005"), ("012", "012"), ("UMF No. 37, Iguala", "037"), ("", ""), ("Unidad 12345", "")])
def test_a_umf_as_a_movement_carries_it(text, umf):
    assert three_digits(text) == umf


@pytest.mark.parametrize(("kind", "causa"), [(BajaKind.DEFUNCION, "4"), (BajaKind.EGRESO, "1"), (BajaKind.DESERCION, "3")])
def test_imss_is_told_of_a_baja_with_the_cause_of_its_kind(authority, case_in, kind, causa):
    case = case_in(State.VIGENTE)
    verbs.leave([case.pk], kind, on=TODAY, act=Act(NIGHT, at(TODAY)))
    ask_for([case], request_bajas)
    chase(TODAY, at(TODAY), budget_seconds=5)
    assert (authority.asked[0][1]["tipo_movimiento"], authority.asked[0][1]["causa_baja"]) == ("02", causa)


def test_a_baja_taken_back_before_it_was_sent_is_not_sent(authority, case_in):
    case = case_in(State.VIGENTE)
    verbs.leave([case.pk], BajaKind.EGRESO, on=TODAY, act=Act(NIGHT, at(TODAY)))
    assert ask_for([case], request_bajas).done == [case.pk]
    assert undo_leave([case.pk], on=TODAY, reason="Por error", act=Act(NIGHT, at(TODAY))).done == [case.pk]
    assert chase(TODAY, at(TODAY), budget_seconds=5).steps == {}
    assert authority.asked == []
    case.refresh_from_db()
    assert case.state == State.VIGENTE


def test_every_kind_of_baja_has_its_cause():
    assert set(BajaCause.objects.values_list("reason", flat=True)) == {*BajaKind.values, BajaCause.RENUNCIA} - {BajaKind.DESHECHA}
