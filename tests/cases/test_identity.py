"""The data of a person corrected from a case: written once, kept as they were, found again, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from afiliacion.cases import consent, decisions
from afiliacion.cases.decisions import EnrolmentWay, NotDecided
from afiliacion.cases.enrol import enrol
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.history.erasure import erase
from afiliacion.cases.identity.correcting import NOTHING_NEW, TAKEN, correct_person, retract_correction
from afiliacion.cases.models import Case, ConsentRequest, RecordChange
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import State, Verb
from students.models import Enrolment, FormerValue, Plantel, Student
from tests.roles import as_owner
from tests.upgrades import scratch_database

DAY, PROOF = dt.date(2026, 8, 10), "ab" * 32
BEGONA, BRUNO = "PECB080503MGRXRGA5", "PECB080503HGRXRGA5"
HIS = {"curp": BRUNO, "nombre": "Bruno", "sexo": "H"}

pytestmark = pytest.mark.django_db
MakeCase = Callable[..., Case]


@pytest.fixture
def case(make_case: MakeCase, make_student: Callable[..., Student]) -> Case:
    person = {"curp": BEGONA, "nombre": "Begoña", "primer_apellido": "Peña", "segundo_apellido": "Cruz", "sex": "M", "entity": "GR"}
    return make_case(student=make_student(**person, birth_date=dt.date(2008, 5, 3), email="b@alumnos.example.mx"), matricula="26000000")


@pytest.fixture
def mine(act: Act, case: Case) -> Act:
    """The act of an officer of the case's plantel."""
    return Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), act.now, frozenset({case.plantel_id}))


def corrected(case: Case, act: Act, **values: str) -> Any:
    return correct_person({case.pk: values}, on=DAY, act=act, reason="RENAPO la corrigió", evidence=PROOF)


def test_what_renapo_corrected_is_written_and_what_was_is_kept(case: Case, act: Act) -> None:
    assert corrected(case, act, **HIS).done == [case.pk]
    student = Student.objects.get()
    assert (student.curp, student.nombre, student.sex, student.name_search) == (BRUNO, "Bruno", "H", "bruno pena cruz")
    kept = {row.field: (row.value, row.became, row.search) for row in FormerValue.objects.all()}
    assert kept == {
        "curp": (BEGONA, BRUNO, BEGONA), "nombre": ("Begoña", "Bruno", "begona pena cruz"), "sexo": ("M", "H", ""),
    }  # fmt: skip
    event = case.events.latest("seq")
    assert (event.verb, event.evidence, event.reason) == (Verb.CORRECT_PERSON, PROOF, "RENAPO la corrigió")
    assert event.data["fields"] == ["curp", "nombre", "sexo"]
    noted = RecordChange.objects.get()
    assert noted.what == RecordChange.What.IDENTITY
    assert BEGONA not in noted.detail and "CURP" in noted.detail  # noqa: PT018 - one sentence
    before = Case.objects.get(pk=case.pk)
    assert (before.state, before.facts, before.name_order) == (case.state, case.facts, student.name_order)
    assert [*broken_chains(), *differences()] == []


def test_a_matricula_is_that_of_the_case_and_its_former_one_that_of_the_plantel(case: Case, act: Act) -> None:
    corrected(case, act, matricula="26999999")
    assert Enrolment.objects.get().matricula == "26999999"
    assert FormerValue.objects.values_list("field", "value", "search", "plantel").get() == (
        "matricula",
        "26000000",
        "26000000",
        case.plantel_id,
    )


def test_mail_and_phone_are_noted_as_contact(case: Case, act: Act) -> None:
    corrected(case, act, correo="nuevo@alumnos.example.mx", telefono="7335550100")
    assert RecordChange.objects.get().what == RecordChange.What.CONTACT
    assert Student.objects.values_list("email", "phone").get() == ("nuevo@alumnos.example.mx", "7335550100")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"curp": BRUNO[:-1] + "0"}, "CURP: El dígito verificador"),
        ({"curp": BRUNO[:-1]}, "CURP: Debe tener 18"),
        ({"nombre": ""}, "Falta: nombre(s)."),
        ({"matricula": ""}, "Falta: matrícula."),
        ({"nombre": "Begoña"}, NOTHING_NEW),
        ({}, NOTHING_NEW),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(case: Case, act: Act, values: dict[str, str], said: str) -> None:
    assert corrected(case, act, **values).skipped[case.pk].startswith(said)
    assert not FormerValue.objects.exists() and not RecordChange.objects.exists()  # noqa: PT018


