"""What an answer means, as a table: state of the case, days left, answer -> meaning."""

import datetime as dt

import pytest

from afiliacion.cases.models import Case
from afiliacion.cases.states import Coverage, State, Verb
from afiliacion.imss.chase.interpret import AskedErrand, NextAction, interpret
from afiliacion.imss.client.port import (
    ImssRefusal,
    MovementAnswer,
    MovementStatus,
    NssAnswer,
    RawAnswer,
    TimedOut,
    UnknownMovement,
    VigenciaAnswer,
    WrongPerson,
)
from afiliacion.imss.models import Errand, KnownRefusal
from students.registros import Registros

TODAY = dt.date(2026, 9, 10)
RAW = RawAnswer(200, "application/json", b"{}")
OURS, NEWER, OTHER_SCHOOL, JOB, ODD = "A0112345321", "C0355512321", "B0298765329", "Y5498765108", "32"
REFUSALS = {
    "ESPERE": KnownRefusal(code="ESPERE", do="wait"),
    "VAYA": KnownRefusal(code="VAYA", do="escalate"),
    "VEA": KnownRefusal(code="VEA"),
}


def asked(kind, state, *, due_in=5, coverage=Coverage.NONE, received=None):
    case = Case(pk=1, state=state, due_on=TODAY + dt.timedelta(days=due_in), coverage=coverage, plantel_id=7)
    registros = Registros([(7, "A01-12345-32-1", None), (7, NEWER, TODAY), (8, OTHER_SCHOOL, None)])
    return AskedErrand(Errand(kind=kind, received_on=received, case=case), case, TODAY, registros.ever(7))


def si(registro="", on=TODAY):
    return VigenciaAnswer(insured=True, registro_patronal=registro, umf="005", on=on, raw=RAW)


NO = VigenciaAnswer(insured=False, registro_patronal="", umf="", on=TODAY, raw=RAW)


def call_of(meaning):
    assert meaning.verb_call
    return meaning.verb_call


CHECK = Errand.Kind.CHECK_VIGENCIA


@pytest.mark.parametrize(("due_in", "verb"), [(5, None), (-5, Verb.MISS_VIGENCIA)])
def test_a_si_under_the_registro_whose_baja_is_owed_proves_nothing_of_the_alta_under_the_new_one(due_in, verb):
    question = asked(CHECK, State.ALTA_ENVIADA, due_in=due_in)
    question.case.registro, question.case.former_owed_on = NEWER, TODAY
    meaning = interpret(question, si(OURS), REFUSALS)
    assert (meaning.verb_call and meaning.verb_call.verb) == verb
    assert call_of(interpret(question, si(NEWER), REFUSALS)).verb is Verb.CONFIRM_VIGENCIA


NOTHING = None
#: Where a case rests with another cover, vigente apart: then the vigencia through us has ended (facts.py).
AT_REST = (State.ALTA_ENVIADA, State.SIN_VIGENCIA, State.EN_SUBDELEGACION)


