"""The end of a stay by list: who is closed and how, who did not re-enrol, and two ciclos that begin on one day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from afiliacion.cases import enrol, verbs
from afiliacion.cases.models import BAJA_OWED, Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import BajaKind, State
from afiliacion.roll.check import not_returning
from afiliacion.roll.check.not_returning import Meaning
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import ImportState
from afiliacion.roll.upload import jobs
from students.models import Ciclo, Enrolment
from tests.roll.conftest import row

pytestmark = pytest.mark.django_db
D = dt.date
KINDS = {
    "Egresado": "egreso", "Desertora": "desercion", "Baja": "definitiva", "Baja temporal": "temporal", "Defunción": "defuncion",
    "Titulada": "egreso", "Finado": "defuncion", "Baja por deserción": "desercion",
}  # fmt: skip


@pytest.fixture
def next_ciclo(ciclo: Ciclo) -> Ciclo:
    return Ciclo.objects.create(clave="2027-1", starts_on=D(2027, 2, 1), ends_on=D(2027, 7, 15))


@pytest.fixture
def then() -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(D(2027, 2, 5), dt.time(12)))


def insured(case: Case, nss: str, now: dt.datetime) -> None:
    act, on = Act(NIGHT, now), D(2026, 8, 10)
    assert verbs.obtain_nss({case.pk: nss}, on=on, act=act).done
    assert verbs.deliver_acuse([case.pk], on=on, act=act).done
    assert verbs.send_alta({case.pk: {}}, on=on, act=act).done


@pytest.mark.parametrize("listed", ["same", "next"])
def test_each_word_of_a_list_closes_the_case_with_its_kind_and_the_preview_counts_them(
    bring: Any, look: Any, people: Any, now: dt.datetime, then: dt.datetime, next_ciclo: Ciclo, ciclo: Ciclo, listed: str
) -> None:
    crowd = [people.one() for _ in KINDS]
    bring([row(person, str(n)) for n, person in enumerate(crowd)])
    insured(Case.objects.get(student__curp=crowd[0].curp), crowd[0].nss, now)
    gone = [row(person, str(n), estatus=word) for n, (person, word) in enumerate(zip(crowd, KINDS, strict=True))]
    moment, term = (now, ciclo) if listed == "same" else (then, next_ciclo)
    day = timezone.localdate(moment)
    seen = look(gone, today=day, ciclo=term).counts
    assert seen.leaving == {"egresado": 2, "desertor": 2, "baja_definitiva": 1, "baja_temporal": 1, "defuncion": 2}
    assert (seen.owing, seen.missing) == (1, 0)
    report = bring(gone, "bajas.csv", ciclo=term, now=moment)
    assert report.done.left == len(KINDS)
    left = {case.student.curp: case for case in Case.objects.select_related("student")}
    assert [left[person.curp].baja_kind for person in crowd] == list(KINDS.values())
    assert {(case.state, case.state_since) for case in left.values()} == {("BAJA", day)}
    assert set(Case.objects.filter(BAJA_OWED)) == {left[crowd[0].curp]}
    again = look(gone, today=day, ciclo=term).counts
    assert (again.leaving, again.owing) == ({}, 0)
    job = report.preview.job
    assert jobs.undo(job, now=moment) == []
    work.finish(job, JobClock.at(day, moment))
    assert job.state == ImportState.UNDONE
    assert not Case.objects.filter(state=State.BAJA).exists()
    assert not Case.objects.filter(BAJA_OWED).exists()


def test_the_case_at_another_plantel_is_not_closed(bring: Any, people: Any, other_plantel: Any) -> None:
    person = people.one()
    bring([row(person, "1")], plantel=other_plantel, own=None)
    bring([row(person, "1")], own=None)
    bring([row(person, "1", estatus="Egresado")], "bajas.csv", own=None)
    assert dict(Case.objects.values_list("plantel__clave", "state")) == {"PREPA7": "BAJA", "PREPA9": "SIN_NSS"}


def test_a_new_ciclo_s_list_names_who_did_not_come_back_by_what_it_means(
    bring: Any, people: Any, now: dt.datetime, then: dt.datetime, next_ciclo: Ciclo, other_plantel: Any
) -> None:
    back, owing, with_nss, without, closed, elsewhere = crowd = [people.one() for _ in range(6)]
    bring([row(person, str(n)) for n, person in enumerate(crowd[:5])])
    bring([row(elsewhere, "9")], plantel=other_plantel)
    of = {case.student.curp: case for case in Case.objects.select_related("student")}
    insured(of[owing.curp], owing.nss, now)
    verbs.obtain_nss({of[with_nss.curp].pk: with_nss.nss}, on=D(2026, 8, 10), act=Act(NIGHT, now))
    verbs.leave([of[closed.curp].pk], BajaKind.EGRESO, on=D(2026, 8, 10), act=Act(NIGHT, now))
    events = sum(case.version for case in Case.objects.all())
    report = bring([row(back, "0", fecha_inscripcion="2027-02-02")], "nuevo.csv", ciclo=next_ciclo, now=then)
    assert (report.preview.counts.missing, report.preview.counts.not_returned, report.preview.counts.absent) == (3, 3, 0)
    assert {absent.before for absent in report.preview.missing} == {"2026-2"}
    assert sum(case.version for case in Case.objects.all()) == events + 1, "nothing is done to them"
    job, all_cases = report.preview.job, Case.objects.all()
    assert not_returning.counted(not_returning.named(job, all_cases)) == [
        (Meaning.OWING, 1),
        (Meaning.WITH_NSS, 1),
        (Meaning.WITHOUT_NSS, 1),
    ]
    assert list(not_returning.named(job, all_cases).filter(meaning=Meaning.OWING)) == [of[owing.curp]]
    # Read when it is shown: one is closed, another one brought by the next list.
    verbs.leave([of[owing.curp].pk], BajaKind.EGRESO, on=D(2027, 2, 5), act=Act(NIGHT, then))
    second = bring([row(without, "3", fecha_inscripcion="2027-02-03")], "otra.csv", ciclo=next_ciclo, now=then)
    assert not_returning.counted(not_returning.named(job, all_cases)) == [(Meaning.WITH_NSS, 1), (Meaning.RETURNED, 1), (Meaning.CLOSED, 1)]
    # The second list names only who has neither come back by it nor by the first one; who is of this ciclo is told apart.
    counts = second.preview.counts
    assert (counts.not_returned, counts.absent) == (1, 1)


@pytest.mark.parametrize(("ends_on", "named"), [(D(2027, 2, 20), 1), (D(2027, 7, 15), 0), (D(2028, 7, 15), 0)])
def test_who_is_enrolled_in_a_ciclo_that_still_runs_is_not_missed(
    bring: Any, people: Any, ciclo: Ciclo, then: dt.datetime, next_ciclo: Ciclo, ends_on: dt.date, named: int
) -> None:
    """A yearly ciclo beside one of six months; and one whose last weeks reach into the next."""
    bring([row(people.one(), "1")])
    Ciclo.objects.filter(pk=ciclo.pk).update(ends_on=ends_on)
    report = bring([row(people.one(), "2", fecha_inscripcion="2027-02-02")], "nuevo.csv", ciclo=next_ciclo, now=then)
    assert report.preview.counts.not_returned == named


def test_who_comes_with_a_row_that_has_an_error_or_only_by_the_matricula_is_not_missed(
    bring: Any, people: Any, then: dt.datetime, next_ciclo: Ciclo
) -> None:
    wrong, other_curp = people.one(), people.one()
    bring([row(wrong, "1"), row(other_curp, "2")])
    new = [row(wrong, "1", correo="no"), row(people.one(), "2")]
    assert bring(new, "nuevo.csv", ciclo=next_ciclo, now=then).preview.counts.not_returned == 0


class TestTwoCiclosThatBeginOnOneDay:
    """Semestral and cuatrimestral, or one for each level: neither is the earlier one."""

    @pytest.fixture
    def twin(self, ciclo: Ciclo) -> Ciclo:
        return Ciclo.objects.create(clave="2026-2C", starts_on=ciclo.starts_on, ends_on=D(2026, 11, 30))

    def test_each_list_opens_its_own_and_misses_no_one_of_the_other(self, bring: Any, people: Any, twin: Ciclo) -> None:
        bring([row(people.one(), "1")])
        report = bring([row(people.one(), "2")], "c.csv", ciclo=twin)
        assert (report.done.opened, report.preview.counts.missing) == (1, 0)
        assert set(Case.objects.values_list("ciclo__clave", "state")) == {("2026-2", "SIN_NSS"), ("2026-2C", "SIN_NSS")}

    def test_who_is_in_both_has_one_case_that_goes_on_and_is_not_taken_back(
        self, bring: Any, people: Any, ciclo: Ciclo, twin: Ciclo, now: dt.datetime
    ) -> None:
        person = people.one()
        bring([row(person, "1")])
        report = bring([row(person, "1")], "c.csv", ciclo=twin)
        assert (report.done.continued, report.done.skipped) == (1, [])
        case = Case.objects.get()
        assert case.ciclo == twin
        # The first list again, and the same order straight: nothing.
        assert bring([row(person, "1")], "otra vez.csv").done.nothing
        assert enrol.enrol([Enrolment.objects.get(ciclo=ciclo).pk], act=Act(NIGHT, now)) == enrol.Enrolled()
        assert Case.objects.get().version == case.version

    def test_who_leaves_one_of_them_keeps_the_case_and_loses_it_with_the_other(self, bring: Any, people: Any, twin: Ciclo) -> None:
        person = people.one()
        bring([row(person, "1")])
        bring([row(person, "1")], "c.csv", ciclo=twin)
        first = bring([row(person, "1", estatus="Egresado")], "e.csv")
        assert (first.preview.counts.leaving, first.done.left, Case.objects.get().state) == ({}, 0, "SIN_NSS")
        bring([row(person, "1", estatus="Egresado")], "ec.csv", ciclo=twin)
        assert (Case.objects.get().state, Case.objects.get().baja_kind) == ("BAJA", "egreso")

    def test_the_next_ciclo_misses_those_of_both(self, bring: Any, people: Any, twin: Ciclo, next_ciclo: Ciclo, then: dt.datetime) -> None:
        bring([row(people.one(), "1")])
        bring([row(people.one(), "2")], "c.csv", ciclo=twin)
        report = bring([row(people.one(), "3", fecha_inscripcion="2027-02-02")], "n.csv", ciclo=next_ciclo, now=then)
        assert {absent.before for absent in report.preview.missing} == {"2026-2", "2026-2C"}


def test_a_list_that_names_the_dead_says_so(bring: Any, look: Any, people: Any, next_ciclo: Ciclo, then: dt.datetime) -> None:
    person, other = people.one(), people.one()
    bring([row(person, "1"), row(other, "2")])
    bring([row(person, "1", estatus="Defunción")], "d.csv")
    again = [row(person, "1", fecha_inscripcion="2027-02-02"), row(other, "2", fecha_inscripcion="2027-02-02")]
    warned = [finding for finding in look(again, today=then.date(), ciclo=next_ciclo).warnings if "defunción" in finding.reason]
    assert [finding.line for finding in warned] == [2]
