"""The subdelegación desk: gathered, presented, answered, each case through its verbs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from afiliacion.cases.history.consistency import differences
from afiliacion.cases.models import Case
from afiliacion.cases.states import State, Turn
from afiliacion.dashboard.models import DeskErrand, DeskVisit, Disclosure
from afiliacion.operations.simulation.invented_people import People
from students.models import Plantel
from tests.browser import DESK, PHONE, Watched, whole
from tests.dashboard.deeds import own_nss
from tests.planteles import add_registro

ASKED: dict[str, Any] = {"subdelegacion": "Iguala", "day": "2026-08-24", "officer": "Begoña Ñáñez", "number": "OF-7/2026"}
DAY = "2026-08-12"


@pytest.fixture
def make_visit(desk: Client, make_in: Callable[..., Case]) -> Callable[[int], tuple[DeskVisit, list[Case]]]:
    """A visit of the officer's with so many cases."""

    def make(n: int = 2, **fields: Any) -> tuple[DeskVisit, list[Case]]:
        cases = [make_in(State.EN_SUBDELEGACION, **fields) for _ in range(n)]
        answer = desk.post("/subdelegacion/preparar/", {**ASKED, "caso": [case.pk for case in cases]})
        assert answer.status_code == 302, answer.content.decode()
        return DeskVisit.objects.latest("pk"), cases

    return make


def answers(desk: Client, visit: DeskVisit, said: dict[int, dict[str, str]], **more: str) -> Any:
    rows = {f"caso-{case_id}-{name}": value for case_id, row in said.items() for name, value in row.items()}
    return desk.post(f"/subdelegacion/salidas/{visit.pk}/resultados/", {"todos-on": DAY, **more, **rows}, follow=True)


def page(desk: Client, path: str = "") -> str:
    return desk.get(f"/subdelegacion/{path}").content.decode()


def test_cases_are_grouped_by_subdelegacion_with_their_reason(
    make_in: Callable[..., Case], other_plantel: Plantel, coordinator: Any, enter: Any, desk: Client
) -> None:
    ours, theirs = make_in(State.EN_SUBDELEGACION), make_in(State.EN_SUBDELEGACION, plantel=other_plantel)
    make_in(State.SIN_NSS)
    everything = page(enter(coordinator))
    assert "Iguala · 1 por llevar" in everything
    assert "Sin subdelegación anotada en el plantel · 1 por llevar" in everything
    assert "Prueba" in everything
    own = page(desk)
    assert ours.student.list_name in own
    assert theirs.student.list_name not in own


def test_a_visit_from_the_desk_to_the_last_answer(desk: Client, make_visit: Any, people: People) -> None:
    visit, (given, back, again) = make_visit(3)
    assert "No hay nada por llevar" in page(desk)
    told = desk.post(f"/subdelegacion/salidas/{visit.pk}/presentado/", {"on": DAY, "folio": "S-118"}, follow=True)
    assert "3 presentados." in told.content.decode()
    given.refresh_from_db()
    assert (given.turn, given.filed_on.isoformat() if given.filed_on else "") == (Turn.IMSS, DAY)
    assert given.events.latest("seq").details["folio"] == "S-118"
    nss = own_nss(given, people)
    said = {
        given.pk: {"nss": nss},
        back.pk: {"result": "solved", "note": "Ya está en el padrón"},
        again.pk: {"result": "again", "note": "Falta el acta"},
    }
    assert "3 resultados anotados." in answers(desk, visit, said).content.decode()
    for case in (given, back, again):
        case.refresh_from_db()
    assert (given.state, given.student.nss, back.state) == (State.NSS_OBTENIDO, nss, State.SIN_NSS)
    assert back.events.latest("seq").reason == "Ya está en el padrón"
    assert (again.state, again.filed_on, again.turn) == (State.EN_SUBDELEGACION, None, Turn.ESCUELA)
    assert again.events.latest("seq").reason == "Falta el acta"
    assert "Hay que volver a ir" in page(desk)
    assert list(differences()) == []


def test_those_left_blank_get_the_answer_of_all(desk: Client, make_visit: Any) -> None:
    visit, cases = make_visit(3)
    answers(desk, visit, {cases[0].pk: {"result": "again", "note": "Falta"}}, **{"todos-rest": "solved"})
    assert DeskErrand.objects.filter(visit=visit, result="solved").count() == 2


