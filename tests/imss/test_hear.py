"""What an answer means, as a table: state of the case, days left, answer -> step."""

import datetime as dt

import pytest

from afiliacion.cases.models import Case
from afiliacion.cases.states import Coverage, State, Verb
from afiliacion.imss.hear import Asked, Then, step
from afiliacion.imss.models import Errand, KnownRefusal
from afiliacion.imss.port import Fate, MovementAnswer, NssAnswer, Raw, Refused, TimedOut, UnknownMovement, VigenciaAnswer, WrongPerson
from students.models import Plantel

TODAY = dt.date(2026, 9, 10)
RAW = Raw(200, "application/json", b"{}")
OURS, OTHER_SCHOOL, JOB, ODD = "A0112345321", "B0298765329", "Y5498765108", "32"
REFUSALS = {
    "ESPERE": KnownRefusal(code="ESPERE", do="wait"),
    "VAYA": KnownRefusal(code="VAYA", do="escalate"),
    "VEA": KnownRefusal(code="VEA"),
}


def asked(kind, state, *, due_in=5, coverage=Coverage.NONE, received=None):
    plantel = Plantel(registro_patronal="A01-12345-32-1")
    case = Case(pk=1, state=state, due_on=TODAY + dt.timedelta(days=due_in), coverage=coverage, plantel=plantel)
    return Asked(Errand(kind=kind, received_on=received, case=case), case, TODAY)


def si(registro="", on=TODAY):
    return VigenciaAnswer(insured=True, registro_patronal=registro, umf="005", on=on, raw=RAW)


NO = VigenciaAnswer(insured=False, registro_patronal="", umf="", on=TODAY, raw=RAW)


def act_of(told):
    assert told.act
    return told.act


CHECK = Errand.Kind.CHECK_VIGENCIA
NOTHING = None


@pytest.mark.parametrize(
    ("state", "due_in", "known", "answer", "verb", "coverage"),
    [
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(OURS), Verb.CONFIRM_VIGENCIA, None),
        (State.ALTA_ENVIADA, -5, Coverage.NONE, si(OURS), Verb.CONFIRM_VIGENCIA, None),
        (State.SIN_VIGENCIA, -5, Coverage.NONE, si(OURS), Verb.CONFIRM_VIGENCIA, None),
        (State.VIGENTE, 0, Coverage.OURS, si(OURS), Verb.CONFIRM_VIGENCIA, None),
        # A NO counts when the weeks are over, not on the very last day, and when it was SI before.
        (State.ALTA_ENVIADA, 5, Coverage.NONE, NO, NOTHING, None),
        (State.ALTA_ENVIADA, 0, Coverage.NONE, NO, NOTHING, None),
        (State.ALTA_ENVIADA, -1, Coverage.NONE, NO, Verb.MISS_VIGENCIA, Coverage.NONE),
        (State.VIGENTE, 50, Coverage.OURS, NO, Verb.MISS_VIGENCIA, Coverage.NONE),
        (State.SIN_VIGENCIA, -1, Coverage.NONE, NO, NOTHING, None),
        # SI through somebody else: noted once; when the weeks are over it is no vigencia of ours.
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(OTHER_SCHOOL), Verb.NOTE_COVERAGE, Coverage.OTHER_SCHOOL),
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(JOB), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(ODD), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.ALTA_ENVIADA, 5, Coverage.NONE, si(), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.ALTA_ENVIADA, 5, Coverage.OTHER, si(JOB), NOTHING, None),
        (State.ALTA_ENVIADA, -1, Coverage.OTHER, si(JOB), Verb.MISS_VIGENCIA, Coverage.OTHER),
        (State.VIGENTE, 0, Coverage.OURS, si(JOB), Verb.NOTE_COVERAGE, Coverage.OTHER),
        (State.VIGENTE, 0, Coverage.OTHER, si(JOB), Verb.NOTE_COVERAGE, Coverage.OTHER),
    ],
)
def test_vigencia(state, due_in, known, answer, verb, coverage):
    told = step(asked(CHECK, state, due_in=due_in, coverage=known), answer, REFUSALS)

    assert told.then is Then.LATER
    assert (told.act and told.act.verb) == verb
    if told.act:
        assert told.act.proof is RAW
        assert told.act.data.get("coverage") == coverage


def test_a_held_clock_never_runs_out():
    held = asked(CHECK, State.ALTA_ENVIADA)
    held.case.due_on = None
    assert step(held, NO, REFUSALS).act is None


