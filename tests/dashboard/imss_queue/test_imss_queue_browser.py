"""IMSS' waiting room by hand: many are asked about at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.imss.models import Errand
from afiliacion.imss.queue.plan import plan
from tests.browser import DESK, PHONE, Watched, whole

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]


@pytest.mark.parametrize(
    ("size", "all_of_them"), [(DESK, "Elegir todos los de esta página"), (PHONE, "Esta página")], ids=["desk", "phone"]
)
def test_all_that_wait_are_asked_about_at_once(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
    settings: Any,
    size: dict[str, int],
    all_of_them: str,
) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    for _ in range(3):
        make_in(State.SIN_NSS)
    plan(timezone.localdate(), timezone.now())
    Errand.objects.update(next_on=dt.date(2099, 1, 1))
    page = open_page(officer, size=size).go("/imss/")
    whole(page)
    ask = page.get_by_role("button", name="Preguntar ahora")
    expect(ask).to_be_hidden()
    page.get_by_label(all_of_them, exact=True).check()
    expect(page.locator("[data-count]")).to_have_text("3 elegidos:")
    ask.click()
    expect(page.get_by_role("status")).to_be_visible()
    assert set(Errand.objects.values_list("next_on", flat=True)) == {timezone.localdate()}


def test_without_imss_service_there_is_nothing_to_choose_for(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
    settings: Any,
) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    case = make_in(State.SIN_NSS)
    plan(timezone.localdate(), timezone.now())
    settings.IMSS_URL = ""
    page = open_page(officer).go("/imss/")
    expect(page.get_by_role("link", name=case.student.list_name)).to_be_visible()
    expect(page.locator("#lista [type=checkbox]:visible")).to_have_count(0)
