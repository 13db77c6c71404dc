"""The counter in a real Chromium, by keyboard alone, as a scanner types, with the network coming and going."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from afiliacion.cases import verbs
from afiliacion.cases.models import Case, PaperKind, WantedPaper
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State, Verb
from afiliacion.dashboard.models import CounterReceipt
from afiliacion.operations.simulation.invented_people import People
from tests.browser import DESK, PHONE, Watched, whole
from tests.dashboard.deeds import own_nss

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]


@pytest.fixture
def watched(open_page: Callable[..., Watched], officer: Any, plantel: Any) -> Watched:
    for key in ("acuse", "curp"):
        WantedPaper.objects.create(plantel=plantel, step=Verb.DELIVER_ACUSE, kind=PaperKind.objects.get(key=key))
    watched = open_page(officer)
    watched.go("/ventanilla/")
    return watched


@pytest.fixture
def counter(watched: Watched) -> Page:
    return watched.page


def forgive(watched: Watched) -> None:
    """The browser notes the failures these tests bring about; that is no complaint."""
    watched.complaints[:] = [said for said in watched.complaints if "Failed to load" not in said and "net::ERR_" not in said]


def scan(page: Page, code: str) -> None:
    """As a scanner does: all at once, and Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def on_desk(page: Page, case: Case) -> None:
    expect(page.get_by_role("heading", name=case.student.full_name)).to_be_visible()


def state(case: Case) -> str:
    case.refresh_from_db()
    return case.state


def test_three_strokes_a_student_and_the_field_is_ready_again(counter: Page, make_in: Callable[..., Case]) -> None:
    cases = [make_in(State.NSS_OBTENIDO) for _ in range(3)]
    for n, case in enumerate(cases, 1):
        scan(counter, case.folio)
        on_desk(counter, case)
        counter.keyboard.press("0")
        expect(counter.locator("input[name=papeles]:checked")).to_have_count(2)
        counter.keyboard.press("Enter")
        expect(counter.locator("#cuenta")).to_have_text(str(n))
        expect(counter.locator("#codigo")).to_be_focused()
        expect(counter.locator("#codigo")).to_have_value("")
    assert [state(case) for case in cases] == [State.ACUSE_ENTREGADO] * 3
    expect(counter.locator("#ultimos li").first).to_contain_text(cases[-1].student.primer_apellido)


def test_one_key_a_paper_and_a_quick_hand(counter: Page, make_in: Callable[..., Case]) -> None:
    case = make_in(State.NSS_OBTENIDO)
    scan(counter, case.student.curp.lower())
    on_desk(counter, case)
    counter.keyboard.press("1")
    # Faster than the page tells a key from a scanner.
    counter.keyboard.press("Enter")
    expect(counter.locator("#ultimos li")).to_contain_text("Falta: CURP")
    assert case.events.latest("seq").data["papers"] == ["acuse"]


def test_the_sheet_of_somebody_without_nss(counter: Page, make_in: Callable[..., Case], people: People) -> None:
    case = make_in(State.SIN_NSS)
    scan(counter, case.enrolment.matricula)
    on_desk(counter, case)
    scan(counter, own_nss(case, people))
    expect(counter.locator("input[name=papeles]:checked")).to_have_count(2)
    counter.keyboard.press("0")
    expect(counter.locator("input[name=papeles]:checked")).to_have_count(3)
    counter.keyboard.press("Enter")
    expect(counter.locator("#cuenta")).to_have_text("1")
    assert state(case) == State.ACUSE_ENTREGADO


def test_a_scan_over_something_unsaved_loses_nothing(counter: Page, make_in: Callable[..., Case]) -> None:
    case, other = make_in(State.NSS_OBTENIDO), make_in(State.NSS_OBTENIDO)
    scan(counter, case.folio)
    on_desk(counter, case)
    counter.keyboard.press("0")
    expect(counter.locator("input[name=papeles]:checked")).to_have_count(2)
    scan(counter, other.folio)
    expect(counter.locator("#aviso")).to_contain_text("no se ha guardado")
    counter.keyboard.press("Enter")
    expect(counter.locator("#cuenta")).to_have_text("1")
    assert (state(case), state(other)) == (State.ACUSE_ENTREGADO, State.NSS_OBTENIDO)
    scan(counter, other.folio)
    on_desk(counter, other)
    counter.keyboard.press("Escape")
    expect(counter.locator("#alumno form")).to_have_count(0)