def test_the_umf_is_kept_as_people_write_it():
    assert act_of(step(asked(CHECK, State.ALTA_ENVIADA), si(OURS), REFUSALS)).data == {"umf": "UMF 5"}


def test_a_date_ahead_of_ours_is_today():
    ahead = si(OURS, on=TODAY + dt.timedelta(days=3))
    assert act_of(step(asked(CHECK, State.ALTA_ENVIADA), ahead, REFUSALS)).on == TODAY


def movement(fate, **more):
    return MovementAnswer(fate, "100", "R", dt.date(2026, 9, 8), RAW, **more)


@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize(("kind", "verb"), [(Errand.Kind.SEND_ALTA, Verb.SEND_ALTA), (Errand.Kind.SEND_BAJA, Verb.SEND_BAJA)])
def test_what_imss_has_is_first_of_all_received(fate, kind, verb):
    told = step(asked(kind, State.ACUSE_ENTREGADO), movement(fate), REFUSALS)
    assert (told.then, act_of(told).verb, act_of(told).on) == (Then.LATER, verb, dt.date(2026, 9, 8))
    assert told.receipt == movement(fate)


REJECTED = movement(Fate.REJECTED, resolved_on=dt.date(2026, 9, 9), code="33", message="No coincide.", register_name="OTRO NOMBRE")


@pytest.mark.parametrize(
    ("kind", "answer", "then", "verb"),
    [
        (Errand.Kind.SEND_ALTA, movement(Fate.RECEIVED), Then.LATER, None),
        (Errand.Kind.SEND_ALTA, movement(Fate.OPERATED), Then.DONE, None),
        (Errand.Kind.SEND_ALTA, REJECTED, Then.DONE, Verb.REJECT_ALTA),
        (Errand.Kind.SEND_BAJA, movement(Fate.RECEIVED), Then.LATER, None),
        (Errand.Kind.SEND_BAJA, movement(Fate.OPERATED), Then.DONE, Verb.OPERATE_BAJA),
        (Errand.Kind.SEND_BAJA, REJECTED, Then.PARK, None),
    ],
)
def test_what_becomes_of_a_movement(kind, answer, then, verb):
    told = step(asked(kind, State.ALTA_ENVIADA, received=dt.date(2026, 9, 8)), answer, REFUSALS)
    assert (told.then, told.act and told.act.verb) == (then, verb)


def test_a_rejection_is_told_as_received():
    told = step(asked(Errand.Kind.SEND_ALTA, State.ALTA_ENVIADA, received=TODAY), REJECTED, REFUSALS)
    assert act_of(told).data == {"code": "33", "text": "No coincide.", "register_name": "OTRO NOMBRE"}
    assert (act_of(told).on, act_of(told).reason) == (dt.date(2026, 9, 9), "33: No coincide.")


@pytest.mark.parametrize(
    ("code", "then", "verb"),
    [("ESPERE", Then.LATER, None), ("VAYA", Then.LATER, Verb.ESCALATE), ("VEA", Then.PARK, None), ("NADIE_LO_CONOCE", Then.PARK, None)],
)
def test_a_refusal_is_looked_up_in_the_offices_table(code, then, verb):
    told = step(asked(Errand.Kind.LOCATE_NSS, State.SIN_NSS), Refused(code, "Vaya.", RAW), REFUSALS)
    assert (told.then, told.act and told.act.verb, told.code, told.message) == (then, verb, code, "Vaya.")


def test_a_movement_that_never_arrived_and_is_not_wanted_is_no_trouble():
    never = UnknownMovement("MOVIMIENTO_DESCONOCIDO", "No.", RAW)
    assert step(asked(Errand.Kind.SEND_ALTA, State.BAJA), never, REFUSALS).then is Then.DONE
    assert step(asked(Errand.Kind.SEND_ALTA, State.ALTA_ENVIADA, received=TODAY), never, REFUSALS).then is Then.PARK


@pytest.mark.parametrize(("error", "verdict"), [(TimedOut("x"), "unreadable"), (WrongPerson("x", RAW), "quarantined")])
def test_no_answer_is_asked_again(error, verdict):
    told = step(asked(CHECK, State.ALTA_ENVIADA), error, REFUSALS)
    assert (told.then, told.act, told.verdict) == (Then.RETRY, None, verdict)


def test_an_assigned_nss_and_a_located_one_read_differently():
    told = [step(asked(Errand.Kind.LOCATE_NSS, State.SIN_NSS), NssAnswer("1", new, "f", TODAY, RAW), {}).message for new in (True, False)]
    assert told == ["El IMSS asignó un NSS nuevo.", "El IMSS localizó el NSS."]
