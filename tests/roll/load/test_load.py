"""What a list means for people, enrolments and cases already on record."""

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections, transaction

from afiliacion.cases import decisions, verbs
from afiliacion.cases.decisions import EnrolmentWay
from afiliacion.cases.models import Case, ConsentRequest, Event
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import BajaKind, State, Verb
from afiliacion.roll.findings import RowFinding, UnreadableFile
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.parse.reading import spooled
from afiliacion.roll.upload import jobs, run_now
from students.models import Ciclo, Enrolment, Student
from students.names import search_key, sort_key
from tests.roll.conftest import as_csv, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(people):
    return people.one()


def reasons(findings: list[RowFinding], column: str | None = None) -> list[str]:
    return [finding.reason for finding in findings if column in (None, finding.column)]


def versions() -> Iterator[tuple[str, list[Any]]]:
    """The row version (xmin) of everything a list may write."""
    tables = ("students_student", "students_enrolment", "cases_case", "cases_event")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT id, xmin::text, ctid::text FROM {table} ORDER BY id")  # noqa: S608 - our own tables
            yield table, cursor.fetchall()


def test_invariant_12_the_same_file_twice_writes_nothing_the_second_time(bring_file):
    bring_file("01")
    bring_file("06")
    before = list(versions())
    assert bring_file("06").done.nothing
    assert list(versions()) == before


def test_a_preview_writes_nothing(look, person):
    preview = look([row(person, "26000001")])
    assert (preview.counts.new, preview.nothing_to_do) == (1, False)
    assert not Student.objects.exists()
    assert not Event.objects.exists()


def test_a_new_student_has_the_keys_by_which_lists_are_ordered_and_searched(bring, person):
    bring([row(person, "26000001")])
    student = Student.objects.get()
    assert student.name_order == sort_key(person.primer_apellido, person.segundo_apellido, person.nombre)
    assert student.name_search == search_key(person.nombre, person.primer_apellido, person.segundo_apellido)


def test_what_a_list_lacks_the_curp_says(bring, person):
    bring(as_csv([row(person, "26000001")], ["matricula", "curp", "nombre", "primer_apellido", "segundo_apellido", "fecha_inscripcion"]))
    student = Student.objects.get()
    assert (student.birth_date, student.sex, student.entity) == (person.birth_date, person.sex, person.entity)
    assert (student.email, student.phone, student.nss) == ("", "", None)


def test_the_date_given_is_for_the_rows_without_one(bring, people, today):
    bring([row(people.one(), "1", fecha_inscripcion=""), row(people.one(), "2")], enrolled_on=today)
    assert dict(Enrolment.objects.values_list("matricula", "enrolled_on")) == {"1": today, "2": dt.date(2026, 8, 6)}
    # Loaded again with another date, what is on record stays.
    second = bring([row(people.one(), "3", fecha_inscripcion=""), *()], enrolled_on=today - dt.timedelta(days=1))
    assert second.done.enrolments_changed == 0


def test_a_date_for_all_is_held_to_what_a_rows_own_is(look, person, today):
    for day in (dt.date(2062, 8, 6), dt.date(1962, 8, 6)):
        with pytest.raises(UnreadableFile, match=rf"para todos \({day:%d/%m/%Y}\): .* se espera entre"):
            look([row(person, "1", fecha_inscripcion="")], enrolled_on=day)
    assert look([row(person, "1", fecha_inscripcion="")], enrolled_on=today).counts.new == 1


def test_a_row_without_a_date_is_refused_when_none_was_given(look, person):
    assert reasons(look([row(person, "1", fecha_inscripcion="")]).errors) == ["Falta: está vacía y es obligatoria."]


def test_all_the_errors_of_a_row_come_at_once(look, person):
    preview = look([row(person, "1", curp="X", correo="juan", fecha_nacimiento="ayer", nss="12", sexo="?", estatus="?")])
    assert [finding.column for finding in preview.errors] == ["correo", "curp", "estatus", "nss"]


