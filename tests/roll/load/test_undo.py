"""Taking a list back: everything as it was found, in the open, and never over an officer's work."""

from typing import Any

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import BajaKind, State, Verb
from afiliacion.roll import models as roll
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.upload import jobs
from students.models import Ciclo, Enrolment, Student
from tests.locks import persons_locked_late
from tests.roll.conftest import row

pytestmark = pytest.mark.django_db


@pytest.fixture
def undo(now, officer):
    def undo(report):
        job = report.preview.job
        job.refresh_from_db()
        moved = jobs.undo(job, now=now, by=officer, name="Begoña")
        work.finish(job, JobClock(lambda: now))
        assert list(differences()) == []
        assert list(broken_chains()) == []
        return job, moved

    return undo


def registry() -> tuple[Any, ...]:
    return (
        sorted(Student.objects.values_list("curp", "nombre", "name_order", "email", "phone", "nss")),
        sorted(Enrolment.objects.values_list("student__curp", "ciclo__clave", "matricula", "grupo", "status", "enrolled_on")),
        sorted(Case.objects.values_list("student__curp", "state", "nss_on", "baja_kind", "enrolment__ciclo__clave")),
    )


def test_cases_it_opened_are_closed_by_an_event_that_says_so(bring, undo, people):
    job, moved = undo(bring([row(people.one(), "1"), row(people.one(), "2", estatus="baja definitiva")]))
    assert (job.state, moved) == (roll.ImportState.UNDONE, [])
    case = Case.objects.get()
    assert (case.state, case.baja_kind, case.enrolment.status) == (State.BAJA, BajaKind.DESHECHA, "baja_definitiva")
    last = case.events.latest("seq")
    assert (last.verb, last.actor_name, last.reason) == (Verb.UNDO_LOAD, "Begoña", "Se deshizo la carga «lista.csv».")
    # Who had no case leaves no trace but in the import's own history.
    assert Student.objects.count() == Enrolment.objects.count() == 1


def test_the_list_put_right_brings_them_back_under_their_new_matricula(bring, undo, people):
    one, two = people.one(), people.one()
    undo(bring([row(one, "1"), row(two, "2")]))
    report = bring([row(one, "2"), row(two, "1", estatus="")])
    assert (report.preview.errors, report.preview.counts.new, report.done.opened) == ([], 2, 2)
    assert dict(Enrolment.objects.values_list("student__curp", "matricula")) == {one.curp: "2", two.curp: "1"}
    assert set(Case.objects.values_list("state", "enrolment__status")) == {(State.SIN_NSS, "activo")}
    assert bring([row(one, "2"), row(two, "1", estatus="")]).done.nothing


def test_what_it_changed_is_as_it_was(bring, undo, people):
    one, two, three = people.one(), people.one(), people.one()
    bring([row(one, "1"), row(two, "2", nss=two.nss), row(three, "3", estatus="baja temporal")], "antes.csv")
    before = registry()
    bring([row(one, "1"), row(two, "2")])
    report = bring(
        [row(one, "1", nombre="Zoé", correo="otro@alumnos.example.mx", nss=one.nss, grupo="9-Z"), row(two, "2", estatus="desertor")]
    )
    assert registry() != before
    undo(report)
    assert registry() == before


def test_a_reenrolment_goes_back_to_the_term_before(bring, undo, people, ciclo, today):
    earlier = Ciclo.objects.create(clave="2026-1", starts_on=today.replace(month=2, day=1), ends_on=today.replace(month=7, day=15))
    person = people.one()
    bring([row(person, "1", fecha_inscripcion="2026-02-03")], "antes.csv", ciclo=earlier)
    before = registry()
    undo(bring([row(person, "1")]))
    assert registry() == before


def test_what_somebody_built_upon_is_not_undone_but_listed(bring, undo, people, actor, now, today):
    person = people.one()
    report = bring([row(person, "1", nss=person.nss), row(people.one(), "2")])
    verbs.deliver_acuse([Case.objects.get(student__curp=person.curp).pk], on=today, act=Act(actor, now))
    before = registry()
    job, moved = undo(report)
    assert (job.state, [(m.matricula, m.what, m.who) for m in moved]) == (roll.ImportState.DONE, [("1", "Acuse entregado", actor.name)])
    assert registry() == before


def test_a_list_that_a_later_one_stands_on_waits_for_that_one_to_be_undone(bring, undo, people):
    both, gone, left = people.one(), people.one(), people.one()
    first = bring([row(both, "1"), row(gone, "2"), row(left, "4", estatus="baja definitiva")], "antes.csv")
    second = bring(
        [row(both, "1"), row(people.one(), "3"), row(left, "4", estatus="baja definitiva"), row(gone, "2", nss="12")], "luego.csv"
    )
    before = registry()
    job, moved = undo(first)
    said = "También viene en «luego.csv»"
    assert (job.state, [(m.line, m.matricula, m.what) for m in moved]) == (roll.ImportState.DONE, [(2, "1", said), (4, "4", said)])
    assert [m.case_id for m in moved] == [Case.objects.get(student__curp=both.curp).pk, None]
    assert registry() == before
    assert [undo(report)[0].state for report in (second, first)] == [roll.ImportState.UNDONE] * 2


def test_a_list_and_its_undo_lock_persons_before_their_cases(bring, undo, people):
    """Or a list and an answer of IMSS about one of its students would each wait for the other."""
    numbered, gone, moved = people.one(), people.one(), people.one()
    bring([row(numbered, "1"), row(gone, "2"), row(moved, "3")], "antes.csv")
    said = [row(numbered, "1", nss=numbered.nss), row(gone, "2", estatus="baja definitiva"), row(moved, "3", correo="otro@x.mx")]
    with persons_locked_late() as late:
        report = bring(said, "luego.csv")
        assert (report.done.nss_obtained, report.done.left) == (1, 1)
        undo(report)
    assert late == []


def test_what_was_changed_by_hand_since_stays(bring, undo, people):
    person = people.one()
    bring([row(person, "1")], "antes.csv")
    report = bring([row(person, "1", telefono="5511111111", correo="nuevo@alumnos.example.mx")])
    Student.objects.update(phone="5522222222")
    undo(report)
    assert Student.objects.values_list("phone", "email").get() == ("5522222222", "a1@alumnos.example.mx")
