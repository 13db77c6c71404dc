"""C1: what an officer does to a person of other planteles waits for these, or for coordination."""

from __future__ import annotations

import datetime as dt
import io
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from afiliacion.cases import consent, decisions, verbs
from afiliacion.cases.decisions import EnrolmentWay, NotDecided
from afiliacion.cases.engine import ASKED
from afiliacion.cases.enrol import enrol
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case, ConsentRequest, Event
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.dashboard.consent import listing, views
from afiliacion.dashboard.shared.access import Scope
from afiliacion.operations.simulation.invented_people import People, Person
from afiliacion.reminders.decide.digest import figures
from afiliacion.reminders.models import Tutor
from students.models import Enrolment, Plantel, Student
from tests.dashboard.consent.asking import a_request
from tests.dashboard.deeds import PDF
from tests.dashboard.lists import a_worker_looks

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs(make_in: Callable[..., Case], other_plantel: Plantel) -> Case:
    """A student whom IMSS covers at the other plantel."""
    case = make_in(State.VIGENTE, plantel=other_plantel, matricula="X-1")
    case.student.refresh_from_db()
    return case


@pytest.fixture
def shared(theirs: Case, make_enrolment: Callable[..., Enrolment], actor: Any, now: dt.datetime) -> Case:
    """The officer's own case of the same student."""
    return Case.objects.get(pk=enrol([make_enrolment(student=theirs.student).pk], act=Act(actor, now)).opened[0])


def dump() -> dict[str, list[Any]]:
    """Cases, their events, persons, enrolments and tutors, byte for byte."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in (Case, Event, Student, Enrolment, Tutor)}


def a_row(student: Student | Person, matricula: str = "900", **said: str) -> bytes:
    row = {
        "matricula": matricula, "curp": student.curp, "nombre": student.nombre, "primer_apellido": student.primer_apellido,
        "segundo_apellido": student.segundo_apellido, "correo": "ladron@malo.example.mx", "fecha_inscripcion": "2026-08-06", **said,
    }  # fmt: skip
    return f"{','.join(row)}\n{','.join(row.values())}\n".encode()


def load(desk: Client, plantel: Plantel, ciclo: Any, content: bytes) -> str:
    """Bring a list through the screens and confirm it; returns the page of the preview."""
    file = io.BytesIO(content)
    file.name = "lista.csv"
    page = desk.post("/listas/", {"plantel": plantel.pk, "ciclo": ciclo.pk, "file": file}).headers["Location"]
    a_worker_looks()
    preview = desk.get(page).content.decode()
    desk.post(f"{page}cargar/")
    a_worker_looks()
    return preview


def test_c1_a_list_takes_nobody_over(desk: Client, theirs: Case, plantel: Plantel, ciclo: Any) -> None:
    """The attack: load a row with the CURP of another plantel's student, get a case, read the NSS, disown it."""
    before = dump()
    load(desk, plantel, ciclo, a_row(theirs.student))
    assert dump() == before
    page = desk.get("/solicitudes/").content.decode()
    assert "En verificación" in page
    assert "Preparatoria Regional Núm. 9" not in page
    assert theirs.student.email not in page
    rows = desk.get(f"/listas/{ConsentRequest.objects.get().list_id}/filas/").content.decode()
    assert "En verificación" in rows


def test_a_request_says_what_the_list_said_in_its_order_and_words(desk: Client, theirs: Case, plantel: Plantel, ciclo: Any) -> None:
    load(desk, plantel, ciclo, a_row(theirs.student, estatus="activo", grupo="3-A"))
    said = dict(listing.said(ConsentRequest.objects.get()))
    assert list(said)[:2] == ["Matrícula", "Nombre(s)"]
    assert list(said)[-3:] == ["Grupo", "Fecha de inscripción", "Situación"]
    assert (said["Fecha de inscripción"], said["Situación"]) == ("06/08/2026", "Activo")
    assert not {theirs.student.curp, theirs.student.nss} & set(said.values())


def test_c1_the_preview_s_pages_are_no_oracle(desk: Client, theirs: Case, plantel: Plantel, ciclo: Any, people: People) -> None:
    unknown, told = people.one(), []
    for who in (theirs.student, unknown):
        page = load(desk, plantel, ciclo, a_row(who, curp=who.curp, nss=theirs.student.nss or ""))
        for own in (who.curp, who.nombre, who.primer_apellido, who.segundo_apellido):
            page = page.replace(own, "…")
        told.append(re.sub(r"/listas/\d+/|value=\"[^\"]{64}\"|\d\d:\d\d h", "", page))
    assert told[0] == told[1]