def test_good_rows_are_loaded_although_others_are_bad(bring, people):
    report = bring([row(people.one(), "1"), row(people.one(), "2", correo="juan")])
    assert (report.done.opened, report.preview.counts.invalid) == (1, 1)
    assert list(Enrolment.objects.values_list("matricula", flat=True)) == ["1"]


def test_a_changed_student_is_told_field_by_field_and_updated_with_the_keys(bring, person):
    bring([row(person, "1")])
    report = bring([row(person, "1", nombre="Zoé", correo="nuevo@alumnos.example.mx")])
    told = {(change.column, change.old, change.new) for change in report.preview.changes}
    assert told == {("nombre", person.nombre, "Zoé"), ("correo", "a1@alumnos.example.mx", "nuevo@alumnos.example.mx")}
    student = Student.objects.get()
    assert (student.nombre, student.email) == ("Zoé", "nuevo@alumnos.example.mx")
    assert student.name_order == sort_key(person.primer_apellido, person.segundo_apellido, "Zoé")
    assert report.done.students_changed == 1


def test_an_empty_cell_erases_nothing(bring, person):
    bring([row(person, "1", nss=person.nss)])
    report = bring([row(person, "1", correo="", telefono="", nss="", grupo="", estatus="", fecha_nacimiento="", sexo="")])
    assert report.done.nothing
    assert Student.objects.get().email == "a1@alumnos.example.mx"


class TestNss:
    def test_a_list_that_brings_the_nss_moves_the_case_by_its_verb(self, bring, person):
        bring([row(person, "1")])
        report = bring([row(person, "1", nss=person.nss)])
        assert report.done.nss_obtained == 1
        case = Case.objects.get()
        assert (case.state, case.student.nss) == (State.NSS_OBTENIDO, person.nss)
        event = case.events.get(verb=Verb.OBTAIN_NSS)
        assert (event.actor_kind, event.actor_name, event.details["nss"]) == (Event.ActorKind.IMPORT, "import_roll · lista.csv", person.nss)
        assert bring([row(person, "1", nss=person.nss)]).done.nothing

    def test_another_nss_than_the_one_on_record_is_refused(self, bring, people):
        person, other = people.one(), people.one()
        bring([row(person, "1", nss=person.nss)])
        report = bring([row(person, "1", nss=other.nss, grupo="9-Z")])
        assert [("Corregir NSS" in reason) for reason in reasons(report.preview.errors, "nss")] == [True]
        assert (Student.objects.get().nss, Enrolment.objects.get().grupo) == (person.nss, "1-A")

    def test_somebody_elses_nss_is_refused(self, bring, people):
        owner, thief = people.one(), people.one()
        bring([row(owner, "1", nss=owner.nss)])
        report = bring([row(owner, "1", nss=owner.nss), row(thief, "2", nss=owner.nss)])
        assert report.preview.counts.invalid == 2
        report = bring([row(thief, "2", nss=owner.nss)])
        assert [("otra persona" in reason) for reason in reasons(report.preview.errors, "nss")] == [True]

    def test_an_nss_that_the_case_cannot_take_waits_and_is_told(self, bring, person, actor, now, today):
        bring([row(person, "1")])
        case = Case.objects.get()
        verbs.renounce([case.pk], on=today, act=Act(actor, now), tutor="Su madre")
        report = bring([row(person, "1", nss=person.nss)])
        assert report.done.nothing
        assert [("Renuncia" in reason) for reason in reasons(report.preview.warnings, "nss")] == [True]
        assert Student.objects.get().nss is None

    def test_a_person_without_any_case_gets_it_written(self, bring, person):
        bring([row(person, "1", estatus="baja definitiva")])
        report = bring([row(person, "1", estatus="baja definitiva", nss=person.nss)])
        assert (report.done.nss_obtained, Student.objects.get().nss) == (1, person.nss)
        assert not Case.objects.exists()


