"""The page of who has no CURP yet, and the roads by which one leaves it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from afiliacion.cases import decisions
from afiliacion.cases.decisions import EnrolmentWay
from afiliacion.cases.models import Case, ConsentRequest, WithoutCurp
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import State
from afiliacion.dashboard.models import ListExport
from afiliacion.operations.simulation.invented_people import People, Person
from afiliacion.roll.models import Import, ImportState
from students.models import Ciclo, Enrolment, Plantel, Student
from tests.dashboard.lists import a_worker_looks, without_curp

pytestmark = pytest.mark.django_db
Noted = Callable[..., tuple[WithoutCurp, Person]]


@pytest.fixture
def noted(plantel: Plantel, ciclo: Ciclo, people: People) -> Noted:
    """A student without CURP, and the person they are."""

    def note(matricula: str, **fields: Any) -> tuple[WithoutCurp, Person]:
        person = fields.pop("person", None) or people.one()
        return without_curp(fields.pop("plantel", plantel), ciclo, person, matricula, **fields), person

    return note


def types(desk: Client, row: WithoutCurp, curp: str) -> str:
    return desk.post(reverse("without-curp-person", args=[row.pk]), {"curp": curp}, follow=True).content.decode()


def page(desk: Client, **query: str) -> str:
    return desk.get(reverse("without-curp"), query).content.decode()


def test_the_one_to_be_asked_first_is_on_top_and_who_is_late_is_marked(desk: Client, noted: Noted, other_plantel: Plantel) -> None:
    today = timezone.localdate()
    later, late = today + dt.timedelta(days=5), today - dt.timedelta(days=1)
    noted("S1", follow_up_on=later, primer_apellido="Primera")
    noted("S2", follow_up_on=late, primer_apellido="Segunda")
    noted("S3", follow_up_on=late, primer_apellido="Ajena", plantel=other_plantel)
    text = page(desk)
    assert text.index("Segunda") < text.index("Primera")
    assert (text.count("Atrasado"), "Ajena" in text) == (1, False)
    assert ("Primera" in page(desk, q="primera"), "Segunda" in page(desk, q="primera"), "Segunda" in page(desk, q="s2")) == (
        True,
        False,
        True,
    )


def test_home_and_reports_count_them_apart(desk: Client, noted: Noted, make_in: Callable[..., Case], ciclo: Ciclo) -> None:
    make_in(State.SIN_NSS)
    noted("S1", follow_up_on=timezone.localdate() - dt.timedelta(days=1))
    noted("S2", follow_up_on=timezone.localdate() + dt.timedelta(days=1))
    noted("S3", closed_at=timezone.now())
    home = desk.get(reverse("home"))
    assert (home.context["no_curp"], home.context["no_curp_late"], home.context["standing"].total) == (2, 1, 1)
    assert reverse("without-curp") in home.content.decode()
    report = desk.get(reverse("reports"), {"ciclo": ciclo.pk}).context["report"]
    assert (report.without_curp, sum(line.cases for line in report.lines)) == (2, 1)


def test_the_file_has_what_the_page_shows_and_is_written_down(desk: Client, noted: Noted) -> None:
    noted("S1", primer_apellido="=1+1")
    noted("S2")
    said = desk.post(reverse("without-curp-file", args=["csv"]), {"lista": "q=S1"})
    text = b"".join(said.streaming_content).decode()  # type: ignore[attr-defined] # a streaming one has it
    assert ("S1" in text, "S2" in text, "'=1+1" in text) == (True, False, True)
    assert (ListExport.objects.get().what, ListExport.objects.get().query) == ("sin-curp", "q=S1")
    workbook = desk.post(reverse("without-curp-file", args=["xlsx"]), {})
    assert b"".join(workbook.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
    workbook.close()


def test_a_page_costs_the_same_however_many(desk: Client, noted: Noted) -> None:
    costs = []
    for n in (1, 30):
        for k in range(n):
            noted(f"S{n}-{k}")
        with CaptureQueriesContext(connection) as queries:
            page(desk)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_curp_that_came_opens_the_case_and_can_be_undone(desk: Client, noted: Noted) -> None:
    row, person = noted("S1")
    assert "ya tiene su expediente" in types(desk, row, f" {person.curp.lower()} ")
    row.refresh_from_db()
    case = Case.objects.get()
    assert (row.enrolment, case.student.curp, case.student.full_name, case.state) == (
        case.enrolment, person.curp, row.full_name, State.SIN_NSS,
    )  # fmt: skip
    assert (case.enrolment.matricula, case.enrolment.enrolled_on) == ("S1", row.enrolled_on)
    text = desk.get(reverse("without-curp-person", args=[row.pk])).content.decode()
    assert (reverse("case", args=[case.pk]) in text, person.curp in text) == (True, False)

    desk.post(reverse("upload-undo", args=[Import.objects.get().pk]))
    a_worker_looks()
    row.refresh_from_db()
    assert (row.is_open, row.enrolment, Import.objects.get().state) == (True, None, ImportState.UNDONE)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("", "obligatorio"), ("PUFE050315HNERCNA5", "dígito verificador"), ("XEXX010101HNEXXXA4", "genérica")],
)  # fmt: skip
def test_what_is_no_curp_of_a_person_is_refused_with_the_reason(desk: Client, noted: Noted, typed: str, reason: str) -> None:
    row, _ = noted("S1")
    answer = desk.post(reverse("without-curp-person", args=[row.pk]), {"curp": typed})
    assert (answer.status_code, reason in answer.content.decode()) == (422, True)
    assert (Import.objects.exists(), Student.objects.exists()) == (False, False)


def test_the_curp_of_another_student_of_ones_own_is_looked_at_first(desk: Client, noted: Noted, make_in: Callable[..., Case]) -> None:
    known = make_in(State.SIN_NSS)
    before = (list(Student.objects.values()), list(Enrolment.objects.values()))
    row, _ = noted("S1")
    assert "Revise qué haría esta CURP" in types(desk, row, known.student.curp)
    assert (list(Student.objects.values()), list(Enrolment.objects.values())) == before
    row.refresh_from_db()
    assert (row.is_open, Import.objects.get().state) == (True, ImportState.CHECKED)
    assert "espera en «Listas»" in types(desk, row, known.student.curp)
    assert Import.objects.count() == 1


def test_the_curp_of_a_person_of_another_plantel_waits_for_its_consent(
    desk: Client, noted: Noted, make_in: Callable[..., Case], other_plantel: Plantel, people: People
) -> None:
    theirs = make_in(State.VIGENTE, plantel=other_plantel)
    before = list(Student.objects.values())
    names = {name: getattr(theirs.student, name) for name in ("nombre", "primer_apellido", "segundo_apellido", "birth_date", "sex")}
    row, _ = noted("S1", **names)
    assert "en verificación" in types(desk, row, theirs.student.curp)
    row.refresh_from_db()
    assert (row.is_open, list(Student.objects.values())) == (True, before)
    request = ConsentRequest.objects.get()
    assert (request.kind, request.curp) == ("enrol", theirs.student.curp)
    agreeing = Act(Actor(ActorKind.PERSON, "Rosa Uc"), timezone.now(), frozenset({other_plantel.pk}))
    decisions.accept(request.pk, EnrolmentWay.SECOND, act=agreeing, also={})
    row.refresh_from_db()
    assert (row.closed_by, row.enrolment) == ("Rosa Uc", Enrolment.objects.get(matricula="S1"))


def test_asked_again_another_day(desk: Client, noted: Noted) -> None:
    row, _ = noted("S1", follow_up_on=dt.date(2026, 1, 1))
    where, today = reverse("without-curp-follow", args=[row.pk]), timezone.localdate()
    assert desk.post(where, {"on": today.isoformat()}).status_code == 422
    assert desk.post(where, {"on": (today + dt.timedelta(days=7)).isoformat()}).status_code == 302
    row.refresh_from_db()
    assert (row.follow_up_on, bool(row.followed_by)) == (today + dt.timedelta(days=7), True)


def test_closed_with_a_reason_and_opened_again(desk: Client, noted: Noted) -> None:
    row, _ = noted("S1")
    before = WithoutCurp.objects.values().get()
    assert desk.post(reverse("without-curp-close", args=[row.pk]), {"reason": "  "}).status_code == 422
    desk.post(reverse("without-curp-close", args=[row.pk]), {"reason": "Dejó el plantel."})
    assert "Dejó el plantel." in page(desk, ver="cerrados")
    assert row.list_name not in page(desk)
    desk.post(reverse("without-curp-undo", args=[row.pk]))
    assert WithoutCurp.objects.values().get() == before