@pytest.mark.parametrize(
    ("state", "due_in", "known", "answer", "verb", "coverage"),
    [
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(OURS), Verb.CONFIRM_VIGENCIA, None),
        (State.ALTA_ENVIADA, -5, Coverage.NONE, si(OURS), Verb.CONFIRM_VIGENCIA, None),
        (State.SIN_VIGENCIA, -5, Coverage.NONE, si(OURS), Verb.CONFIRM_VIGENCIA, None),
        (State.VIGENTE, 0, Coverage.OURS, si(OURS), Verb.CONFIRM_VIGENCIA, None),
        # Ours is every registro the plantel has or had, also where it is printed without its check digit.
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(NEWER), Verb.CONFIRM_VIGENCIA, None),
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(OURS[:10]), Verb.CONFIRM_VIGENCIA, None),
        # A NO counts when the weeks are over, not on the very last day, and when it was SI before.
        (State.ALTA_ENVIADA, 5, Coverage.NONE, NO, NOTHING, None),
        (State.ALTA_ENVIADA, 0, Coverage.NONE, NO, NOTHING, None),
        (State.ALTA_ENVIADA, -1, Coverage.NONE, NO, Verb.MISS_VIGENCIA, Coverage.NONE),
        (State.VIGENTE, 50, Coverage.OURS, NO, Verb.MISS_VIGENCIA, Coverage.NONE),
        (State.SIN_VIGENCIA, -1, Coverage.NONE, NO, NOTHING, None),
        # SI through another: noted once. It is no vigencia of ours, and no one is late by it: a case with another cover rests.
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(OTHER_SCHOOL), Verb.NOTE_COVERAGE, Coverage.OTHER_SCHOOL),
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(JOB), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(ODD), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.ALTA_ENVIADA, 5, Coverage.OTHER, si(JOB), NOTHING, None),
        (State.ALTA_ENVIADA, -1, Coverage.NONE, si(JOB), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.SIN_VIGENCIA, -9, Coverage.NONE, si(JOB), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.EN_SUBDELEGACION, -9, Coverage.NONE, si(JOB), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.VIGENTE, 0, Coverage.OURS, si(JOB), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.VIGENTE, 0, Coverage.OTHER, si(JOB), Verb.NOTE_COVERAGE, Coverage.OTHER),
        # At rest it is asked again when its clock says so; each time the clock begins anew.
        *((state, due_in, Coverage.OTHER, si(JOB), Verb.NOTE_COVERAGE, Coverage.OTHER) for state in AT_REST for due_in in (0, -1)),
        *((state, 5, Coverage.OTHER, si(JOB), NOTHING, None) for state in AT_REST),
        # The day it is lost, it goes on; and ours, when it is ours.
        *((state, due_in, Coverage.OTHER, NO, Verb.NOTE_COVERAGE, Coverage.NONE) for state in AT_REST for due_in in (5, -5)),
        *((state, -5, Coverage.OTHER, si(OURS), Verb.CONFIRM_VIGENCIA, None) for state in AT_REST),
        # Another school's cover ends the weeks as it did, and then makes no one late: it is asked again by the same clock.
        (State.ALTA_ENVIADA, -1, Coverage.OTHER_SCHOOL, si(OTHER_SCHOOL), Verb.MISS_VIGENCIA, Coverage.OTHER_SCHOOL),
        (State.SIN_VIGENCIA, 5, Coverage.OTHER_SCHOOL, si(OTHER_SCHOOL), NOTHING, None),
        (State.SIN_VIGENCIA, 0, Coverage.OTHER_SCHOOL, si(OTHER_SCHOOL), Verb.NOTE_COVERAGE, Coverage.OTHER_SCHOOL),
        (State.SIN_VIGENCIA, 5, Coverage.OTHER_SCHOOL, NO, Verb.NOTE_COVERAGE, Coverage.NONE),
    ],
)
def test_vigencia(state, due_in, known, answer, verb, coverage):
    meaning = interpret(asked(CHECK, state, due_in=due_in, coverage=known), answer, REFUSALS)

    assert meaning.action is NextAction.LATER
    assert (meaning.verb_call and meaning.verb_call.verb) == verb
    if meaning.verb_call:
        assert meaning.verb_call.proof is RAW
        assert meaning.verb_call.data.get("coverage") == coverage


def test_a_held_clock_never_runs_out():
    held = asked(CHECK, State.ALTA_ENVIADA)
    held.case.due_on = None
    assert interpret(held, NO, REFUSALS).verb_call is None


def test_the_umf_is_kept_as_people_write_it():
    assert call_of(interpret(asked(CHECK, State.ALTA_ENVIADA), si(OURS), REFUSALS)).data == {"umf": "UMF 5", "registro": OURS}


def test_a_date_ahead_of_ours_is_today():
    ahead = si(OURS, on=TODAY + dt.timedelta(days=3))
    assert call_of(interpret(asked(CHECK, State.ALTA_ENVIADA), ahead, REFUSALS)).on == TODAY


def movement(status, **more):
    return MovementAnswer(status, "100", "R", dt.date(2026, 9, 8), RAW, **more)


@pytest.mark.parametrize("status", MovementStatus)
@pytest.mark.parametrize(("kind", "verb"), [(Errand.Kind.SEND_ALTA, Verb.SEND_ALTA), (Errand.Kind.SEND_BAJA, Verb.SEND_BAJA)])
def test_what_imss_has_is_first_of_all_received(status, kind, verb):
    meaning = interpret(asked(kind, State.ACUSE_ENTREGADO), movement(status), REFUSALS)
    assert (meaning.action, call_of(meaning).verb, call_of(meaning).on) == (NextAction.LATER, verb, dt.date(2026, 9, 8))
    assert meaning.receipt == movement(status)


