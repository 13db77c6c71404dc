"""Printing in a real Chromium: chosen in the list, watched while it is made, taken; and a stranger with a paper in the hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.documents.models import Issued
from afiliacion.operations import print_worker
from tests.browser import DESK, PHONE, Watched, whole

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_the_list_to_the_file_and_to_the_page_that_vouches(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
    data_dir: Path,
    size: dict[str, int],
) -> None:
    case = make_in(State.SIN_NSS)
    make_in(State.NSS_OBTENIDO)
    page = open_page(officer, size=size).go("/expedientes/")
    for box in page.locator("#lista input[name=caso]").all():
        box.check()
    page.get_by_text("Imprimir…").click()
    page.locator("select[name=documento]").select_option("renuncia")
    page.get_by_role("button", name="Imprimir", exact=True).click()
    expect(page.locator("#impresion")).to_contain_text("En espera: 0 de 2")
    whole(page)
    print_worker.print_due()
    expect(page.locator("#impresion")).to_contain_text("Lista: 2 hojas.")
    whole(page)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Descargar").click()
    assert taken.value.suggested_filename.endswith(".pdf")
    if size == PHONE:
        page.get_by_role("button", name="Menú").click()
    page.get_by_role("navigation").get_by_role("link", name="Documentos").click()
    expect(page.get_by_role("heading", name="Lo último que se pidió")).to_be_visible()
    whole(page)
    stranger = open_page(size=size)
    page = stranger.go("/v/")
    page.get_by_label("Folio").fill(Issued.objects.get(case=case).folio)
    page.get_by_role("button", name="Comprobar").click()
    expect(page.get_by_role("status")).to_contain_text("El folio es auténtico.")
    whole(page)
    page.get_by_label("Folio").fill("D-9999999-AAAA-AAAA-AAAA")
    page.get_by_role("button", name="Comprobar").click()
    expect(page.get_by_role("status")).to_contain_text("nunca se expidió")
    whole(page)
    # A paper that is not ours is answered with 404, and the browser remarks on it.
    stranger.complaints.clear()
