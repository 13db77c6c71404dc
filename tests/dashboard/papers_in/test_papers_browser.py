"""«Hojas por revisar» in a real Chromium: by keys, one document after the other, on a desk and on a phone, at the counter."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from afiliacion.cases.models import Case, Event
from afiliacion.cases.states import State, Verb
from afiliacion.operations.simulation.invented_people import People
from afiliacion.papers_in.models import BroughtPaper, Door
from imss_mock.procedures import pdf
from students.models import Student
from tests.browser import DESK, PHONE, Watched, whole
from tests.dashboard.deeds import own_nss
from tests.papers_in import sheets
from tests.papers_in.conftest import Bring, act, bring  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]
MakeIn = Callable[..., Case]
Status = BroughtPaper.Status
#: How many are accepted one after the other; thirty are measured by hand.
MANY = int(os.environ.get("SHEETS", "4"))


def a_sheet(bring: Bring, case: Case, people: People) -> BroughtPaper:  # noqa: F811
    return bring(sheets.nss_sheet(case, own_nss(case, people), timezone.localdate()))


def ready(page: Page, case: Case) -> None:
    expect(page.get_by_role("heading", name=case.student.full_name)).to_be_visible()
    expect(page.get_by_role("button", name="Aceptar")).to_be_visible()


def test_one_key_accepts_and_the_next_one_opens_by_itself(
    open_page: Callable[..., Watched],
    bring: Bring,  # noqa: F811
    make_in: MakeIn,
    people: People,
    officer: Any,
) -> None:
    cases = [make_in(State.SIN_NSS) for _ in range(MANY)]
    papers = [a_sheet(bring, case, people) for case in cases]
    page = open_page(officer).go("/hojas/")
    page.get_by_role("link", name="Revisar una tras otra").click()
    for case in cases:
        ready(page, case)
        page.keyboard.press("a")
    expect(page.get_by_role("heading", name="No hay hojas por revisar")).to_be_visible()
    assert set(BroughtPaper.objects.filter(pk__in=[paper.pk for paper in papers]).values_list("status", flat=True)) == {Status.APPLIED}
    assert set(Case.objects.filter(pk__in=[case.pk for case in cases]).values_list("state", flat=True)) == {State.ACUSE_ENTREGADO}


def test_keys_refuse_with_a_reason_correct_a_value_and_take_back(
    open_page: Callable[..., Watched],
    bring: Bring,  # noqa: F811
    make_in: MakeIn,
    people: People,
    officer: Any,
) -> None:
    one, other = make_in(State.SIN_NSS), make_in(State.SIN_NSS)
    refused = a_sheet(bring, one, people)
    right = own_nss(other, people)
    bring(sheets.nss_sheet(other, own_nss(other, people), timezone.localdate()))
    page = open_page(officer).go(f"/hojas/{refused.pk}/")
    ready(page, one)
    page.keyboard.press("r")
    page.keyboard.press("1")
    ready(page, other)
    assert Event.objects.get(case=one, verb=Verb.REJECT_PAPERS).reason.startswith("Está borrosa")
    page.keyboard.press("c")
    expect(page.locator("[name=nss]")).to_be_focused()
    expect(page.locator(".paper-mark.is-pointed")).not_to_have_count(0)
    page.keyboard.type(right)
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="No hay hojas por revisar")).to_be_visible()
    assert Student.objects.get(pk=other.student_id).nss == right
    page.goto(page.url.split("/hojas/")[0] + f"/hojas/{refused.pk}/")
    page.get_by_role("button", name="Deshacer: revisarla otra vez").click()
    ready(page, one)
    assert BroughtPaper.objects.get(pk=refused.pk).status == Status.WAITING


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_beside_its_values_is_whole(
    size: dict[str, int],
    open_page: Callable[..., Watched],
    bring: Bring,  # noqa: F811
    make_in: MakeIn,
    people: People,
    officer: Any,
) -> None:
    case = make_in(State.SIN_NSS)
    paper = bring(sheets.nss_sheet(case, own_nss(case, people), timezone.localdate(), nombre="OTRO NOMBRE"))
    page = open_page(officer, size=size).go(f"/hojas/{paper.pk}/")
    ready(page, case)
    expect(page.get_by_text("no es el del alumno")).to_be_visible()
    whole(page)
    if size == DESK:
        # Both keys and the whole width of the sheet are in sight without scrolling the window.
        assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight * 1.2")


#: What students bring by mistake, as the stand-in prints it: how it is told.
MISTAKES = {
    "semanas_cotizadas": "semanas cotizadas",
    "no_derechohabiencia": "no derechohabiencia",
    "curp": "hoja de la CURP",
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_paper_by_mistake_is_told_by_its_name(
    kind: str, open_page: Callable[..., Watched], make_in: MakeIn, people: People, officer: Any, tmp_path: Path
) -> None:
    case = make_in(State.SIN_NSS)
    (tmp_path / "hoja.pdf").write_bytes(pdf.render(kind, sheets.facts(case, own_nss(case, people), timezone.localdate(), semanas="10")))
    page = open_page(officer).go("/hojas/")
    page.get_by_label("Hojas, fotos o un ZIP").set_input_files(tmp_path / "hoja.pdf")
    page.get_by_role("button", name="Traer y leer").click()
    expect(page.get_by_text(MISTAKES[kind]).last).to_be_visible()
    expect(page.get_by_role("button", name="Deshacer: revisarla otra vez")).to_be_visible()
    assert BroughtPaper.objects.get().status == Status.REFUSED


def test_at_the_counter_a_file_opens_the_person_with_the_proposal_and_leads_back(
    open_page: Callable[..., Watched], make_in: MakeIn, people: People, officer: Any, tmp_path: Path
) -> None:
    case = make_in(State.SIN_NSS)
    (tmp_path / "hoja.pdf").write_bytes(sheets.nss_sheet(case, own_nss(case, people), timezone.localdate()))
    page = open_page(officer).go("/ventanilla/")
    page.get_by_label("Su hoja o constancia, en PDF o foto").set_input_files(tmp_path / "hoja.pdf")
    page.get_by_role("button", name="Leer el archivo").click()
    ready(page, case)
    expect(page.locator("[name=proposal]")).to_have_value("obtain_and_deliver")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Ventanilla")).to_be_visible()
    assert BroughtPaper.objects.get().door == Door.COUNTER
    assert Case.objects.get(pk=case.pk).state == State.ACUSE_ENTREGADO
