"""Covered by another (a job, the family, another institute): a case rests, no one is late, and it goes on the day the cover is lost."""

import datetime as dt

import pytest
from aiohttp import web

from afiliacion.cases import upkeep, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import differences
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.queries import overdue
from afiliacion.cases.states import Coverage, State, Turn
from afiliacion.imss.models import Errand
from afiliacion.imss.queue.movements import request_altas
from tests.imss.authority import GOOD
from tests.imss.conftest import PROOF, at

pytestmark = pytest.mark.django_db(transaction=True)

NOTED = dt.date(2026, 9, 20)
LOST = NOTED + dt.timedelta(100)
RESTING = [State.ALTA_ENVIADA, State.SIN_VIGENCIA, State.EN_SUBDELEGACION, State.VIGENTE]
JOB, OTHER_SCHOOL = "Y5412345105", "B0298765329"


def answers(registro, day):
    """IMSS says SI under this registro patronal, or NO for none."""

    async def behave(request, asked):
        part = request.path.removeprefix("/api/v1/").split("/")[0]
        if part != "vigencia":
            return web.json_response(GOOD[part](asked))
        said = {"folio": "1", "fecha_constancia": day.isoformat(), "curp": asked["curp"], "nss": asked["nss"]}
        covered = {"con_derecho": "SI", "registro_patronal": registro, "umf": "005"}
        return web.json_response(said | (covered if registro else {"con_derecho": "NO"}))

    return behave


def bring(case, state):
    """A case that was sent its alta goes on to where it may rest."""
    act, told = Act(NIGHT, at(dt.date(2026, 9, 18))), {case.pk: Happening(dt.date(2026, 9, 18), {}, PROOF, "Prueba")}
    if state is State.VIGENTE:
        verbs.confirm_vigencia(told, act=act)
    elif state is State.SIN_VIGENCIA:
        verbs.miss_vigencia(told, act=act)
    elif state is State.EN_SUBDELEGACION:
        verbs.escalate(told, act=act)
    case.refresh_from_db()
    assert case.state == state
    return case


@pytest.fixture
def resting(authority, quick, case_in):
    """A case in a state whose cover by a job an officer notes, or IMSS."""

    def make(state):
        case = bring(case_in(State.ALTA_ENVIADA), state)
        answer = (Coverage.OTHER, Happening(NOTED, reason="Trabaja"))
        assert verbs.note_coverage({case.pk: answer}, act=Act(NIGHT, at(NOTED))).done == [case.pk]
        case.refresh_from_db()
        return case

    return make


@pytest.mark.parametrize("state", RESTING)
def test_nobody_has_the_turn_and_nothing_is_late_however_long_it_lasts(authority, night, resting, state):
    case = resting(state)
    where = State.ALTA_ENVIADA if state is State.VIGENTE else state
    assert (case.state, case.turn, case.vigencia_on) == (where, Turn.NADIE, None)
    day = NOTED
    while day < NOTED + dt.timedelta(200):
        day += dt.timedelta(5)
        authority.behave = answers(JOB, day)
        night(day)
        assert not overdue(Case.objects.all(), day).exists()
        assert upkeep.alert_overdue(day, act=Act(NIGHT, at(day))).done == []
    case.refresh_from_db()
    assert (case.state, case.turn, case.coverage) == (where, Turn.NADIE, Coverage.OTHER)
    # Every three months, not every two days.
    assert Errand.objects.filter(kind=Errand.Kind.CHECK_VIGENCIA).count() == 2
    assert list(differences()) == []


@pytest.mark.parametrize("state", RESTING)
def test_the_day_it_is_lost_it_goes_on_with_a_clock_of_that_day(authority, night, resting, state):
    case = resting(state)
    authority.behave = answers("", LOST)
    night(LOST)
    case.refresh_from_db()
    assert (case.coverage, case.cover_lost_on) == (Coverage.NONE, LOST)
    assert case.turn != Turn.NADIE
    assert case.due_on > LOST
    assert list(differences()) == []


@pytest.mark.parametrize("state", RESTING)
def test_si_under_ours_confirms_as_always(authority, night, resting, plantel, state):
    case = resting(state)
    authority.behave = answers(plantel.registros.get().registro, LOST)
    night(LOST)
    case.refresh_from_db()
    assert (case.state, case.coverage) == (State.VIGENTE, Coverage.OURS)


def test_imss_itself_puts_a_vigente_case_to_rest(authority, quick, case_in, night):
    case = case_in(State.VIGENTE)
    authority.behave = answers(JOB, case.due_on)
    night(case.due_on)
    case.refresh_from_db()
    assert (case.state, case.turn, case.vigencia_on, case.reached) == (State.ALTA_ENVIADA, Turn.NADIE, None, 3)


def test_when_the_weeks_are_over_cover_by_a_job_is_no_miss(authority, quick, case_in, night):
    case = case_in(State.ALTA_ENVIADA)
    authority.behave = answers(JOB, NOTED)
    night(NOTED)
    case.refresh_from_db()
    assert (case.state, case.turn, case.events.latest("seq").verb) == (State.ALTA_ENVIADA, Turn.NADIE, "note_coverage")


def test_no_alta_is_sent_again_meanwhile(resting):
    case = resting(State.SIN_VIGENCIA)
    act = Act(NIGHT, at(NOTED))
    assert "otra cobertura" in request_altas([case.pk], act=act).skipped[case.pk]
    verbs.note_coverage({case.pk: (Coverage.NONE, Happening(NOTED))}, act=act)
    assert request_altas([case.pk], act=act).done == [case.pk]


def test_an_alta_on_its_way_is_called_off(resting, night, the_errand):
    case = resting(State.SIN_VIGENCIA)
    act = Act(NIGHT, at(NOTED))
    verbs.note_coverage({case.pk: (Coverage.NONE, Happening(NOTED))}, act=act)
    request_altas([case.pk], act=act)
    verbs.note_coverage({case.pk: (Coverage.OTHER, Happening(NOTED))}, act=act)
    night(NOTED)
    assert (the_errand(case).status, the_errand(case).received_on) == (Errand.Status.DONE, None)


def test_another_schools_cover_makes_no_one_late(authority, quick, case_in, night):
    case = case_in(State.ALTA_ENVIADA)
    day = NOTED
    while day < NOTED + dt.timedelta(200):
        authority.behave = answers(OTHER_SCHOOL, day)
        night(day)
        assert not overdue(Case.objects.all(), day).exists()
        assert upkeep.alert_overdue(day, act=Act(NIGHT, at(day))).done == []
        day += dt.timedelta(5)
    case.refresh_from_db()
    assert (case.state, case.turn, case.coverage) == (State.SIN_VIGENCIA, Turn.ESCUELA, Coverage.OTHER_SCHOOL)
    authority.behave = answers("", day + dt.timedelta(7))
    night(day + dt.timedelta(7))
    case.refresh_from_db()
    assert (case.coverage, case.turn) == (Coverage.NONE, Turn.ESCUELA)
    assert case.due_on > day