def test_one_wrong_row_saves_nothing_and_loses_nothing(desk: Client, make_visit: Any) -> None:
    visit, cases = make_visit(2)
    told = answers(desk, visit, {cases[0].pk: {"nss": "123", "note": "Lo que dijeron"}, cases[1].pk: {"result": "again"}})
    text = told.content.decode()
    assert told.status_code == 422
    assert "Debe tener 11 dígitos y tiene 3." in text
    assert "Escriba qué faltó." in text
    assert "Lo que dijeron" in text
    assert not DeskErrand.objects.exclude(result="").exists()


def test_somebody_elses_nss_is_told_and_the_rest_goes_on(desk: Client, make_visit: Any, make_in: Callable[..., Case]) -> None:
    other = make_in(State.NSS_OBTENIDO)
    other.student.refresh_from_db()
    visit, cases = make_visit(2)
    text = answers(desk, visit, {cases[0].pk: {"nss": other.student.nss or ""}, cases[1].pk: {"result": "solved"}}).content.decode()
    assert "1 resultado anotado." in text
    assert f"{cases[0].student.list_name}: Ese NSS ya está registrado para otra persona" in text


def test_nothing_is_done_twice(desk: Client, make_visit: Any) -> None:
    visit, (case,) = make_visit(1)
    again = desk.post("/subdelegacion/preparar/", {**ASKED, "caso": [case.pk]}, follow=True).content.decode()
    assert "Elija al menos un caso" in again
    for _ in range(2):
        desk.post(f"/subdelegacion/salidas/{visit.pk}/presentado/", {"on": DAY})
    for _ in range(2):
        answers(desk, visit, {case.pk: {"result": "resend"}})
    verbs = list(case.events.order_by("seq").values_list("verb", flat=True))
    assert verbs == ["open", "escalate", "file_at_desk", "return"]


def present(desk: Client, visit: DeskVisit, on: str = DAY) -> str:
    return desk.post(f"/subdelegacion/salidas/{visit.pk}/presentado/", {"on": on, "folio": "S-1"}, follow=True).content.decode()


def test_what_was_missing_stands_in_the_history_and_is_taken_back(desk: Client, make_visit: Any) -> None:
    visit, (case,) = make_visit(1)
    present(desk, visit)
    answers(desk, visit, {case.pk: {"result": "again", "note": "Falta el acta"}})
    case.refresh_from_db()
    assert (case.filed_on, case.turn, case.due_on) == (None, Turn.ESCUELA, case.due_on)
    told = desk.get(f"/expedientes/{case.pk}/").content.decode()
    for said in ("Llevar otra vez el caso a la subdelegación: faltó algo", "La subdelegación pidió algo más", "«Falta el acta»"):
        assert said in told
    assert "pidieron «Falta el acta»" in page(desk)
    lista = b"".join(desk.post(f"/subdelegacion/salidas/{visit.pk}/lista.csv")).decode("utf-8-sig")
    assert "Prueba. Pidieron el 12/08/2026: Falta el acta" in lista
    undo = f"/subdelegacion/salidas/{visit.pk}/resultados/deshacer/"
    assert "1 vuelve a esperar respuesta." in desk.post(undo, {"caso": case.pk}, follow=True).content.decode()
    assert "No se deshizo nada" in desk.post(undo, {"caso": case.pk}, follow=True).content.decode()
    case.refresh_from_db()
    assert (case.filed_on.isoformat() if case.filed_on else "", case.turn) == (DAY, Turn.IMSS)


def test_what_is_missing_counts_from_the_day_it_was_said(desk: Client, make_visit: Any) -> None:
    visit, (case,) = make_visit(1)
    present(desk, visit)
    answers(desk, visit, {case.pk: {"result": "again", "note": "Falta el acta"}}, **{"todos-on": "2026-10-01"})
    case.refresh_from_db()
    assert case.due_on
    assert case.due_on > dt.date(2026, 10, 1)


