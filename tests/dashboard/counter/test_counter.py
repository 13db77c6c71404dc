"""Receiving at the counter: who it is, what is taken, taken once, and undone."""

from __future__ import annotations

import datetime as dt
import re
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case, PaperKind, WantedPaper
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State, Verb
from afiliacion.dashboard.models import CounterReceipt
from afiliacion.operations.simulation.invented_people import People
from afiliacion.reminders.letters.compose import compose
from afiliacion.reminders.letters.links import page_url
from afiliacion.reminders.models import BadAddress, Reminder, ReminderKind
from tests.dashboard.deeds import own_nss

SCRIPT: dict[str, Any] = {"HTTP_X_VENTANILLA": "1"}


@pytest.fixture
def wants(plantel: Any) -> Callable[..., None]:
    def want(*keys: str) -> None:
        for key in keys:
            WantedPaper.objects.create(plantel=plantel, step=Verb.DELIVER_ACUSE, kind=PaperKind.objects.get(key=key))

    return want


def asks(browser: Client, text: str, **more: Any) -> str:
    answer = browser.post("/ventanilla/buscar/", {"codigo": text, **more}, **SCRIPT)
    assert answer.status_code == 200
    return answer.content.decode()


def takes(browser: Client, case: Case, *papers: str, key: uuid.UUID | None = None, **more: Any) -> Any:
    slip = {"key": key or uuid.uuid4(), "caso": case.pk, "estado": case.state, "papeles": list(papers), "hace": 1000, **more}
    return browser.post("/ventanilla/recibir/", slip, **SCRIPT)


def undoes(browser: Client, key: uuid.UUID) -> Any:
    return browser.post("/ventanilla/deshacer/", {"key": key}, **SCRIPT)


@pytest.mark.parametrize("by", ["folio", "curp", "nss", "matricula", "name", "page", "page as typed by a scanner"])
def test_a_student_is_found_by_any_of_their_codes(
    by: str, make_in: Callable[..., Case], desk: Client, wants: Callable[..., None], local_today: dt.date
) -> None:
    wants("acuse", "curp")
    case = make_in(State.NSS_OBTENIDO)
    make_in(State.NSS_OBTENIDO)
    case.student.refresh_from_db()
    said = {
        "folio": case.folio, "curp": case.student.curp, "nss": case.student.nss or "", "matricula": case.enrolment.matricula,
        "page": page_url(case, local_today), "page as typed by a scanner": page_url(case, local_today).replace("/", "-").replace(":", "Ñ"),
        "name": f"{case.student.segundo_apellido} {case.student.primer_apellido} {case.student.nombre}",
    }  # fmt: skip
    page = asks(desk, said[by])
    assert f'data-case="{case.pk}"' in page
    assert "Acuse del NSS impreso" in page
    assert case.student.curp not in page
    assert (case.student.nss or "") not in page


def test_the_acuse_is_delivered_when_all_the_papers_are_there(make_in: Callable[..., Case], desk: Client, wants: Any, officer: Any) -> None:
    wants("acuse", "curp")
    case = make_in(State.NSS_OBTENIDO)
    assert "Falta: CURP" in takes(desk, case, "acuse").content.decode()
    case.refresh_from_db()
    assert (State(case.state), case.facts.papers_in) == (State.NSS_OBTENIDO, frozenset({"acuse"}))
    answer = takes(desk, case, "curp")
    case.refresh_from_db()
    assert (State(case.state), case.facts.papers_in) == (State.ACUSE_ENTREGADO, frozenset({"acuse", "curp"}))
    assert "Acuse completo" in answer.content.decode()
    assert answer.headers["X-Ventanilla-Cuenta"] == "2"
    assert case.events.latest("seq").actor_id == officer.pk


def test_the_same_key_takes_once_however_often_it_is_sent(make_in: Callable[..., Case], desk: Client) -> None:
    case, key = make_in(State.NSS_OBTENIDO), uuid.uuid4()
    answers = [takes(desk, case, "acuse", key=key) for _ in range(3)]
    assert [answer.headers["X-Ventanilla"] for answer in answers] == ["taken"] * 3
    assert case.events.filter(verb=Verb.DELIVER_ACUSE).count() == CounterReceipt.objects.count() == 1