class TestStatus:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            ("baja_temporal", BajaKind.TEMPORAL), ("baja_definitiva", BajaKind.DEFINITIVA), ("egresado", BajaKind.EGRESO),
            ("desertor", BajaKind.DESERCION),
        ],
    )  # fmt: skip
    def test_a_baja_on_the_list_closes_the_case(self, bring, person, status, kind):
        bring([row(person, "1")])
        report = bring([row(person, "1", estatus=status)])
        case = Case.objects.get()
        assert (report.done.left, case.state, case.baja_kind) == (1, State.BAJA, kind)
        assert bring([row(person, "1", estatus=status)]).done.nothing

    def test_back_from_a_baja_temporal_the_case_goes_on(self, bring, person):
        bring([row(person, "1", nss=person.nss)])
        bring([row(person, "1", estatus="baja temporal")])
        report = bring([row(person, "1")])
        assert (report.done.rejoined, report.preview.warnings) == (1, [])
        assert Case.objects.get().state == State.NSS_OBTENIDO

    def test_back_from_a_baja_temporal_with_the_nss_in_the_same_list(self, bring, person):
        bring([row(person, "1")])
        bring([row(person, "1", estatus="baja temporal")])
        report = bring([row(person, "1", nss=person.nss)])
        assert (report.done.rejoined, report.done.nss_obtained, Case.objects.get().state) == (1, 1, State.NSS_OBTENIDO)

    def test_a_case_closed_by_hand_is_not_reopened_by_the_old_list_but_told(self, bring, person, actor, now, today):
        bring([row(person, "1")])
        verbs.leave([Case.objects.get().pk], BajaKind.DEFINITIVA, on=today, act=Act(actor, now))
        report = bring([row(person, "1")])
        assert report.done.nothing
        assert [("cerrado" in reason) for reason in reasons(report.preview.warnings, "estatus")] == [True]

    def test_a_student_first_seen_as_baja_gets_a_case_when_the_list_makes_him_active(self, bring, person):
        bring([row(person, "1", estatus="baja temporal")])
        assert not Case.objects.exists()
        report = bring([row(person, "1", nss=person.nss)])
        assert (report.done.opened, Case.objects.get().state) == (1, State.NSS_OBTENIDO)


class TestTerms:
    @pytest.fixture
    def before(self, ciclo):
        return Ciclo.objects.create(clave="2026-1", starts_on=dt.date(2026, 2, 1), ends_on=dt.date(2026, 7, 15))

    def test_a_reenrolment_continues_the_case(self, bring, person, before):
        bring([row(person, "1", fecha_inscripcion="2026-02-03")], ciclo=before)
        report = bring([row(person, "1")])
        assert (report.preview.counts.new, report.preview.counts.known, report.done.students_new) == (1, 1, 0)
        assert (report.done.opened, report.done.continued, Case.objects.get().enrolment.ciclo.clave) == (0, 1, "2026-2")

    def test_the_list_of_an_older_term_does_not_take_the_case_back(self, bring, person, before):
        old = [row(person, "1", fecha_inscripcion="2026-02-03")]
        bring(old, ciclo=before)
        bring([row(person, "1")])
        assert bring(old, ciclo=before).done.nothing
        assert bring([row(person, "1", fecha_inscripcion="2026-02-03", estatus="egresado")], ciclo=before).done.left == 0
        assert Case.objects.get().enrolment.ciclo.clave == "2026-2"

    def test_a_baja_in_the_new_term_closes_the_case_of_the_old_one(self, bring, person, before):
        bring([row(person, "1", fecha_inscripcion="2026-02-03")], ciclo=before)
        report = bring([row(person, "1", estatus="desertor")])
        assert (report.done.left, Case.objects.get().baja_kind) == (1, BajaKind.DESERCION)


