"""Whose consent a merge of records needs, and what was agreed to: those two records and no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from afiliacion.cases import decisions
from afiliacion.cases.decisions import EnrolmentWay, NotDecided
from afiliacion.cases.models import Case, ConsentRequest
from afiliacion.cases.outcome import Outcome
from afiliacion.cases.states import State
from students.models import Enrolment, Plantel, Student
from tests.insurance.conftest import DAY, joined, officer
from tests.planteles import make_plantel

pytestmark = pytest.mark.django_db
Make = Callable[..., Case]


@pytest.fixture
def third_plantel(db: None) -> Plantel:
    return make_plantel("C0398765329", clave="PREPA3", name="Preparatoria Regional Núm. 3")


def enrolled(case: Case, plantel: Plantel) -> None:
    Enrolment.objects.create(student=case.student, plantel=plantel, ciclo=case.ciclo, matricula=f"X{case.pk}", enrolled_on=DAY)


@pytest.fixture
def asked(older: Make, newer: Make, plantel: Plantel, other_plantel: Plantel) -> tuple[Case, Case, ConsentRequest]:
    """Two cases of a plantel, and its request to the other one, to which the person of the first belongs too."""
    old, new = older(State.NSS_OBTENIDO), newer(State.SIN_NSS)
    enrolled(old, other_plantel)
    assert joined(new, old, officer(plantel)).requested == {new.pk}
    return old, new, ConsentRequest.objects.get()


def accept(request: ConsentRequest, *planteles: Plantel) -> None:
    decisions.accept(request.pk, EnrolmentWay.SECOND, act=officer(*planteles), also={})


def merged() -> int:
    return Student.objects.exclude(merged_into=None).count()


def test_refused_or_withdrawn_nothing_is_merged(asked: Any, plantel: Plantel, other_plantel: Plantel) -> None:
    old, new, request = asked
    decisions.refuse(request.pk, "No son la misma", act=officer(other_plantel))
    assert joined(new, old, officer(plantel)).requested == {new.pk}
    again = ConsentRequest.objects.get(status="pending")
    decisions.withdraw(again.pk, act=officer(plantel))
    with pytest.raises(NotDecided):
        accept(again, other_plantel)
    assert merged() == 0


def test_a_third_record_into_which_the_other_was_merged_meanwhile_is_not_what_was_agreed_to(
    asked: Any, case_in: Make, other_plantel: Plantel, third_plantel: Plantel
) -> None:
    _, new, request = asked
    third = case_in(State.SIN_NSS, plantel=third_plantel)
    order: Outcome = joined(third, new)
    assert order.skipped == {}
    assert Student.objects.get(pk=third.student_id).merged_into_id == new.student_id
    # The plantel that joined meanwhile was never asked.
    with pytest.raises(NotDecided, match="también de otros planteles"):
        accept(request, other_plantel)
    assert merged() == 1


def test_the_named_record_was_merged_into_another(asked: Any, case_in: Make, make_student: Any, other_plantel: Plantel) -> None:
    old, _, request = asked
    ConsentRequest.objects.filter(pk=request.pk).update(payload={**request.payload, "records": [0, old.student_id]})
    with pytest.raises(NotDecided, match="vuelva a buscarlo"):
        accept(request, other_plantel)
    assert merged() == 0


def test_merged_otherwise_meanwhile(asked: Any, other_plantel: Plantel) -> None:
    old, new, request = asked
    joined(old, new)
    with pytest.raises(NotDecided, match="vuelva a buscarlo"):
        accept(request, other_plantel)
    assert merged() == 1


def test_the_asking_plantel_s_record_is_of_another_plantel_too_by_now(asked: Any, other_plantel: Plantel, third_plantel: Plantel) -> None:
    _, new, request = asked
    enrolled(new, third_plantel)
    with pytest.raises(NotDecided, match="también de otros planteles"):
        accept(request, other_plantel)
    assert merged() == 0