def test_the_same_key_at_the_same_time_takes_once(committed: None, make_in: Callable[..., Case], officer: Any, enter: Any) -> None:
    case, key = make_in(State.NSS_OBTENIDO), uuid.uuid4()
    ready, answers = threading.Barrier(6), []

    def send() -> None:
        browser = enter(officer)
        ready.wait()
        answers.append(takes(browser, case, "acuse", key=key).headers["X-Ventanilla"])
        connection.close()

    hands = [threading.Thread(target=send) for _ in range(6)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert answers == ["taken"] * 6
    assert case.events.filter(verb=Verb.DELIVER_ACUSE).count() == CounterReceipt.objects.count() == 1


def test_two_counters_take_one_acuse_and_the_second_is_told(
    make_in: Callable[..., Case], desk: Client, coordinator: Any, enter: Any
) -> None:
    case = make_in(State.NSS_OBTENIDO)
    takes(enter(coordinator), case, "acuse")
    answer = takes(desk, case, "acuse")
    assert (answer.status_code, answer.headers["X-Ventanilla"]) == (409, "refused")
    assert "Lo último: Acuse entregado, por Óscar Güemes" in answer.content.decode()
    assert CounterReceipt.objects.count() == 1


def test_a_paper_taken_twice_is_told(make_in: Callable[..., Case], desk: Client, wants: Callable[..., None]) -> None:
    wants("acuse", "curp")
    case = make_in(State.NSS_OBTENIDO)
    takes(desk, case, "acuse")
    assert "Ya estaba recibido." in takes(desk, case, "acuse").content.decode()


def test_the_sheet_registers_the_nss_and_delivers_the_acuse_at_once(make_in: Callable[..., Case], desk: Client, people: People) -> None:
    case = make_in(State.SIN_NSS)
    nss = own_nss(case, people)
    page = asks(desk, f"x|Seguro|NSS: {nss}|Nombre: {case.student.full_name}|CURP: {case.student.curp}")
    assert page.count(" checked") == 2
    takes(desk, case, "nss", "acuse", nss=nss)
    case.refresh_from_db()
    assert (case.state, case.student.nss) == (State.ACUSE_ENTREGADO, nss)


def test_an_nss_alone_belongs_to_the_student_on_the_screen(make_in: Callable[..., Case], desk: Client, people: People) -> None:
    case = make_in(State.SIN_NSS)
    nss = own_nss(case, people)
    assert "Sin NSS registrado" in asks(desk, case.folio)
    assert "lea primero la matrícula" in asks(desk, nss)
    assert page_marks(asks(desk, nss, caso=case.pk)) == ["nss", "acuse"]


def page_marks(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('name="papeles" value="')[1:] if " checked" in part.split(">")[0]]


def test_an_nss_that_may_be_a_parents_is_marked_by_a_person(make_in: Callable[..., Case], desk: Client, people: People) -> None:
    case = make_in(State.SIN_NSS)
    page = asks(desk, people.one(born_from=1970, born_to=1975).nss, caso=case.pk)
    assert "puede ser de su mamá o su papá" in page
    assert page_marks(page) == []


def test_an_nss_read_and_not_marked_is_not_taken(make_in: Callable[..., Case], desk: Client, people: People) -> None:
    case = make_in(State.SIN_NSS)
    assert "Falta su NSS" in takes(desk, case, "acuse", nss=own_nss(case, people)).content.decode()
    case.refresh_from_db()
    assert (case.state, case.student.nss) == (State.SIN_NSS, None)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.ACUSE_ENTREGADO, "Ya entregó todo; el acuse, el 10/08/2026."),
        (State.VIGENTE, "No hay nada que recibir."),
        (State.RENUNCIA, "está cerrado (renuncia): no reciba nada"),
        (State.BAJA, "está cerrado (baja): no reciba nada"),
        (State.EN_SUBDELEGACION, "Está en «En subdelegación»"),
    ],
)
def test_whoever_is_elsewhere_on_the_path_is_told_in_one_line(make_in: Callable[..., Case], desk: Client, state: State, said: str) -> None:
    assert said in asks(desk, make_in(state).folio)