class TestOnRecord:
    def test_a_curp_under_another_matricula_is_a_change(self, bring, person):
        bring([row(person, "1")])
        report = bring([row(person, "2")])
        assert [("era 1" in reason) for reason in reasons(report.preview.warnings, "matricula")] == [True]
        assert (report.preview.counts.changed, report.preview.counts.missing) == (1, 0)

    def test_a_matricula_of_somebody_else_is_refused(self, bring, people):
        bring([row(people.one(), "1")])
        assert reasons(bring([row(people.one(), "1")]).preview.errors, "matricula")
        assert Student.objects.count() == 1

    def test_one_matricula_for_two_people_of_the_list_is_refused(self, look, people):
        preview = look([row(people.one(), "1"), row(people.one(), "1", correo="b@alumnos.example.mx")])
        assert [finding.line for finding in preview.errors if finding.column == "matricula"] == [2, 3]

    def test_whoever_left_already_is_not_missed(self, bring, people):
        bring([row(people.one(), "1"), row(people.one(), "2", estatus="egresado")])
        report = bring([row(people.one(), "3")])
        assert [absent.matricula for absent in report.preview.missing] == ["1"]

    def test_a_row_with_an_error_is_not_missing(self, bring, person):
        bring([row(person, "1")])
        assert bring([row(person, "1", correo="no")]).preview.counts.missing == 0

    def test_an_email_that_another_student_has_is_told(self, bring, people):
        bring([row(people.one(), "1")])
        report = bring([row(people.one(), "2", correo="A1@alumnos.example.mx")])
        assert [("otro alumno" in reason) for reason in reasons(report.preview.warnings, "correo")] == [True]

    def test_f_and_m_are_read_as_the_column_means_them(self, bring, people):
        pupils = [people.one() for _ in range(30)]
        spoken = {"H": "M", "M": "F", "X": "X"}
        report = bring([row(p, str(i), sexo=spoken[p.sex]) for i, p in enumerate(pupils)])
        assert not [finding for finding in report.preview.warnings if finding.column == "sexo"]
        assert report.preview.notes == ["Sexo: la columna usa F y M: M se leyó como hombre (masculino)."]

    def test_what_the_last_row_says_of_its_column_holds_for_the_first(self, look, people):
        """Rows are checked while the list is being read."""
        pupils = [people.one() for _ in range(1_200)]
        table = [row(p, str(i), sexo="M", fecha_inscripcion="07/08/2026") for i, p in enumerate(pupils)]
        table[-1] |= {"sexo": "F"}
        told = look(table)
        assert told.notes == ["Sexo: la columna usa F y M: M se leyó como hombre (masculino)."]
        otherwise = sum(p.sex != "H" for p in pupils[:-1]) + (pupils[-1].sex != "M")
        assert sum(finding.column == "sexo" for finding in told.warnings) == otherwise > 100
        assert (told.counts.new, told.counts.invalid) == (1_200, 0)
        # Read with the month first, as the last row is written, the others would be of July: it is asked.
        table[-1] |= {"fecha_inscripcion": "08/25/2026"}
        told = look(table)
        assert (told.counts.new, told.counts.invalid, told.error_count) == (1, 1_199, 1_199)
        assert [question["kind"] for question in told.job.questions] == ["dates"]

    def test_a_changed_enrolment_date_is_told(self, bring, person):
        bring([row(person, "1")])
        report = bring([row(person, "1", fecha_inscripcion="2026-08-10")])
        assert [("sigue contando" in reason) for reason in reasons(report.preview.warnings, "fecha_inscripcion")] == [True]
        assert str(Enrolment.objects.get().enrolled_on) == "2026-08-10"