@pytest.mark.parametrize("slug", ["nss-ajeno", "corregir-nss"])
def test_c1_the_own_case_s_order_leaves_the_other_plantel_s_case(
    slug: str, desk: Client, shared: Case, theirs: Case, people: People
) -> None:
    before = dump()
    said = {"version": shared.version, "on": "2026-08-12", "reason": "No es suyo", "nss": people.one().nss, "looked_twice": "on"}
    paper = SimpleUploadedFile("hoja.pdf", PDF, "application/pdf")
    answer = desk.post(f"/expedientes/{shared.pk}/acciones/{slug}/", {**said, "paper": paper}, follow=True)
    assert ASKED in answer.content.decode()
    assert dump() == before
    assert "En verificación" in desk.get(f"/expedientes/{shared.pk}/").content.decode()
    theirs.refresh_from_db()
    assert theirs.state == State.VIGENTE


def test_c1_once_agreed_the_step_is_taken_in_all_the_cases(
    shared: Case, theirs: Case, officer: Any, plantel: Plantel, foreign_officer: Any, enter: Any, now: dt.datetime
) -> None:
    outcome = verbs.disown_nss([shared.pk], on=now.date(), reason="No es suyo", act=Scope(officer, (plantel,)).act(now))
    assert (outcome.done, outcome.requested) == ([], {shared.pk})
    request = ConsentRequest.objects.get()
    decider = enter(foreign_officer)
    assert "Quitarle un NSS que no es suyo" in decider.get("/solicitudes/").content.decode()
    assert decider.post(f"/solicitudes/{request.pk}/aceptar/").status_code == 302
    assert set(Case.objects.values_list("state", flat=True)) == {State.SIN_NSS}
    assert Student.objects.get(pk=theirs.student_id).nss is None
    assert Event.objects.filter(case=theirs).latest("seq").actor_id == foreign_officer.pk
    assert "Aceptada por Itzel Uc" in enter(officer).get("/solicitudes/").content.decode()


def test_c1_refused_the_reason_is_read_and_not_the_name(
    theirs: Case, officer: Any, plantel: Plantel, ciclo: Any, foreign_officer: Any, enter: Any
) -> None:
    request = a_request(theirs, plantel, ciclo, officer)
    enter(foreign_officer).post(f"/solicitudes/{request.pk}/rechazar/", {"motivo": "Sigue aquí."})
    page = enter(officer).get("/solicitudes/").content.decode()
    assert "No se aceptó: Sigue aquí." in page
    assert "Itzel" not in page
    assert Case.objects.filter(plantel=plantel).count() == 0


def test_c1_the_tutor_of_a_shared_student_is_asked_for(desk: Client, shared: Case, foreign_officer: Any, enter: Any) -> None:
    desk.post(f"/avisos/tutor/{shared.pk}/", {"name": "Ladrón", "email": "ladron@malo.example.mx"})
    assert not Tutor.objects.exists()
    enter(foreign_officer).post(f"/solicitudes/{ConsentRequest.objects.get().pk}/aceptar/")
    assert Tutor.objects.get().email == "ladron@malo.example.mx"


def test_c1_a_number_of_others_is_refused_in_the_same_words_as_one_of_one_s_own(
    desk: Client, make_in: Callable[..., Case], theirs: Case
) -> None:
    ours, told = make_in(State.NSS_OBTENIDO), []
    ours.student.refresh_from_db()
    for number in (ours.student.nss, theirs.student.nss):
        case = make_in(State.SIN_NSS)
        answer = desk.post(
            f"/expedientes/{case.pk}/acciones/registrar-nss/",
            {"version": case.version, "on": "2026-08-12", "nss": number, "looked_twice": "on"},
        )
        told += re.findall(r"Ese NSS[^<]*", answer.content.decode())
    assert len(told) == 2
    assert told[0] == told[1]


def test_c1_at_the_counter_the_papers_are_taken_and_the_number_is_asked(
    desk: Client, make_in: Callable[..., Case], make_enrolment: Any, other_plantel: Plantel, actor: Any, now: dt.datetime, people: People
) -> None:
    there = make_in(State.SIN_NSS, plantel=other_plantel, matricula="X-2")
    here = Case.objects.get(pk=enrol([make_enrolment(student=there.student).pk], act=Act(actor, now)).opened[0])
    slip = {"key": "6f9619ff-8b86-4d01-b42d-00c04fc964ff", "caso": here.pk, "estado": here.state, "papeles": ["acuse", "nss"], "hace": 1}
    answer = desk.post("/ventanilla/recibir/", {**slip, "nss": people.one().nss}, headers={"X-Ventanilla": "1"})
    assert "en verificación" in answer.content.decode()
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.state, here.facts.papers_in, there.version) == (State.SIN_NSS, frozenset({"acuse"}), 1)
    assert ConsentRequest.objects.get().kind == "obtain_nss"


def test_c1_of_two_who_decide_at_once_one_wins(
    committed: None,
    theirs: Case,
    plantel: Plantel,
    ciclo: Any,
    coordinator: Any,
    foreign_officer: Any,
    other_plantel: Plantel,
    now: dt.datetime,
) -> None:
    request, ready, came = a_request(theirs, plantel, ciclo, None), threading.Barrier(2), []

    def decide(scope: Scope, way: EnrolmentWay | None) -> None:
        ready.wait(timeout=30)
        try:
            if way:
                decisions.accept(request.pk, way, act=scope.act(now), also={})
            else:
                decisions.refuse(request.pk, "No.", act=scope.act(now))
            came.append("")
        except NotDecided as why:
            came.append(str(why))
        finally:
            connection.close()

    deciders = [(Scope(coordinator, None), EnrolmentWay.TRANSFER), (Scope(foreign_officer, (other_plantel,)), None)]
    hands = [threading.Thread(target=decide, args=each) for each in deciders]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(timeout=60)
    assert sorted(map(bool, came)) == [False, True]
    request.refresh_from_db()
    assert Case.objects.filter(plantel=plantel).count() == (1 if request.status == "accepted" else 0)