def test_without_a_reason_or_for_a_curp_without_a_paper_nothing_is_written(case: Case, act: Act) -> None:
    bare = correct_person({case.pk: HIS}, on=DAY, act=act, reason="RENAPO")
    assert bare.skipped[case.pk].startswith("Adjunte el documento que prueba la CURP correcta.")
    assert correct_person({case.pk: HIS}, on=DAY, act=act, reason=" ", evidence=PROOF).skipped[case.pk].startswith("Escriba el motivo.")
    assert correct_person({case.pk: {"nombre": "Bego"}}, on=DAY, act=act, reason="Se escribió mal").done == [case.pk]


def test_a_curp_that_is_another_person_s_is_refused_and_the_way_on_is_told(
    case: Case, act: Act, make_student: Callable[..., Student]
) -> None:
    make_student(curp=BRUNO)
    assert corrected(case, act, curp=BRUNO).skipped[case.pk] == TAKEN
    assert "«Unir con otro registro»" in TAKEN


def test_a_matricula_that_is_another_student_s_is_refused(case: Case, act: Act, make_enrolment: Callable[..., Enrolment]) -> None:
    make_enrolment(matricula="26000001")
    assert "ya es de otro alumno" in corrected(case, act, matricula="26000001").skipped[case.pk]


def test_of_two_who_want_one_curp_one_gets_it(case: Case, make_case: MakeCase, act: Act) -> None:
    other = make_case()
    outcome = correct_person({case.pk: {"curp": BRUNO}, other.pk: {"curp": BRUNO}}, on=DAY, act=act, reason="RENAPO", evidence=PROOF)
    assert (outcome.done, outcome.skipped) == ([case.pk], {other.pk: TAKEN})


def test_a_correction_by_mistake_is_taken_back_and_leaves_no_former_value(case: Case, act: Act) -> None:
    corrected(case, act, **HIS, matricula="26999999", correo="otro@alumnos.example.mx")
    assert retract_correction(case.pk, on=DAY, act=act, reason="Era de otro alumno").done == [case.pk]
    student, enrolment = Student.objects.get(), Enrolment.objects.get()
    assert (student.curp, student.nombre, student.sex, student.email) == (BEGONA, "Begoña", "M", "b@alumnos.example.mx")
    assert (enrolment.matricula, student.name_search) == ("26000000", "begona pena cruz")
    assert not FormerValue.objects.exists()
    assert RecordChange.objects.filter(what="identity").count() == 2
    assert retract_correction(case.pk, on=DAY, act=act, reason="Otra vez").skipped


def test_a_correction_is_not_taken_back_once_built_upon(case: Case, act: Act) -> None:
    corrected(case, act, **HIS)
    Student.objects.update(nombre="Bruno Iván")
    assert "cambió después" in retract_correction(case.pk, on=DAY, act=act, reason="No era").skipped[case.pk]
    assert Student.objects.get().curp == BRUNO


@pytest.fixture
def shared(case: Case, make_enrolment: Callable[..., Enrolment], other_plantel: Plantel, act: Act) -> Case:
    """The same person's case at another plantel."""
    enrolment = make_enrolment(student=case.student, plantel=other_plantel)
    return Case.objects.get(pk=enrol([enrolment.pk], act=act).opened[0])


def test_of_a_person_of_other_planteles_too_it_is_asked_and_done_when_agreed(case: Case, shared: Case, mine: Act, act: Act) -> None:
    outcome = corrected(case, mine, **HIS, matricula="26999999")
    assert (outcome.done, outcome.requested) == ([], {case.pk})
    assert Student.objects.get().curp == BEGONA
    assert case.events.count() == 1
    request = ConsentRequest.objects.get()
    assert (request.kind, request.payload["curp"]) == (consent.Kind.CONTACT, BRUNO)
    decisions.accept(request.pk, EnrolmentWay.SECOND, act=act, also={})
    assert Student.objects.values_list("curp", "nombre", "sex").get() == (BRUNO, "Bruno", "H")
    event = case.events.latest("seq")
    assert (event.verb, event.evidence, event.reason) == (Verb.CORRECT_PERSON, PROOF, "RENAPO la corrigió")
    assert Enrolment.objects.get(plantel=case.plantel).matricula == "26999999"