def plain(page: str) -> str:
    """A page without what differs each time it is made."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "KEY", page)


def test_c1_who_cannot_be_shown_is_told_in_one_line_whether_known_elsewhere_or_nowhere(
    make_in: Callable[..., Case], desk: Client, other_plantel: Any, people: People, local_today: dt.date
) -> None:
    theirs, ours = make_in(State.NSS_OBTENIDO, plantel=other_plantel, matricula="X-1"), make_in(State.NSS_OBTENIDO)
    theirs.student.refresh_from_db()
    unknown = people.one()
    for theirs_code, nobody_s in (
        (theirs.folio, "E-9999999"),
        (theirs.student.curp, unknown.curp),
        (theirs.student.nss or "", unknown.nss),
    ):
        page = asks(desk, theirs_code)
        assert plain(page) == plain(asks(desk, nobody_s))
        assert theirs.student.primer_apellido not in page
    # A matrícula or a name says nothing of people elsewhere.
    for code in ("X-1", theirs.student.full_name):
        assert "Nadie de su plantel coincide" in asks(desk, code)
    assert "Ese folio no existe" in asks(desk, "E-9999999")
    assert "Esa CURP no está en sus listas" in asks(desk, people.one().curp)
    assert "Lea un código" in asks(desk, "  ")
    page = page_url(ours, local_today - dt.timedelta(days=400))
    assert "ya caducó" in asks(desk, page)
    assert "no se leyó bien" in asks(desk, page[:-1] + "7" if page[-1] != "7" else page[:-1] + "8")
    # Another plantel's number is answered as one that no student has; one of this plantel, as its own.
    for number in (theirs.student.nss, unknown.nss):
        assert "El NSS de la hoja no es el que está registrado" in asks(desk, f"{number}|{ours.student.curp}")
    also_ours = make_in(State.NSS_OBTENIDO)
    also_ours.student.refresh_from_db()
    assert "el NSS de una persona y la CURP de otra" in asks(desk, f"{also_ours.student.nss}|{ours.student.curp}")


def test_another_planteles_student_cannot_be_taken(make_in: Callable[..., Case], desk: Client, other_plantel: Any) -> None:
    theirs = make_in(State.NSS_OBTENIDO, plantel=other_plantel)
    assert takes(desk, theirs, "acuse").content.decode() == "Ese expediente no existe."
    theirs.refresh_from_db()
    assert theirs.state == State.NSS_OBTENIDO


def test_homonyms_are_told_apart_and_chosen_by_number(make_in: Callable[..., Case], make_student: Any, desk: Client) -> None:
    same = {"nombre": "José", "primer_apellido": "Núñez", "segundo_apellido": "Ek", "nss": None}
    cases = [make_in(State.SIN_NSS, student=make_student(**same)) for _ in range(11)]
    page = asks(desk, "nunez ek jose")
    assert page.count('class="choice"') == 9
    assert "Son más de nueve" in page
    assert all(case.student.curp not in page for case in cases)


def test_undoing_gives_back_the_case_as_it_was(make_in: Callable[..., Case], desk: Client, wants: Any, people: People) -> None:
    wants("acuse", "curp")
    cases = {"nss": make_in(State.SIN_NSS), "acuse": make_in(State.NSS_OBTENIDO), "curp": make_in(State.NSS_OBTENIDO)}
    before = {name: case.facts for name, case in cases.items()}
    keys = {name: uuid.uuid4() for name in cases}
    takes(desk, cases["nss"], "nss", "acuse", "curp", key=keys["nss"], nss=own_nss(cases["nss"], people))
    takes(desk, cases["acuse"], "acuse", "curp", key=keys["acuse"])
    takes(desk, cases["curp"], "curp", key=keys["curp"])
    for name, case in cases.items():
        assert "Deshecho" in undoes(desk, keys[name]).content.decode()
        assert undoes(desk, keys[name]).headers["X-Ventanilla-Cuenta"] == str(2 - list(cases).index(name))
        case.refresh_from_db()
        # It was put back today: that is the only trace in the facts.
        assert case.facts._replace(state_since=before[name].state_since) == before[name]
    assert (list(differences()), list(broken_chains())) == ([], [])


def test_what_was_built_upon_is_not_undone_at_the_counter(make_in: Callable[..., Case], desk: Client, actor: Any, now: Any) -> None:
    case, key = make_in(State.NSS_OBTENIDO), uuid.uuid4()
    takes(desk, case, "acuse", key=key)
    verbs.send_alta({case.pk: {"lote": "1"}}, on=now.date(), act=Act(actor, case.events.latest("seq").at))
    answer = undoes(desk, key)
    assert answer.status_code == 409
    assert "Ya no se puede deshacer desde aquí" in answer.content.decode()


def test_one_undoes_only_what_is_ones_own(make_in: Callable[..., Case], desk: Client, coordinator: Any, enter: Any) -> None:
    case, key = make_in(State.NSS_OBTENIDO), uuid.uuid4()
    takes(desk, case, "acuse", key=key)
    assert undoes(enter(coordinator), key).content.decode() == "Esa recepción no existe."
    assert takes(enter(coordinator), case, "acuse", key=key).content.decode() == "Esa recepción la anotó otra persona."


def test_what_was_taken_without_a_network_has_the_day_it_was_taken(make_in: Callable[..., Case], desk: Client, local_today: Any) -> None:
    case = make_in(State.NSS_OBTENIDO)
    takes(desk, case, "acuse", hace=2 * 24 * 3600 * 1000)
    assert (local_today - case.events.latest("seq").on).days == 2


@pytest.mark.parametrize("wrong", [{"key": "x"}, {"caso": "x"}, {"caso": "9" * 30}, {"papeles": ["zzz"]}, {"nss": "123"}, {"hace": "-1"}])
def test_what_is_no_slip_is_refused(make_in: Callable[..., Case], desk: Client, wrong: dict[str, Any]) -> None:
    case = make_in(State.NSS_OBTENIDO)
    slip = {"key": uuid.uuid4(), "caso": case.pk, "estado": case.state, "papeles": ["acuse"], "hace": 0, **wrong}
    answer = desk.post("/ventanilla/recibir/", slip, **SCRIPT)
    assert (answer.status_code, answer.headers["X-Ventanilla"]) == (400, "refused")
    assert CounterReceipt.objects.count() == 0


@pytest.mark.parametrize("others", [0, 30])
def test_a_step_asks_little_of_the_database(
    make_in: Callable[..., Case], desk: Client, others: int, django_assert_max_num_queries: Any
) -> None:
    case = make_in(State.NSS_OBTENIDO)
    for _ in range(others):
        make_in(State.SIN_NSS)
    for code in (case.folio, case.student.curp, case.enrolment.matricula):
        with django_assert_max_num_queries(10):
            asks(desk, code)


def mails(browser: Client, key: uuid.UUID) -> Any:
    return browser.post(f"/ventanilla/recibos/{key}/correo/", **SCRIPT)


def test_s28_the_receipt_goes_by_mail_once_however_often_it_is_asked_for(
    make_in: Callable[..., Case], make_student: Callable[..., Any], desk: Client
) -> None:
    case, key = make_in(State.NSS_OBTENIDO, student=make_student(email="ana@x.mx")), uuid.uuid4()
    for _ in range(2):
        takes(desk, case, "acuse", key=key, correo="1")
    for _ in range(2):
        answer = mails(desk, key)
    assert "Recibo por correo: en espera" in answer.content.decode()
    mail = Reminder.objects.get()
    assert (mail.audience, mail.recipient, mail.data["documentos"]) == ("receipt", "ana@x.mx", PaperKind.objects.get(key="acuse").label)
    letter = compose(mail)
    assert f"Entregaste en tu plantel: {PaperKind.objects.get(key='acuse').label}." in letter.text
    assert (case.student.nss or "") not in letter.text + letter.html


def test_the_receipt_is_told_the_same_day_a_reminder_went_out(
    make_in: Callable[..., Case], make_student: Callable[..., Any], desk: Client, local_today: dt.date
) -> None:
    case, kind = make_in(State.NSS_OBTENIDO, student=make_student(email="ana@x.mx")), ReminderKind.objects.get(key="acuse_vencido")
    Reminder.objects.create(
        kind=kind, case=case, student=case.student, step="1-1", recipient="ana@x.mx", night=local_today, created_at=timezone.now(),
        send_after=timezone.now(),
    )  # fmt: skip
    takes(desk, case, "acuse", correo="1")
    assert Reminder.objects.filter(kind__key="recibo").count() == 1


@pytest.mark.parametrize(("email", "why"), [("", "no tiene un correo válido"), ("no@x.mx", "no sirve")])
def test_who_cannot_be_written_to_is_received_and_the_officer_is_told(
    make_in: Callable[..., Case], make_student: Callable[..., Any], desk: Client, email: str, why: str
) -> None:
    BadAddress.objects.create(address="no@x.mx", since=timezone.now(), words="550 5.1.1")
    case, key = make_in(State.NSS_OBTENIDO, student=make_student(email=email)), uuid.uuid4()
    assert takes(desk, case, "acuse", key=key, correo="1").headers["X-Ventanilla"] == "taken"
    answer = mails(desk, key)
    assert (answer.status_code, why in answer.content.decode().lower()) == (409, True)
    assert not Reminder.objects.exists()


def test_undoing_keeps_back_a_receipt_nobody_has_begun_to_send(
    make_in: Callable[..., Case], make_student: Callable[..., Any], desk: Client
) -> None:
    case, key = make_in(State.NSS_OBTENIDO, student=make_student(email="ana@x.mx")), uuid.uuid4()
    takes(desk, case, "acuse", key=key, correo="1")
    undoes(desk, key)
    assert Reminder.objects.get().status == Reminder.Status.DROPPED
    assert mails(desk, key).status_code == 404
