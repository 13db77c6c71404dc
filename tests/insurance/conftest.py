"""Two planteles under one registro patronal, and cases of one person at both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from afiliacion.cases import enrol, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.identity.merging import MergeOrder, merge
from afiliacion.cases.identity.unmerging import retract_merge
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import IMSS, NIGHT, Act, Actor, ActorKind, Outcome
from afiliacion.cases.states import State
from students.models import Plantel, RegistroPatronal
from tests.imss.conftest import _authority, authority, case_in, night, quick, stand_in  # noqa: F401

D = dt.date
PROOF = "cd" * 32
#: Two records of one person, to be merged on a day.
DAY = D(2026, 8, 20)
BEGONA, BRUNO = "PECB080503MGRXRGA5", "PECB080503HGRXRGA5"
HERS = {"curp": BEGONA, "nombre": "Begoña", "primer_apellido": "Ñáñez", "segundo_apellido": "de la O", "sex": "M", "entity": "GR"}
HIS = {**HERS, "curp": BRUNO, "nombre": "Bruno", "sex": "H"}


def noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def by_night(day: dt.date) -> Act:
    return Act(NIGHT, noon(day))


def by_imss(day: dt.date) -> Act:
    return Act(IMSS, noon(day))


@pytest.fixture
def sister(other_plantel: Plantel, plantel: Plantel) -> Plantel:
    """Another plantel under the registro patronal of the first one."""
    RegistroPatronal.objects.filter(plantel=other_plantel).update(registro="A0112345321")
    return other_plantel


@pytest.fixture
def second(make_enrolment: Callable[..., Any]) -> Callable[..., Case]:
    """The same person's case at another plantel or ciclo, opened on `on` and brought to a state on that day."""

    def open_(case: Case, on: dt.date, state: State = State.NSS_OBTENIDO, **fields: Any) -> Case:
        enrolment = make_enrolment(student=case.student, enrolled_on=on, **fields)
        (opened,) = enrol.enrol([enrolment.pk], act=by_night(on)).opened
        if state is State.ACUSE_ENTREGADO:
            assert verbs.deliver_acuse([opened], on=on, act=by_night(on)).done == [opened]
        return Case.objects.get(pk=opened)

    return open_


@pytest.fixture
def says_yes() -> Callable[..., None]:
    """IMSS says SI about a case."""

    def confirm(case: Case, on: dt.date, registro: str) -> None:
        assert verbs.confirm_vigencia({case.pk: Happening(on, {"registro": registro}, PROOF)}, act=by_imss(on)).done == [case.pk]

    return confirm


def now_of(*cases: Case) -> list[Case]:
    """The cases as they stand."""
    return [Case.objects.get(pk=case.pk) for case in cases]


@pytest.fixture
def older(case_in: Callable[..., Case], make_student: Callable[..., Any]) -> Callable[..., Case]:  # noqa: F811
    def make(state: State, **fields: Any) -> Case:
        hers = make_student(**HERS, birth_date=D(2008, 5, 3), email="")
        case: Case = case_in(state, student=hers, matricula="26000001", **fields)
        return case

    return make


@pytest.fixture
def newer(case_in: Callable[..., Case], make_student: Callable[..., Any]) -> Callable[..., Case]:  # noqa: F811
    def make(state: State, **fields: Any) -> Case:
        his = make_student(**HIS, birth_date=D(2008, 5, 3), email="b@x.example.mx")
        case: Case = case_in(state, student=his, matricula="26000002", **fields)
        return case

    return make


def officer(*planteles: Plantel) -> Act:
    return Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), by_night(DAY).now, frozenset(plantel.pk for plantel in planteles))


def joined(case: Case, other: Case, act: Act | None = None, *, right_is_other: bool = False) -> Outcome:
    order = MergeOrder(case.pk, other.student_id, right_is_other, DAY, "Son la misma persona", PROOF, other.folio)
    return merge(order, act=act or by_night(DAY))


def parted(case: Case, act: Act | None = None, on: dt.date = DAY) -> Outcome:
    return retract_merge(case.pk, on=on, act=act or by_night(on), reason="Eran dos personas")