def test_a_matricula_alone_is_the_plantel_s_own(case: Case, shared: Case, mine: Act) -> None:
    assert corrected(case, mine, matricula="26999999").done == [case.pk]
    assert not ConsentRequest.objects.exists()


def test_what_was_agreed_too_late_is_not_written(
    case: Case, shared: Case, mine: Act, act: Act, make_student: Callable[..., Student]
) -> None:
    corrected(case, mine, **HIS)
    make_student(curp=BRUNO)
    with pytest.raises(NotDecided, match="otra persona"):
        decisions.accept(ConsentRequest.objects.get().pk, EnrolmentWay.SECOND, act=act, also={})
    assert ConsentRequest.objects.get().is_pending


def test_a_former_value_may_go_but_not_change(case: Case, act: Act) -> None:
    corrected(case, act, **HIS)
    connection.check_constraints()  # nothing of these rows is pending when they are to be emptied
    for sql in ("UPDATE students_formervalue SET value = ''", "TRUNCATE students_formervalue"):
        with as_owner() as cursor, pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)
    assert FormerValue.objects.all().delete()[0] == 3


def test_m4_what_was_corrected_is_erased_with_the_texts(case: Case, act: Act) -> None:
    corrected(case, act, **HIS)
    assert erase([case.pk]) == 1
    assert not FormerValue.objects.exists()
    assert [*broken_chains(), *differences()] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, '') FROM cases_event e")
        (kept,) = cursor.fetchone() or ("",)
    assert [text for text in (BEGONA, BRUNO, "Bruno") if text in kept] == []


@pytest.mark.upgrade
def test_an_office_with_data_is_upgraded() -> None:
    """The record of changes stays as it is, the new verbs are in the database's table, and there are no former values yet."""
    with scratch_database() as scratch:
        then = scratch.before("students", "0006_former_values")
        person = then.get_model("students", "Student").objects.create(
            curp=BEGONA, nombre="Begoña", primer_apellido="Peña", birth_date=dt.date(2008, 5, 3), sex="M", entity="GR", name_order="p",
            name_search="begona pena",
        )  # fmt: skip
        said = {"what": "contact", "at": timezone.now(), "actor_kind": "person", "actor_name": "Begoña Ñáñez", "detail": "correo"}
        then.get_model("cases", "RecordChange").objects.create(student_id=person.pk, **said)
        now = scratch.upgrade()
        changes = now.get_model("cases", "RecordChange").objects
        assert changes.values_list("student_id", "what", "detail").get() == (person.pk, "contact", "correo")
        changes.create(student_id=person.pk, **{**said, "what": "identity"})
        steps = now.get_model("cases", "Transition").objects.filter(verb__in=["correct_person", "retract_correction"])
        assert steps.count() == 2 * len(State)
        assert not now.get_model("students", "FormerValue").objects.exists()


def test_formervalue_field_known(case: Case, act: Act) -> None:
    with pytest.raises(IntegrityError, match="formervalue_field_known"):
        FormerValue.objects.create(student=case.student, field="x", at=act.now)


def test_correcting_many_costs_as_many_questions_as_correcting_one(make_case: MakeCase, act: Act, case: Case) -> None:
    many = {make_case().pk: {"nombre": f"Ana {n}", "matricula": f"M{n}"} for n in range(5)}
    with connection.execute_wrapper(counting := _Counting()):
        correct_person({case.pk: {"nombre": "Ana", "matricula": "M"}}, on=DAY, act=act, reason="Mal escrito")
        one, counting.n = counting.n, 0
        correct_person(many, on=DAY, act=act, reason="Mal escrito")
    assert counting.n == one


class _Counting:
    n = 0

    def __call__(self, execute: Any, *args: Any) -> Any:
        self.n += 1
        return execute(*args)
