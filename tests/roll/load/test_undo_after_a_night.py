"""A list is undone the morning after: people's steps and movements block it, what the night did by itself does not."""

import datetime as dt
from typing import cast

import pytest

from afiliacion.cases import decisions, verbs
from afiliacion.cases.decisions import EnrolmentWay
from afiliacion.cases.facts import Details, Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case, ConsentRequest, Evidence
from afiliacion.cases.outcome import IMSS, NIGHT, Act, Actor, ActorKind
from afiliacion.cases.papers import evidence
from afiliacion.cases.states import BajaKind, Coverage, State, Verb
from afiliacion.cases.upkeep import alert_overdue
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.load.built_upon import AUTOMATIC, SINCE, Since
from afiliacion.roll.models import ImportState
from afiliacion.roll.upload import jobs
from students.models import Ciclo, Student
from tests.imss.authority import nss_of
from tests.roll.conftest import row

pytestmark = pytest.mark.django_db
#: Verbs of the night and of IMSS' answers.
BY_ITSELF = {
    Verb.OBTAIN_NSS, Verb.CONFIRM_VIGENCIA, Verb.MISS_VIGENCIA, Verb.REJECT_ALTA, Verb.ESCALATE, Verb.OPERATE_BAJA, Verb.NOTE_COVERAGE,
    Verb.UNDO_LOAD, Verb.RESCHEDULE, Verb.ALERT,
    Verb.REJECT_BAJA, Verb.OWE_BAJA, Verb.DROP_BAJA, Verb.LOSE_ALTA,
}  # fmt: skip


@pytest.fixture
def undo(now, officer):
    def undo(report, at=now):
        job = report.preview.job
        job.refresh_from_db()
        moved = jobs.undo(job, now=at, by=officer, name="Begoña")
        work.finish(job, JobClock(lambda: at))
        assert [*differences(), *broken_chains()] == []
        return job.state, [(each.matricula, each.what) for each in moved]

    return undo


@pytest.fixture
def morning(now):
    return now + dt.timedelta(days=1)


@pytest.fixture
def proved(now):
    """What IMSS answered of a case, with the answer kept."""

    def proved(case, **data):
        body = b'{"expediente": %d}' % case.pk
        kept = evidence.keep([body], kind=Evidence.Kind.IMSS_ANSWER, media_type="application/json", now=now)[0]
        return {case.pk: Happening(now.date(), cast("Details", data), kept)}

    return proved


def test_every_verb_has_its_row_and_only_what_happens_by_itself_lets_a_list_go():
    assert set(SINCE) == set(Verb)
    assert {verb for verb, since in SINCE.items() if since is not Since.BLOCKS} == BY_ITSELF
    assert {*AUTOMATIC, ActorKind.PERSON, ActorKind.STUDENT, ActorKind.IMPORT} == set(ActorKind)


@pytest.mark.django_db(transaction=True)
def test_an_nss_the_night_located_stays_the_person_s(authority, quick, bring, undo, people, night, now, morning):
    person = people.one()
    report = bring([row(person, "1")])
    night(morning.date())
    assert Case.objects.get().state == State.NSS_OBTENIDO
    assert undo(report, morning) == (ImportState.UNDONE, [])
    case = Case.objects.get()
    assert (case.state, case.baja_kind, case.nss_on, case.turn) == (State.BAJA, BajaKind.DESHECHA, None, "nadie")
    assert Student.objects.get().nss == nss_of(person.curp)


def test_an_nss_that_only_the_list_had_brought_goes_with_it(bring, undo, people):
    one, two = people.one(), people.one()
    assert undo(bring([row(one, "1", nss=two.nss)])) == (ImportState.UNDONE, [])
    assert Student.objects.get().nss is None
    # The list put right is not refused for the number of the wrong one.
    assert bring([row(one, "1", nss=one.nss)]).preview.errors == []
    assert Student.objects.get().nss == one.nss


def test_an_alert_blocks_nothing(bring, undo, people, now, morning):
    report = bring([row(people.one(), "1")])
    # Its clock counts from the day the list was loaded.
    late = morning + dt.timedelta(days=30)
    assert alert_overdue(late.date(), act=Act(NIGHT, late)).done
    assert undo(report, late) == (ImportState.UNDONE, [])


@pytest.mark.parametrize("kind", [ActorKind.PERSON, ActorKind.STUDENT])
def test_the_same_noted_by_a_person_blocks(bring, undo, people, now, kind):
    report = bring([row(people.one(), "1")])
    case = Case.objects.get()
    verbs.note_coverage({case.pk: (Coverage.OTHER, Happening(now.date()))}, act=Act(Actor(kind, "Ana"), now))
    assert undo(report) == (ImportState.DONE, [("1", "Cobertura anotada")])


