import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from students.models import Ciclo, Enrolment, StaffPost, Student
from students.staff import plantel_ids, planteles

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"nss": "03230500014"}, "student_nss_check_digit"),
        ({"nss": "3230500013"}, "student_nss_"),
        ({"nss": "00000000000"}, "student_nss_form"),
        ({"curp": "PUFE050315ZNERCNA4"}, "student_curp_form"),
    ],
)
def test_invariant_3_the_database_refuses_what_no_number_is(make_student, fields, constraint):
    student = make_student()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Student.objects.filter(pk=student.pk).update(**fields)


def test_invariant_3_one_nss_per_curp_and_one_curp_per_nss(make_student):
    one = make_student(nss="03230500013")
    with pytest.raises(IntegrityError, match="student_nss_once"), transaction.atomic():
        make_student(nss="03230500013")
    with pytest.raises(IntegrityError, match="student_curp_once"), transaction.atomic():
        make_student(curp=one.curp)


def test_many_students_have_no_nss(make_student):
    make_student()
    make_student()
    assert Student.objects.filter(nss=None).count() == 2


@pytest.mark.parametrize("fields", [{"matricula": "26000000"}, {"matricula": "otra", "same_student": True}])
def test_an_enrolment_is_once_per_plantel_and_ciclo(make_enrolment, fields):
    first = make_enrolment(matricula="26000000")
    student = first.student if fields.pop("same_student", False) else None
    with pytest.raises(IntegrityError, match="enrolment_(matricula|student)_once"), transaction.atomic():
        make_enrolment(student=student, **fields)


def test_a_status_nobody_knows_is_refused(make_enrolment):
    enrolment = make_enrolment()
    with pytest.raises(IntegrityError, match="enrolment_status_known"), transaction.atomic():
        Enrolment.objects.filter(pk=enrolment.pk).update(status="oyente")


def test_a_ciclo_ends_after_it_starts():
    with pytest.raises(IntegrityError, match="ciclo_ends_after_start"), transaction.atomic():
        Ciclo.objects.create(clave="x", starts_on=dt.date(2026, 8, 1), ends_on=dt.date(2026, 8, 1))


def test_saving_keeps_the_keys_names_are_ordered_and_found_by(make_student):
    student = make_student(nombre="María José", primer_apellido="Ñáñez", segundo_apellido="")
    assert student.name_search == "maria jose nanez"
    assert student.list_name == "Ñáñez, María José"
    assert list(Student.objects.order_by(F("name_order"))) == [student]


def test_staff_see_their_planteles_only(officer, coordinator, plantel, other_plantel, django_user_model):
    boss = django_user_model.objects.create_superuser("root")
    assert plantel_ids(officer) == frozenset({plantel.pk})
    assert list(planteles(officer)) == [plantel]
    assert plantel_ids(coordinator) is None
    assert set(planteles(coordinator)) == {plantel, other_plantel}
    assert plantel_ids(boss) == frozenset()


def test_who_left_sees_nothing(officer, plantel):
    officer.is_active = False
    assert plantel_ids(officer) == frozenset()
    assert StaffPost.objects.filter(user=officer, plantel=plantel).exists()
