"""What was done since two records were merged is not lost when they are taken apart: it stands in the way, or goes where it belongs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from afiliacion.cases import consent
from afiliacion.cases.history.erasure import erase
from afiliacion.cases.identity.unmerging import last_merge
from afiliacion.cases.models import Case, ConsentRequest
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.reminders import tutors
from afiliacion.reminders.models import OptOut, Tutor
from afiliacion.student_page import actions
from students.models import Enrolment, Plantel, Student
from tests.insurance.conftest import DAY, by_night, joined, officer, parted

pytestmark = pytest.mark.django_db
Make = Callable[..., Case]


def later(hours: int = 1) -> Act:
    act = by_night(DAY)
    return replace(act, now=act.now + dt.timedelta(hours=hours))


def test_an_address_the_student_gave_since_is_not_written_over(older: Make, newer: Make) -> None:
    """The record had none; the merge gave it that of the other one, and the student a newer one."""
    old, new = older(State.SIN_NSS), newer(State.NSS_OBTENIDO)
    joined(old, new)
    actions.correct_contact(Case.objects.get(pk=new.pk), email="nuevo@x.example.mx", phone="", origin=None, now=later().now)
    assert "ya no se deshace" in parted(new, later(2)).skipped[new.pk]
    assert Student.objects.get(pk=old.student_id).email == "nuevo@x.example.mx"


def test_a_tutor_who_was_corrected_since_is_not_taken_away(older: Make, newer: Make) -> None:
    old, new = older(State.SIN_NSS), newer(State.NSS_OBTENIDO)
    tutors.write(new.student_id, "Rosa", "rosa@x.example.mx", by_night(DAY))
    joined(old, new)
    tutors.write(old.student_id, "Rosa Ñáñez", "rn@x.example.mx", later())
    assert "ya no se deshace" in parted(new, later(2)).skipped[new.pk]
    assert Tutor.objects.get(pk=old.student_id).name == "Rosa Ñáñez"


def test_what_a_case_asked_since_is_about_its_own_person_again(older: Make, newer: Make, sister: Plantel) -> None:
    """Or the planteles of the other one would decide about the data of this one."""
    old, new = older(State.SIN_NSS), newer(State.NSS_OBTENIDO, plantel=sister)
    joined(old, new)
    request = ConsentRequest(
        kind=consent.Kind.TUTOR, student_id=old.student_id, case_id=new.pk, plantel_id=sister.pk, payload={"name": "A"}
    )
    consent.ask([request], replace(officer(sister), now=later().now))
    assert parted(new, later(2)).skipped == {}
    assert ConsentRequest.objects.get().student_id == new.student_id


def test_who_has_another_plantel_too_is_taken_apart_by_coordination(
    older: Make, newer: Make, plantel: Plantel, other_plantel: Plantel
) -> None:
    """Also if there is no case at the other plantel yet."""
    old, new = older(State.SIN_NSS), newer(State.SIN_NSS)
    Enrolment.objects.create(student=old.student, plantel=other_plantel, ciclo=old.ciclo, matricula="9", enrolled_on=DAY)
    joined(old, new)
    assert "pida a la coordinación" in parted(new, officer(plantel)).skipped[new.pk]
    assert parted(new).skipped == {}


def test_a_merge_that_was_taken_apart_does_not_hold_an_earlier_one(older: Make, newer: Make, case_in: Make, make_student: Any) -> None:
    old, new, third = older(State.SIN_NSS), newer(State.NSS_OBTENIDO), case_in(State.SIN_NSS, matricula="26000003")
    assert joined(old, new, later(1)).skipped == {}
    assert joined(third, old, later(2)).skipped == {}
    assert parted(third, later(3)).skipped == {}
    assert parted(old, later(4)).skipped == {}
    assert last_merge(old.student_id) is None


def test_an_erasure_leaves_of_a_merged_record_what_the_person_s_own_says(
    older: Make, newer: Make, case_in: Make, make_student: Any
) -> None:
    """Also of one that was merged into the merged one, and of what others keep of it."""
    oldest = case_in(State.SIN_NSS, student=make_student(nombre="Úrsula"))
    old, new = older(State.SIN_NSS), newer(State.NSS_OBTENIDO)
    tutors.write(new.student_id, "Rosa", "rosa@x.example.mx", by_night(DAY))
    OptOut.objects.create(student=new.student, at=later().now)
    joined(old, new, later(1))
    joined(oldest, old, later(2))
    erase([new.pk])
    person = Student.objects.get(merged_into=None)
    for record in Student.objects.exclude(merged_into=None):
        said = record.nombre, record.primer_apellido, record.segundo_apellido, record.name_search, record.email, record.phone
        assert "".join(said).strip() == ""
        assert (record.birth_date, record.sex, record.entity) == (person.birth_date, person.sex, person.entity)
        assert not Tutor.objects.filter(pk=record.pk).exists() and not OptOut.objects.filter(pk=record.pk).exists()  # noqa: PT018
    assert person.nombre == "Úrsula"
    assert Tutor.objects.filter(pk=person.pk).exists()
    assert "ya no se deshace" in parted(new, later(3)).skipped[new.pk]