def test_the_last_one_is_undone_with_one_key(counter: Page, make_in: Callable[..., Case]) -> None:
    case = make_in(State.NSS_OBTENIDO)
    scan(counter, case.folio)
    on_desk(counter, case)
    counter.keyboard.press("0")
    counter.keyboard.press("Enter")
    expect(counter.locator("#cuenta")).to_have_text("1")
    counter.keyboard.press("-")
    expect(counter.locator("#ultimos li")).to_contain_text("Deshecho")
    expect(counter.locator("#cuenta")).to_have_text("0")
    assert state(case) == State.NSS_OBTENIDO


def test_homonyms_are_chosen_by_number(counter: Page, make_in: Callable[..., Case], make_student: Any) -> None:
    same = {"nombre": "José", "primer_apellido": "Núñez", "segundo_apellido": "Ek"}
    cases = [make_in(State.NSS_OBTENIDO, student=make_student(**same), grupo=f"{n}-B") for n in range(3)]
    scan(counter, "nunez ek")
    expect(counter.locator("form.choice")).to_have_count(3)
    whole(counter)
    counter.keyboard.press("2")
    expect(counter.locator("form.person")).to_contain_text("1-B")
    assert counter.locator("form.person").get_attribute("data-case") == str(cases[1].pk)


def test_the_network_goes_and_comes_back_and_nothing_is_lost_nor_taken_twice(
    watched: Watched, counter: Page, make_in: Callable[..., Case]
) -> None:
    cases = [make_in(State.NSS_OBTENIDO) for _ in range(3)]
    scan(counter, cases[0].folio)
    on_desk(counter, cases[0])
    counter.keyboard.press("0")
    counter.context.set_offline(True)
    counter.keyboard.press("Enter")
    expect(counter.locator("#red")).to_contain_text("se envía solo cuando vuelva")
    expect(counter.locator("#pendientes li")).to_contain_text("por enviar")
    # Without a network no person can be looked up: what was scanned is asked for until there is one.
    scan(counter, cases[1].folio)
    expect(counter.locator("#aviso")).to_contain_text("No hay conexión")
    assert state(cases[0]) == State.NSS_OBTENIDO
    counter.context.set_offline(False)
    on_desk(counter, cases[1])
    expect(counter.locator("#cuenta")).to_have_text("1")
    expect(counter.locator("#pendientes li")).to_have_count(0)
    expect(counter.locator("#red")).to_be_hidden()
    assert counter.evaluate("localStorage.length") == 0

    # The office takes it and the answer is lost on the way: it is sent again, and taken once.
    lost: list[str] = []

    def lose_the_answer(route: Route) -> None:
        lost.append(route.request.post_data or "")
        route.fetch()
        if len(lost) < 3:
            route.abort()
        else:
            route.continue_()

    counter.route("**/ventanilla/recibir/", lose_the_answer)
    counter.keyboard.press("0")
    counter.keyboard.press("Enter")
    expect(counter.locator("#cuenta")).to_have_text("2")
    expect(counter.locator("#pendientes li")).to_have_count(0)
    assert len(lost) == 3
    counter.unroute("**/ventanilla/recibir/")

    # The page is closed with something waiting: it is sent when it is opened again.
    scan(counter, cases[2].folio)
    on_desk(counter, cases[2])
    counter.keyboard.press("0")
    counter.route("**/ventanilla/recibir/", lambda route: route.abort())
    counter.keyboard.press("Enter")
    expect(counter.locator("#pendientes li")).to_contain_text("por enviar")
    assert cases[2].student.curp not in counter.evaluate("JSON.stringify(localStorage)")
    counter.unroute("**/ventanilla/recibir/")
    counter.reload()
    expect(counter.locator("#cuenta")).to_have_text("3")
    assert [state(case) for case in cases] == [State.ACUSE_ENTREGADO] * 3
    assert CounterReceipt.objects.count() == 3
    assert all(case.events.filter(verb=Verb.DELIVER_ACUSE).count() == 1 for case in cases)
    forgive(watched)