def test_a_movement_blocks_whoever_sent_it_and_a_night_after_it_does_not_hide_it(bring, undo, people, now, proved):
    person = people.one()
    bring([row(person, "1", nss=person.nss)], "antes.csv")
    case = Case.objects.get()
    verbs.deliver_acuse([case.pk], on=now.date(), act=Act(NIGHT, now))
    report = bring([row(person, "1", estatus="baja temporal")], "luego.csv")
    verbs.rejoin([case.pk], on=now.date(), act=Act(IMSS, now))
    verbs.send_alta({case.pk: {"lote": "1"}}, on=now.date(), act=Act(IMSS, now))
    verbs.confirm_vigencia(proved(case), act=Act(IMSS, now))
    assert undo(report) == (ImportState.DONE, [("1", "Alta enviada al IMSS")])


def test_of_a_case_that_was_there_before_the_answers_are_kept(bring, undo, people, now, proved, today):
    earlier = Ciclo.objects.create(clave="2026-1", starts_on=today.replace(month=2, day=1), ends_on=today.replace(month=7, day=15))
    person = people.one()
    bring([row(person, "1", nss=person.nss, fecha_inscripcion="2026-02-03")], "antes.csv", ciclo=earlier)
    case = Case.objects.get()
    verbs.deliver_acuse([case.pk], on=now.date(), act=Act(NIGHT, now))
    verbs.send_alta({case.pk: {"lote": "1"}}, on=now.date(), act=Act(IMSS, now))
    report = bring([row(person, "1")])
    verbs.confirm_vigencia(proved(case, umf="005"), act=Act(IMSS, now))
    assert undo(report) == (ImportState.UNDONE, [])
    case.refresh_from_db()
    assert (case.state, case.enrolment.ciclo, case.coverage, case.umf) == (State.VIGENTE, earlier, Coverage.OURS, "005")
    assert case.enrolled_on == dt.date(2026, 2, 3)


def test_an_answer_about_what_only_the_list_had_said_is_not_kept(bring, undo, people, now, proved):
    """The list brought the NSS that IMSS then said yes to: without the number there is no vigencia to tell of. It is asked again."""
    person = people.one()
    bring([row(person, "1")], "antes.csv")
    report = bring([row(person, "1", nss=person.nss)], "luego.csv")
    verbs.confirm_vigencia(proved(Case.objects.get()), act=Act(IMSS, now))
    assert undo(report) == (ImportState.UNDONE, [])
    case = Case.objects.get()
    assert (case.state, case.vigencia_on, case.student.nss) == (State.SIN_NSS, None, None)


def test_what_imss_insures_under_us_stays_in_sight_until_its_baja(bring, undo, people, now, proved):
    person = people.one()
    report = bring([row(person, "1", nss=person.nss)])
    verbs.confirm_vigencia(proved(Case.objects.get()), act=Act(IMSS, now))
    assert undo(report) == (ImportState.UNDONE, [])
    case = Case.objects.get()
    assert (case.state, case.baja_kind, case.turn, case.student.nss) == (State.BAJA, BajaKind.DEFINITIVA, "escuela", person.nss)
    assert bring([row(person, "1", nss=person.nss)]).done.rejoined == 1


def test_a_case_that_imss_sent_to_the_desk_is_closed_too(bring, undo, people, now):
    report = bring([row(people.one(), "1")])
    told = Happening(now.date(), {"message": "Acudir a la Subdelegación"}, reason="Acudir a la Subdelegación")
    verbs.escalate({Case.objects.get().pk: told}, act=Act(IMSS, now))
    assert undo(report) == (ImportState.UNDONE, [])
    assert Case.objects.get().baja_kind == BajaKind.DESHECHA


def test_a_list_under_one_that_was_undone_can_be_undone(bring, undo, people, now):
    person = people.one()
    first = bring([row(person, "1")], "antes.csv", now=now)
    second = bring([row(person, "1", nss=person.nss)], "luego.csv", now=now + dt.timedelta(hours=1))
    at = now + dt.timedelta(hours=2)
    assert [undo(report, at) for report in (second, first)] == [(ImportState.UNDONE, [])] * 2


def test_a_list_undone_late_in_the_evening_is_undone_today(bring, undo, people, now):
    """It is tomorrow already by the clock of Greenwich."""
    report = bring([row(people.one(), "1")])
    assert undo(report, now.replace(hour=23, minute=10).astimezone(dt.UTC)) == (ImportState.UNDONE, [])
    assert Case.objects.get().state_since == now.date()


def test_who_was_only_in_an_undone_list_is_a_stranger_once_another_plantel_has_them(
    bring, undo, people, plantel, other_plantel, actor, now
):
    person, ours = people.one(), frozenset({plantel.pk})
    assert undo(bring([row(person, "1")], own=ours)) == (ImportState.UNDONE, [])
    bring([row(person, "7")], plantel=other_plantel, own=frozenset({other_plantel.pk}))
    report = bring([row(person, "2")], own=ours)
    assert (report.preview.counts.known, report.done.asked, report.done.opened) == (0, 1, 0)
    decisions.accept(ConsentRequest.objects.get().pk, EnrolmentWay.SECOND, act=Act(actor, now), also={})
    case = Case.objects.get(plantel=plantel)
    assert (case.state, case.enrolment.matricula, case.enrolment.status) == (State.SIN_NSS, "2", "activo")