def test_c1_who_answers_for_only_one_of_two_others_does_not_decide(
    make_in: Callable[..., Case], theirs: Case, make_enrolment: Any, plantel: Plantel, ciclo: Any, foreign_officer: Any, enter: Any,
    coordinator: Any,
) -> None:  # fmt: skip
    third = Plantel.objects.create(clave="P3", name="La tercera")
    make_enrolment(student=theirs.student, plantel=third)
    request = a_request(theirs, plantel, ciclo, None)
    page = enter(foreign_officer).get(f"/solicitudes/{request.pk}/").content.decode()
    assert "la decide la coordinación" in page
    assert third.name not in page
    enter(foreign_officer).post(f"/solicitudes/{request.pk}/aceptar/")
    request.refresh_from_db()
    assert request.status == "pending"
    enter(coordinator).post(f"/solicitudes/{request.pk}/aceptar/", {"como": "segundo"})
    assert Case.objects.filter(plantel=plantel).count() == 1


def test_c1_the_other_plantel_and_then_coordination_are_told(
    theirs: Case, plantel: Plantel, other_plantel: Plantel, ciclo: Any, officer: Any, foreign_officer: Any, coordinator: Any, enter: Any,
    local_today: dt.date,
) -> None:  # fmt: skip
    request = a_request(theirs, plantel, ciclo, officer)
    assert "1 solicitud de otro plantel espera respuesta" in enter(foreign_officer).get("/").content.decode()
    assert "Solicitudes (1)" in enter(foreign_officer).get("/").content.decode()
    for user in (officer, coordinator):
        assert "espera respuesta" not in enter(user).get("/").content.decode()
    assert figures(local_today, 7, {})[other_plantel.pk].counts["Solicitudes de otros planteles, por responder"] == 1
    ConsentRequest.objects.update(due_on=local_today - dt.timedelta(days=1))
    assert "espera respuesta" in enter(coordinator).get("/").content.decode()
    told = figures(local_today, 7, {})[plantel.pk].counts
    assert told["Solicitudes que nadie respondió a tiempo: decide la coordinación"] == 1
    assert request.due_on > local_today


def test_c1_an_officer_sees_no_check_made_for_those_who_know_more(
    desk: Client, coordinator: Any, enter: Any, theirs: Case, plantel: Plantel, ciclo: Any
) -> None:
    file = io.BytesIO(a_row(theirs.student))
    file.name = "lista.csv"
    page = enter(coordinator).post("/listas/", {"plantel": plantel.pk, "ciclo": ciclo.pk, "file": file}).headers["Location"]
    a_worker_looks()
    assert desk.get(page).status_code == 404
    file.seek(0)
    assert desk.post("/listas/", {"plantel": plantel.pk, "ciclo": ciclo.pk, "file": file}).headers["Location"] == "/listas/"


def test_c1_a_student_taken_back_belongs_to_nobody_s_plantel(
    make_in: Callable[..., Case], other_plantel: Plantel, plantel: Plantel, actor: Any, now: dt.datetime
) -> None:
    """A list loaded at the wrong plantel and undone does not make its students that plantel's."""
    case, ours = make_in(State.SIN_NSS, plantel=other_plantel), frozenset({plantel.pk})
    assert consent.foreign([case.student_id], ours) == {case.student_id}
    verbs.undo_load({case.pk: Happening(now.date(), {"before": None}, reason="Se deshizo")}, act=Act(actor, now))
    assert consent.foreign([case.student_id], ours) == set()


def test_every_request_that_waits_is_counted_and_can_be_reached(
    foreign_officer: Any, enter: Any, make_in: Callable[..., Case], other_plantel: Plantel, plantel: Plantel, ciclo: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    foreign_desk = enter(foreign_officer)
    monkeypatch.setattr(views, "SHOWN", 2)
    made = [a_request(make_in(State.VIGENTE, plantel=other_plantel), plantel, ciclo, None) for _ in range(3)]
    first = foreign_desk.get("/solicitudes/").content.decode()
    assert "Solicitudes (3)" in " ".join(first.split())
    assert '<a class="btn" href="?desde=2">Siguientes</a>' in first
    second = foreign_desk.get("/solicitudes/?desde=2").content.decode()
    shown = [[row.pk for row in made if f"/solicitudes/{row.pk}/" in page] for page in (first, second)]
    assert shown == [[made[0].pk, made[1].pk], [made[2].pk]]
    assert "Siguientes" not in second