class TestAnotherPlantel:
    """S4, C1: a person of another plantel is not read, changed or shown by a list; the row is asked, and the others decide."""

    @pytest.fixture
    def enrolled_elsewhere(self, bring, person, other_plantel):
        bring([row(person, "900", nss=person.nss)], "otra.csv", plantel=other_plantel)

    @pytest.fixture
    def decide(self, actor, now, other_plantel):
        def decide(way=EnrolmentWay.SECOND):
            request = ConsentRequest.objects.get(status="pending")
            return decisions.accept(request.pk, way, act=Act(actor, now, frozenset({other_plantel.pk})), also={})

        return decide

    def test_c1_the_row_is_asked_and_nothing_else_happens(self, bring, person, enrolled_elsewhere, plantel):
        before = dump()
        taken = row(person, "1", nombre="Otro", correo="robado@malo.example.mx", telefono="000", nss=person.nss)
        done = bring([taken]).done
        assert (done.asked, done.enrolments_new, done.opened, done.students_changed, done.nss_obtained) == (1, 0, 0, 0, 0)
        assert dump() == before
        request = ConsentRequest.objects.get()
        assert (request.kind, request.status, request.plantel, request.payload["correo"]) == (
            "enrol", "pending", plantel, "robado@malo.example.mx"
        )  # fmt: skip
        assert bring([taken]).done.nothing
        assert ConsentRequest.objects.count() == 1

    @pytest.mark.parametrize("nss", ["", "same"])
    def test_c1_the_preview_is_no_oracle(self, look, people, person, enrolled_elsewhere, nss):
        """A known and an unknown person: the same counts, changes, warnings and errors, to the letter."""
        stranger = people.one()
        told = [
            said(look([row(each, "1", nss=nss and each.nss, correo="x@alumnos.example.mx", telefono="")]), each)
            for each in (person, stranger)
        ]
        assert told[0] == told[1]

    def test_c1_a_number_or_an_address_of_theirs_says_nothing(self, look, people, person, enrolled_elsewhere):
        other = people.one()
        told = look([row(other, "1", nss=person.nss, correo="a900@alumnos.example.mx")])
        assert (told.counts.new, told.errors, [w for w in told.warnings if w.column == "correo"]) == (1, [], [])

    def test_c1_a_row_with_a_number_of_theirs_waits_and_goes_on_without_it(self, bring, people, person, enrolled_elsewhere, decide):
        other = people.one()
        assert bring([row(other, "1", nss=person.nss)]).done.asked == 1
        assert not Student.objects.filter(curp=other.curp).exists()
        decide()
        assert Student.objects.get(curp=other.curp).nss is None
        assert Student.objects.get(curp=person.curp).nss == person.nss

    def test_c1_as_a_second_plantel(self, bring, person, enrolled_elsewhere, decide, plantel, other_plantel):
        bring([row(person, "1")])
        decide()
        assert set(Case.objects.values_list("plantel", "state")) == {
            (plantel.pk, State.NSS_OBTENIDO), (other_plantel.pk, State.NSS_OBTENIDO)
        }  # fmt: skip
        assert bring([row(person, "1", correo="", telefono="")]).done.nothing

    def test_c1_as_a_transfer(self, bring, person, enrolled_elsewhere, decide, plantel, other_plantel):
        bring([row(person, "1")])
        assert decide(EnrolmentWay.TRANSFER).status == "accepted"
        assert set(Case.objects.values_list("plantel", "state")) == {(plantel.pk, State.NSS_OBTENIDO), (other_plantel.pk, State.BAJA)}

    def test_c1_of_a_shared_person_only_the_own_columns_are_written(self, bring, person, enrolled_elsewhere, decide, plantel):
        bring([row(person, "1")])
        decide()
        done = bring([row(person, "1", telefono="5500000000", grupo="9-Z")]).done
        assert (done.students_changed, done.enrolments_changed, done.asked) == (0, 1, 1)
        assert Student.objects.get().phone == "3312345678"
        decide()
        assert Student.objects.get().phone == "5500000000"
        assert bring([row(person, "1", telefono="5500000000", grupo="9-Z", correo="")]).done.nothing

    def test_c1_undone_it_asks_no_more_and_loaded_again_it_asks_again(self, bring, person, enrolled_elsewhere, plantel, now):
        job = bring([row(person, "1")]).preview.job
        assert jobs.undo(job, now=now, name="Begoña") == []
        work.finish(job, JobClock(lambda: now))
        assert [(r.status, r.list_id) for r in ConsentRequest.objects.all()] == [("withdrawn", job.pk)]
        assert bring([row(person, "1")]).done.asked == 1

    def test_c1_what_others_agreed_to_is_not_undone(self, bring, person, enrolled_elsewhere, decide, now):
        job = bring([row(person, "1")]).preview.job
        decide()
        assert [moved.what for moved in jobs.undo(job, now=now, name="Begoña")] == ["Solicitud aceptada"]

    def test_c1_an_officer_does_not_undo_what_coordination_loaded(self, bring, person, plantel, now):
        job = bring([row(person, "1")], own=None).preview.job
        with pytest.raises(jobs.BroughtByOthers):
            jobs.undo(job, now=now, own=frozenset({plantel.pk}))

    def test_c1_a_refused_row_is_not_asked_again_by_the_next_list(self, bring, person, enrolled_elsewhere, actor, now, other_plantel):
        bring([row(person, "1")])
        decisions.refuse(ConsentRequest.objects.get().pk, "No es alumno suyo.", act=Act(actor, now, frozenset({other_plantel.pk})))
        assert bring([row(person, "1")]).done.asked == 0
        assert ConsentRequest.objects.get().reason == "No es alumno suyo."

    def test_whoever_works_at_both_may_change_them(self, bring, person, enrolled_elsewhere, other_plantel, plantel):
        for own in (frozenset({plantel.pk, other_plantel.pk}), None):
            report = bring([row(person, "1", telefono=f"55{own is None:08d}")], own=own)
            assert report.done.students_changed == 1

    def test_whoever_works_at_both_is_told_where_the_person_is(self, look, person, enrolled_elsewhere, other_plantel, plantel, ciclo):
        told = look([row(person, "1", correo="", telefono="")], own=frozenset({plantel.pk, other_plantel.pk}))
        assert [finding.value for finding in told.warnings] == [f"{other_plantel.name}, ciclo {ciclo.clave}"]

    def test_a_person_has_one_nss_so_both_cases_take_it(self, bring, people, other_plantel):
        person = people.one()
        bring([row(person, "900")], plantel=other_plantel)
        assert bring([row(person, "1", nss=person.nss)], own=None).done.nss_obtained == 1
        assert set(Case.objects.values_list("state", flat=True)) == {State.NSS_OBTENIDO}
        assert bring([row(person, "900", nss=person.nss, correo="")], plantel=other_plantel).done.nothing