REJECTED = movement(
    MovementStatus.REJECTED, resolved_on=dt.date(2026, 9, 9), code="33", message="No coincide.", register_name="OTRO NOMBRE"
)


@pytest.mark.parametrize(
    ("kind", "answer", "action", "verb"),
    [
        (Errand.Kind.SEND_ALTA, movement(MovementStatus.RECEIVED), NextAction.LATER, None),
        (Errand.Kind.SEND_ALTA, movement(MovementStatus.OPERATED), NextAction.DONE, None),
        (Errand.Kind.SEND_ALTA, REJECTED, NextAction.DONE, Verb.REJECT_ALTA),
        (Errand.Kind.SEND_BAJA, movement(MovementStatus.RECEIVED), NextAction.LATER, None),
        (Errand.Kind.SEND_BAJA, movement(MovementStatus.OPERATED), NextAction.DONE, Verb.OPERATE_BAJA),
        (Errand.Kind.SEND_BAJA, REJECTED, NextAction.PARK, Verb.REJECT_BAJA),
    ],
)
def test_what_becomes_of_a_movement(kind, answer, action, verb):
    meaning = interpret(asked(kind, State.ALTA_ENVIADA, received=dt.date(2026, 9, 8)), answer, REFUSALS)
    assert (meaning.action, meaning.verb_call and meaning.verb_call.verb) == (action, verb)


def test_a_rejection_is_told_as_received():
    meaning = interpret(asked(Errand.Kind.SEND_ALTA, State.ALTA_ENVIADA, received=TODAY), REJECTED, REFUSALS)
    assert call_of(meaning).data == {"code": "33", "text": "No coincide.", "register_name": "OTRO NOMBRE"}
    assert (call_of(meaning).on, call_of(meaning).reason) == (dt.date(2026, 9, 9), "33: No coincide.")


def test_a_rejection_says_nothing_about_the_cover_by_another():
    at_rest = asked(Errand.Kind.SEND_ALTA, State.ALTA_ENVIADA, received=TODAY, coverage=Coverage.OTHER)
    assert call_of(interpret(at_rest, REJECTED, REFUSALS)).data.get("coverage") == Coverage.OTHER


@pytest.mark.parametrize(
    ("code", "action", "verb"),
    [
        ("ESPERE", NextAction.LATER, None),
        ("VAYA", NextAction.LATER, Verb.ESCALATE),
        ("VEA", NextAction.PARK, None),
        ("NADIE_LO_CONOCE", NextAction.PARK, None),
    ],
)
def test_a_refusal_is_looked_up_in_the_offices_table(code, action, verb):
    meaning = interpret(asked(Errand.Kind.LOCATE_NSS, State.SIN_NSS), ImssRefusal(code, "Vaya.", RAW), REFUSALS)
    assert (meaning.action, meaning.verb_call and meaning.verb_call.verb, meaning.code, meaning.message) == (action, verb, code, "Vaya.")


def test_whether_a_movement_that_never_arrived_is_sent_is_decided_anew():
    never = UnknownMovement("MOVIMIENTO_DESCONOCIDO", "No.", RAW)
    assert interpret(asked(Errand.Kind.SEND_ALTA, State.BAJA), never, REFUSALS).action is NextAction.ANEW
    assert interpret(asked(Errand.Kind.SEND_ALTA, State.ALTA_ENVIADA, received=TODAY), never, REFUSALS).action is NextAction.PARK


@pytest.mark.parametrize(("error", "verdict"), [(TimedOut("x"), "unreadable"), (WrongPerson("x", RAW), "quarantined")])
def test_no_answer_is_asked_again(error, verdict):
    meaning = interpret(asked(CHECK, State.ALTA_ENVIADA), error, REFUSALS)
    assert (meaning.action, meaning.verb_call, meaning.verdict) == (NextAction.RETRY, None, verdict)


def test_an_assigned_nss_and_a_located_one_read_differently():
    meaning = [
        interpret(asked(Errand.Kind.LOCATE_NSS, State.SIN_NSS), NssAnswer("1", new, "f", TODAY, RAW), {}).message for new in (True, False)
    ]
    assert meaning == ["El IMSS asignó un NSS nuevo.", "El IMSS localizó el NSS."]
