"""The page in a real Chromium, on small phones, without scripts, for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from afiliacion.cases.models import Case
from afiliacion.cases.states import State, Verb
from afiliacion.reminders.letters import links
from tests.browser import Watched, whole
from tests.student_page.conftest import path_of

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 568}


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "small phone"])
def test_every_page_is_whole(open_page: Callable[..., Watched], make_in: Callable[..., Case], size: dict[str, int]) -> None:
    phone = open_page(size=size)
    for state in State:
        whole(phone.go(path_of(make_in(state))))
    case = make_in(State.SIN_NSS)
    for address in (path_of(case) + "/renuncia", path_of(case) + "/datos", path_of(case, links.Purpose.UNSUBSCRIBE)):
        whole(phone.go(address))
    whole(phone.go("/a/nada"))
    # The browser notes the status the last page is for; that is no complaint.
    phone.complaints[:] = [complaint for complaint in phone.complaints if "404" not in complaint]


def test_it_is_light(open_page: Callable[..., Watched], make_in: Callable[..., Case]) -> None:
    phone = open_page(size=PHONE)
    weights: list[int] = []
    phone.page.on("response", lambda response: weights.append(len(response.body())))
    phone.go(path_of(make_in(State.SIN_NSS)))
    assert sum(weights) < 40_000


def test_a_sheet_is_sent_without_scripts_and_a_double_click_sends_it_once(
    open_page: Callable[..., Watched], make_in: Callable[..., Case], tmp_path: Path
) -> None:
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + b"x" * 5000)
    case = make_in(State.SIN_NSS)
    phone = open_page(size=PHONE, scripts=False)
    page = phone.go(path_of(case))
    page.get_by_label("Tu hoja del IMSS").set_input_files(photo)
    page.get_by_role("button", name="Enviar mi hoja").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", name="Recibimos tu hoja")).to_be_visible()
    whole_without_scripts = page.locator("main").inner_text()
    assert "La escuela la está revisando" in whole_without_scripts
    assert case.events.filter(verb=Verb.RECEIVE_PAPERS).count() == 1