def said(preview: Any, person: Any) -> str:
    """All a preview says, the person's own words put aside."""
    whole = repr((
        preview.counts, preview.errors, preview.warnings, preview.changes, preview.missing, preview.notes, preview.job.counts,
    ))  # fmt: skip
    return whole.replace(person.curp, "CURP").replace(person.nss, "NSS")


def dump() -> dict[str, list[Any]]:
    """Cases, their events, persons and enrolments, byte for byte."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in (Case, Event, Student, Enrolment)}


def test_a_reenrolment_dated_in_the_future_is_done_or_told_never_lost(bring, person, ciclo, today):
    before = Ciclo.objects.create(clave="2026-1", starts_on=dt.date(2026, 2, 1), ends_on=dt.date(2026, 7, 15))
    bring([row(person, "1", fecha_inscripcion="2026-02-03")], ciclo=before)
    report = bring([row(person, "1", fecha_inscripcion=today + dt.timedelta(days=3))])
    assert report.done.continued + len(report.done.skipped) == 1


@pytest.mark.django_db(transaction=True)
def test_f20_of_two_who_bring_the_same_list_at_once_one_loads_it_and_the_other_is_told(where, now, people):
    content = as_csv(row(people.one(), str(n)) for n in range(200))
    barrier, reports, told = threading.Barrier(2), [], []

    def bring_it():
        try:
            barrier.wait(timeout=30)
            with spooled(content) as path:
                reports.append(run_now.apply(path, "lista.csv", **where, now=now, who="Begoña"))
        except run_now.NotLoaded as other:
            told.append(str(other))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=bring_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    # Or the second came when the first was done, and found nothing to do.
    assert [report.done.nothing for report in reports] == [False] + [True] * (1 - len(told))
    assert all("ya la trajo Begoña" in line for line in told)
    assert (Student.objects.count(), Event.objects.count()) == (200, 200)


def somebody_waits() -> bool:
    """Another session waits for a lock of ours; False if none does in five seconds."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid())")
            if cursor.fetchone()[0]:
                return True
        threading.Event().wait(0.01)
    return False


