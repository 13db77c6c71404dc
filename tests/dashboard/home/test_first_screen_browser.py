"""What an officer sees of the work list before they scroll: students, at a desk, on a phone and at 200 % zoom, by script or without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from tests.browser import DESK, PHONE, Watched, whole

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]

#: A desk of 1366x768 whose officer reads at 200 %.
ZOOM = {"width": 683, "height": 384}
NAMES_ABOVE_THE_BULK = """() => {
  const bulk = document.querySelector(".bulk");
  const shown = bulk.getBoundingClientRect().height ? bulk.getBoundingClientRect().top : innerHeight;
  const end = Math.min(shown, innerHeight);
  return [...document.querySelectorAll("#lista .cases-name")].filter((name) => name.getBoundingClientRect().bottom <= end).length;
}"""

TOPS_OF_WHAT_CAN_BE_DONE = """() => [...document.querySelectorAll(".bulk > .btn, .bulk-one > summary")]
  .filter((one) => one.checkVisibility()).map((one) => one.offsetTop)"""


def students_seen(page: Page) -> int:
    """Students whose names stand in the first window, above what is done with them."""
    count: int = page.evaluate(NAMES_ABOVE_THE_BULK)
    return count


@pytest.mark.parametrize(("size", "students"), [(DESK, 10), (PHONE, 3), (ZOOM, 1)], ids=["desk", "phone", "zoom"])
@pytest.mark.parametrize("who", ["officer", "coordinator"])
def test_the_first_window_shows_students_also_while_some_are_chosen(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    request: pytest.FixtureRequest,
    other_plantel: Any,
    who: str,
    size: dict[str, int],
    students: int,
) -> None:
    for _ in range(60):
        make_in(State.NSS_OBTENIDO)
    make_in(State.SIN_NSS, plantel=other_plantel)
    page = open_page(request.getfixturevalue(who), size=size).go("/expedientes/?estado=NSS_OBTENIDO")
    assert students_seen(page) >= students
    page.locator("tbody .hit").first.click()
    expect(page.locator("[data-count]")).to_have_text("1 elegido:")
    expect(page.get_by_text("Registrar acuse entregado…")).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    assert students_seen(page) >= 1
    if size is not PHONE:
        # What can be done with them is one line: of buttons at a desk, to be drawn aside in a low window.
        tops = page.evaluate(TOPS_OF_WHAT_CAN_BE_DONE)
        assert len(set(tops)) == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_phone_folds_the_filters_and_says_how_many_are_put(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
    scripts: bool,
) -> None:
    for state in (State.NSS_OBTENIDO, State.NSS_OBTENIDO, State.SIN_NSS):
        make_in(state)
    page = open_page(officer, size=PHONE, scripts=scripts).go("/expedientes/?turno=alumno")
    folded, states = page.get_by_text("Filtros (1)", exact=True), page.get_by_role("combobox", name="Estado")
    expect(states).to_be_hidden()
    folded.click()
    states.select_option("NSS_OBTENIDO")
    if not scripts:
        page.get_by_role("button", name="Filtrar").click()
    expect(page.locator(".cases-head strong")).to_have_text("2 expedientes")
    expect(page.get_by_text("Filtros (2)", exact=True)).to_be_visible()
    assert "estado=NSS_OBTENIDO&turno=alumno" in page.url
    page.get_by_role("link", name="Quitar filtros").click()
    expect(page.locator(".cases-head strong")).to_have_text("3 expedientes")


def test_a_desk_shows_filters_and_help_without_being_asked(
    open_page: Callable[..., Watched],
    make_case: Callable[..., Case],
    officer: Any,
) -> None:
    make_case()
    page = open_page(officer).go("/expedientes/")
    expect(page.get_by_role("combobox", name="Estado")).to_be_in_viewport()
    expect(page.get_by_text("Elija alumnos con la casilla y abajo aparece")).to_be_in_viewport()
    for folded in ("Filtros", "Ayuda"):
        expect(page.get_by_text(folded, exact=True)).to_be_hidden()


def test_the_help_of_a_screen_is_a_tap_away_on_a_phone(
    open_page: Callable[..., Watched],
    make_case: Callable[..., Case],
    officer: Any,
) -> None:
    make_case()
    page = open_page(officer, size=PHONE).go("/")
    told = page.get_by_text("Cada número abre la lista")
    expect(told).to_be_hidden()
    page.get_by_text("Ayuda", exact=True).click()
    expect(told).to_be_visible()
    page.emulate_media(media="print")
    for of_the_screen in (told, page.get_by_text("Ayuda", exact=True)):
        expect(of_the_screen).to_be_hidden()


@pytest.mark.parametrize(("size", "named"), [(PHONE, 1), (ZOOM, 6), (DESK, 6)], ids=["phone", "zoom", "desk"])
def test_what_is_to_be_done_with_a_case_stands_in_the_first_window(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
    size: dict[str, int],
    named: int,
) -> None:
    case = make_in(State.NSS_OBTENIDO)
    page = open_page(officer, size=size).go(f"/expedientes/{case.pk}/")
    whole(page)
    if size is not ZOOM:
        expect(page.get_by_role("button", name="Registrar acuse entregado")).to_be_in_viewport(ratio=1)
    expect(page.locator("[aria-current=step]")).to_be_in_viewport(ratio=1)
    # A phone names the step the case stands at; the others keep their words for those who hear the page.
    seen = page.evaluate("[...document.querySelectorAll('.path-label')].filter((label) => label.clientWidth > 1).length")
    assert seen == named
    assert page.locator(".path").inner_text().count("pendiente") == 3


def test_a_low_window_brings_who_was_found_at_the_counter_into_sight(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
) -> None:
    case = make_in(State.NSS_OBTENIDO)
    page = open_page(officer, size=ZOOM).go("/ventanilla/")
    page.keyboard.type(case.enrolment.matricula)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=case.student.full_name)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Guardar lo marcado")).to_be_in_viewport(ratio=1)
    expect(page.locator("#codigo")).to_be_focused()