def test_a_session_that_ended_is_told_and_loses_nothing(counter: Page, make_in: Callable[..., Case], officer: Any) -> None:
    case = make_in(State.NSS_OBTENIDO)
    scan(counter, case.folio)
    on_desk(counter, case)
    counter.keyboard.press("0")
    cookies = counter.context.cookies()
    counter.context.clear_cookies(name="sessionid")
    counter.keyboard.press("Enter")
    expect(counter.locator("#red")).to_contain_text("Su sesión terminó")
    counter.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they were given
    counter.reload()
    expect(counter.locator("#cuenta")).to_have_text("1")
    assert state(case) == State.ACUSE_ENTREGADO


def test_what_the_office_refuses_stays_in_sight_until_it_is_read(
    watched: Watched, counter: Page, make_in: Callable[..., Case], actor: Any, now: Any
) -> None:
    case = make_in(State.NSS_OBTENIDO)
    scan(counter, case.folio)
    on_desk(counter, case)
    counter.keyboard.press("0")
    verbs.deliver_acuse([case.pk], on=now.date(), papers=["acuse", "curp"], act=Act(actor, now))
    counter.keyboard.press("Enter")
    refused = counter.locator("#pendientes li")
    expect(refused).to_contain_text("Cambió mientras tanto y no se anotó nada.")
    counter.reload()
    expect(refused).to_contain_text("Lo último: Acuse entregado, por Proceso nocturno")
    whole(counter)
    refused.get_by_role("button", name="Visto").click()
    expect(refused).to_have_count(0)
    forgive(watched)


def test_the_receipt_is_sent_to_the_printer(counter: Page, make_in: Callable[..., Case]) -> None:
    case = make_in(State.NSS_OBTENIDO)
    counter.get_by_label("Imprimir el recibo al completar el acuse").check()
    scan(counter, case.folio)
    on_desk(counter, case)
    counter.keyboard.press("0")
    with counter.expect_response(lambda response: response.url.endswith(".pdf")) as asked:
        counter.keyboard.press("Enter")
    assert asked.value.headers["content-type"] == "application/pdf"


@pytest.mark.parametrize(("size", "theme"), [(DESK, "claro"), (PHONE, "claro"), (DESK, "oscuro")], ids=["desk", "phone", "dark"])
def test_the_counter_is_whole(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
    size: dict[str, int],
    theme: str,
) -> None:
    office = open_page(officer, size=size)
    if theme == "oscuro":
        office.go("/").get_by_role("button", name="Tema oscuro").click()
        expect(office.page.locator("html[data-bs-theme=dark]")).to_be_visible()
    page = office.go("/ventanilla/")
    whole(page)
    case = make_in(State.NSS_OBTENIDO)
    for code, found in (("nadie así", ".note"), (case.folio, ".person")):
        scan(page, code)
        expect(page.locator(f"#alumno {found}").first).to_be_visible()
        whole(page)
    page.keyboard.press("0")
    page.keyboard.press("Enter")
    expect(page.locator("#ultimos li")).to_have_count(1)
    whole(page)


def test_without_scripts_the_same_forms_do_it(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
) -> None:
    case = make_in(State.NSS_OBTENIDO)
    page = open_page(officer, scripts=False).go("/ventanilla/")
    page.get_by_label("Lea el código").fill(case.folio)
    page.get_by_role("button", name="Buscar", exact=True).click()
    page.get_by_label("Acuse del NSS").check()
    page.get_by_role("button", name="Guardar lo marcado").click()
    expect(page.locator("#ultimos li")).to_contain_text("Acuse completo")
    page.get_by_role("button", name="Deshacer").click()
    expect(page.locator("#ultimos li")).to_contain_text("Deshecho")
    assert state(case) == State.NSS_OBTENIDO