@pytest.mark.django_db(transaction=True)
def test_c1_somebody_enrolled_elsewhere_at_the_same_moment_is_asked_for(where, now, other_plantel, person):
    """The row is checked as new, then another plantel's list commits the same person: its chunk is matched again."""
    reports = []

    def bring_it():
        try:
            with spooled(as_csv([row(person, "1", telefono="000")])) as path:
                reports.append(run_now.apply(path, "lista.csv", **where, now=now))
        finally:
            connections.close_all()

    thread = threading.Thread(target=bring_it)
    with transaction.atomic(), spooled(as_csv([row(person, "900")])) as path:
        run_now.apply(path, "otra.csv", **{**where, "plantel": other_plantel}, now=now)
        thread.start()
        assert somebody_waits()
    thread.join(timeout=60)
    assert (reports[0].preview.counts.known, reports[0].done.students_new, reports[0].done.asked) == (0, 0, 1)
    assert Student.objects.get().phone == "3312345678"
    assert Case.objects.count() == 1


def test_the_actor_fits_its_column(bring, person):
    bring([row(person, "1")], "l" * 300 + ".csv", who="Ana " * 50)
    assert len(Event.objects.get().actor_name) == 160


def test_a_refused_file_raises_from_both(look, bring):
    for take in (look, bring):
        with pytest.raises(UnreadableFile):
            take(b"")


class TestReadmitted:
    """A list that says «activo» again of a student whose case was closed, in the same term."""

    TOLD = "se vuelve a abrir, como reingreso"

    @pytest.mark.parametrize("left", ["baja definitiva", "egresado", "desertor"])
    def test_the_case_is_open_again_and_the_preview_said_so(self, bring, person, left):
        bring([row(person, "1", nss=person.nss)])
        bring([row(person, "1", estatus=left)])
        report = bring([row(person, "1")])
        (told,) = report.preview.warnings
        assert (told.column, self.TOLD in told.reason, report.done.rejoined) == ("estatus", True, 1)
        case = Case.objects.get()
        assert (case.state, case.baja_kind, case.enrolment.status) == (State.NSS_OBTENIDO, "", "activo")
        assert bring([row(person, "1")]).done.nothing

    def test_a_list_that_only_repeats_itself_does_not_undo_an_officer_s_baja(self, bring, person, actor, now, today):
        bring([row(person, "1")])
        case = Case.objects.get()
        verbs.leave([case.pk], BajaKind.DEFINITIVA, on=today, act=Act(actor, now))
        report = bring([row(person, "1")])
        assert (report.done.rejoined, ["use «Reingreso»" in told.reason for told in report.preview.warnings]) == (0, [True])
        # But one that says they were enrolled again since.
        report = bring([row(person, "1", fecha_inscripcion="2026-08-24")], now=now + dt.timedelta(days=5))
        assert report.done.rejoined == 1

    def test_once_the_term_is_over_a_list_of_it_opens_nothing(self, bring, person, now, ciclo):
        bring([row(person, "1")])
        bring([row(person, "1", estatus="baja definitiva")])
        after = now.replace(year=ciclo.ends_on.year, month=ciclo.ends_on.month, day=ciclo.ends_on.day) + dt.timedelta(days=1)
        assert bring([row(person, "1")], now=after).done.rejoined == 0