REFUSED: dict[str, tuple[str, dict[str, str], str]] = {
    "presented again tomorrow": ("presentado/", {"on": "<tomorrow>"}, "Ya se había anotado que se presentó: no se cambió nada."),
    "answered tomorrow": ("resultados/", {"todos-on": "<tomorrow>", "todos-rest": "solved"}, "Esa fecha aún no llega."),
    "answered before it was presented": (
        "resultados/", {"todos-on": "2026-08-11", "todos-rest": "solved"}, "se presentó el 12/08/2026: no pudieron responder antes",
    ),
    "missing before it was presented": (
        "resultados/", {"todos-on": "2026-08-11", "caso-<id>-result": "again", "caso-<id>-note": "El acta"}, "no pudieron responder antes",
    ),
    "presented twice": ("presentado/", {"on": "2026-08-13"}, "Ya se había anotado que se presentó: no se cambió nada."),
    "cancelled once presented": ("deshacer/", {}, "Esa salida ya se presentó o ya se había deshecho"),
    "another case's answer undone": ("resultados/deshacer/", {"caso": "99999999999999999999"}, "No se deshizo nada"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_said_and_changes_nothing(desk: Client, make_visit: Any, local_today: dt.date, what: str) -> None:
    visit, (case,) = make_visit(1)
    present(desk, visit)
    case.refresh_from_db()
    where, said, answer = REFUSED[what]
    meant = {"<tomorrow>": (local_today + dt.timedelta(days=1)).isoformat()}
    typed = {name.replace("<id>", str(case.pk)): meant.get(value, value) for name, value in said.items()}
    told = desk.post(f"/subdelegacion/salidas/{visit.pk}/{where}", typed, follow=True).content.decode()
    assert answer in told
    assert Case.objects.get(pk=case.pk).version == case.version


def test_nothing_is_presented_tomorrow(desk: Client, make_visit: Any, local_today: dt.date) -> None:
    visit, (case,) = make_visit(1)
    assert "Esa fecha aún no llega." in present(desk, visit, (local_today + dt.timedelta(days=1)).isoformat())
    assert Case.objects.get(pk=case.pk).filed_on is None


def test_a_second_window_is_told_what_the_first_one_noted(desk: Client, make_visit: Any) -> None:
    visit, (case, other) = make_visit(2)
    present(desk, visit)
    answers(desk, visit, {case.pk: {"result": "again", "note": "Falta el acta"}})
    told = answers(desk, visit, {case.pk: {"result": "solved"}, other.pk: {"result": "solved"}}).content.decode()
    assert "1 resultado anotado." in told
    assert f"{case.student.list_name} ya tenía respuesta y no se cambió: Faltó algo: hay que volver a ir." in told
    case.refresh_from_db()
    assert case.state == State.EN_SUBDELEGACION


def test_a_visit_that_was_printed_and_not_presented_says_so(desk: Client, make_visit: Any) -> None:
    visit, _ = make_visit(1)
    DeskVisit.objects.update(day=dt.date(2026, 8, 11))
    assert "El día pasó y no se ha anotado que se presentó." in page(desk)
    own = page(desk, f"salidas/{visit.pk}/")
    assert "Imprimir el oficio no cuenta como presentarlo" in own
    assert "si nadie fue, deshaga la salida" in own
    present(desk, visit)
    assert "no se ha anotado" not in page(desk)


def test_a_visit_that_was_undone_has_no_oficio_and_is_not_to_be_presented(desk: Client, make_visit: Any) -> None:
    visit, _ = make_visit(1)
    desk.post(f"/subdelegacion/salidas/{visit.pk}/deshacer/")
    told = desk.post(f"/subdelegacion/salidas/{visit.pk}/oficio/", follow=True).content.decode()
    assert "no hay oficio que imprimir" in told
    assert "se deshizo" in page(desk)
    assert "¿Ya se presentó?" not in told


def test_a_day_a_year_off_is_asked_again(desk: Client, make_in: Callable[..., Case]) -> None:
    case = make_in(State.EN_SUBDELEGACION)
    told = desk.post("/subdelegacion/preparar/", {**ASKED, "caso": [case.pk], "day": "2206-08-24"})
    assert told.status_code == 422
    assert "revise el año" in told.content.decode()


def test_an_answer_noted_before_the_upgrade_is_offered(desk: Client, make_visit: Any) -> None:
    visit, (case,) = make_visit(1)
    present(desk, visit)
    DeskErrand.objects.update(note="Falta el acta")
    form = desk.get(f"/subdelegacion/salidas/{visit.pk}/").context["answers"]
    [(_, row)] = form.rows
    assert (row["result"].value(), row["note"].value()) == ("again", "Falta el acta")
    answers(desk, visit, {case.pk: {"result": "again", "note": "Falta el acta"}})
    assert case.events.latest("seq").reason == "Falta el acta"


def test_a_visit_nobody_made_is_undone(desk: Client, make_visit: Any) -> None:
    visit, (case,) = make_visit(1)
    told = desk.post(f"/subdelegacion/salidas/{visit.pk}/deshacer/", follow=True).content.decode()
    assert "1 caso vuelve a estar por llevarse" in told
    assert case.student.list_name in told


def test_the_list_has_the_whole_numbers_and_says_who_took_them(desk: Client, make_visit: Any, make_student: Any, officer: Any) -> None:
    bad = make_student(primer_apellido="=cmd|calc")
    visit, (case,) = make_visit(1, student=bad)
    add_registro(case.plantel, "C0355512321", visit.day)
    add_registro(case.plantel, "B0298765329", visit.day + dt.timedelta(days=1))
    answer = desk.post(f"/subdelegacion/salidas/{visit.pk}/lista.csv")
    text = b"".join(answer).decode("utf-8-sig")
    assert case.student.curp in text
    assert "'=cmd|calc" in text
    assert "C03-55512-32-1" in text, "of the day of the visit"
    assert Disclosure.objects.get(case=case).user == officer
    assert desk.get(f"/subdelegacion/salidas/{visit.pk}/lista.csv").status_code == 405


def test_another_planteles_cases_are_not_there(
    make_visit: Any, make_in: Callable[..., Case], desk: Client, foreign_officer: Any, enter: Any, other_plantel: Plantel
) -> None:
    visit, cases = make_visit(1)
    foreign = enter(foreign_officer)
    for path in ("presentado/", "resultados/", "deshacer/", "lista.csv"):
        assert foreign.post(f"/subdelegacion/salidas/{visit.pk}/{path}", {"on": DAY}).status_code == 404
    theirs = make_in(State.EN_SUBDELEGACION, plantel=other_plantel)
    desk.post("/subdelegacion/preparar/", {**ASKED, "subdelegacion": "", "caso": [theirs.pk]})
    assert DeskVisit.objects.count() == 1
    assert cases[0].state == State.EN_SUBDELEGACION


@pytest.mark.parametrize("wrong", [{"day": "ayer"}, {"officer": ""}])
def test_a_visit_without_day_or_person_is_asked_again(desk: Client, make_in: Callable[..., Case], wrong: dict[str, str]) -> None:
    case = make_in(State.EN_SUBDELEGACION)
    answer = desk.post("/subdelegacion/preparar/", {**ASKED, "caso": [case.pk], **wrong})
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()


@pytest.mark.parametrize("n", [1, 30])
def test_the_desk_asks_as_much_for_one_as_for_many(
    desk: Client, make_in: Callable[..., Case], n: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(n):
        make_in(State.EN_SUBDELEGACION)
    with django_assert_max_num_queries(10):
        page(desk)


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_twelve_students_are_taken_to_the_subdelegacion_in_a_browser(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
    size: dict[str, int],
) -> None:
    cases = [make_in(State.EN_SUBDELEGACION) for _ in range(4)]
    page = open_page(officer, size=size).go("/subdelegacion/")
    whole(page)
    page.get_by_label(f"Llevar a {cases[0].student.list_name}").uncheck()
    page.get_by_label("Número de oficio").fill("OF-7/2026")
    page.get_by_role("button", name="Preparar la salida").click()
    expect(page.get_by_role("heading", name="Qué se lleva")).to_be_visible()
    whole(page)
    page.get_by_label("Folio o sello que dieron").fill("S-118")
    page.get_by_role("button", name="Anotar que se presentó").click()
    expect(page.get_by_text("3 presentados.")).to_be_visible()
    page.get_by_label("Resultado de los que deje sin elegir").select_option(label="Resuelto: el trámite sigue")
    page.get_by_role("button", name="Anotar los resultados").click()
    expect(page.get_by_text("3 resultados anotados.")).to_be_visible()
    whole(page)
    page.get_by_role("link", name="Subdelegación").first.click()
    expect(page.get_by_text("1 por llevar")).to_be_visible()
