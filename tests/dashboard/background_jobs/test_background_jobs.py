"""The ledger of background work: told, seen, tried again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from afiliacion.cases.models import Case
from afiliacion.dashboard.models import JobSeen
from afiliacion.imss.models import Outage
from afiliacion.operations.models import NightRun
from afiliacion.reminders.decide import night as decide
from afiliacion.reminders.models import Reminder
from afiliacion.roll.models import Import, ImportState
from students.models import Ciclo, Plantel
from tests.browser import DESK, PHONE, Watched, whole

REPORT = [{"step": "IMSS", "said": ["12 consultas."], "error": ""}, {"step": "Correo", "said": [], "error": "OSError: sin espacio"}]


@pytest.fixture
def failed_night(db: None, local_today: dt.date) -> NightRun:
    return NightRun.objects.create(
        date=local_today, status="failed", attempts=1, started_at=timezone.now(), finished_at=timezone.now(), report=REPORT
    )


@pytest.fixture
def failed_import(plantel: Plantel, ciclo: Ciclo, officer: Any) -> Import:
    return Import.objects.create(
        plantel=plantel, ciclo=ciclo, owner=officer, owner_name="Begoña Ñáñez", filename="lista.csv", sha256="0" * 64,
        state=ImportState.FAILED, uploaded_at=timezone.now(), finished_at=timezone.now(), error="Se interrumpió tres veces.",
    )  # fmt: skip


def page(browser: Client) -> str:
    return browser.get("/trabajos/").content.decode()


def order(browser: Client, what: str, source: str, ref: str) -> str:
    return browser.post(f"/trabajos/{what}/", {"source": source, "ref": ref}, follow=True).content.decode()


def test_a_failure_stays_above_until_somebody_has_seen_it(desk: Client, failed_night: NightRun, officer: Any) -> None:
    ref = f"{failed_night.date.isoformat()}.1"
    assert "Correo: OSError: sin espacio" in page(desk)
    assert "Necesita que alguien lo vea" in page(desk)
    for _ in range(2):
        order(desk, "visto", "noche", ref)
    assert JobSeen.objects.get().user == officer
    assert "Necesita que alguien lo vea" not in page(desk)
    assert "lo vio Begoña Ñáñez" in page(desk)
    NightRun.objects.update(attempts=2)
    assert "Necesita que alguien lo vea" in page(desk)


def test_a_night_is_asked_for_again_and_an_old_one_is_not(desk: Client, failed_night: NightRun) -> None:
    asked = order(desk, "reintentar", "noche", f"{failed_night.date.isoformat()}.1")
    # The tests' broker answers; where none does, the page says whom to tell.
    assert "Se pidió de nuevo" in asked or "avise a sistemas" in asked
    failed_night.delete()
    old = NightRun.objects.create(date=failed_night.date - dt.timedelta(days=1), status="failed", attempts=1, report=REPORT)
    assert "Intentar de nuevo" not in page(desk)
    assert "ya no está en ese punto" in order(desk, "reintentar", "noche", f"{old.date.isoformat()}.1")


def test_a_list_goes_on_where_it_stood(desk: Client, failed_import: Import) -> None:
    assert "Se interrumpió tres veces." in page(desk)
    ref = f"{failed_import.pk}.{failed_import.finished_at.isoformat()}" if failed_import.finished_at else ""
    assert "sigue donde se quedó" in order(desk, "reintentar", "lista", ref)
    failed_import.refresh_from_db()
    assert failed_import.state != ImportState.FAILED


def test_another_planteles_lists_are_not_there(foreign_officer: Any, enter: Any, failed_import: Import) -> None:
    foreign = enter(foreign_officer)
    assert "lista.csv" not in page(foreign)
    ref = f"{failed_import.pk}.{failed_import.finished_at.isoformat()}" if failed_import.finished_at else ""
    assert "no se hizo nada" in order(foreign, "reintentar", "lista", ref)
    failed_import.refresh_from_db()
    assert failed_import.state == ImportState.FAILED


def test_the_mails_of_a_night_are_counted_for_those_who_may_see_them(
    desk: Client, make_case: Callable[..., Case], foreign_officer: Any, enter: Any, today: dt.date, now: dt.datetime
) -> None:
    make_case()
    assert decide.decide(today, now).total == 1
    assert "En espera: 1" in page(desk)
    Reminder.objects.update(status="uncertain")
    assert "no se sabe si salieron" in page(desk)
    assert "Correos del" not in page(enter(foreign_officer))


def test_imss_being_away_is_told(desk: Client) -> None:
    Outage.objects.create(since=timezone.now(), reason="No responde")
    assert "El IMSS no respondió" in page(desk)


@pytest.mark.parametrize("n", [1, 10])
def test_the_page_asks_as_much_for_one_as_for_many(desk: Client, failed_import: Import, n: int, django_assert_max_num_queries: Any) -> None:
    for k in range(n):
        failed_import.pk, failed_import.sha256 = None, f"{k:064}"
        failed_import.save()
    with django_assert_max_num_queries(14):
        page(desk)


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_somebody_sees_a_failure_in_a_browser(
    open_page: Callable[..., Watched],
    failed_night: NightRun,
    failed_import: Import,
    officer: Any,
    size: dict[str, int],
) -> None:
    page = open_page(officer, size=size).go("/trabajos/")
    whole(page)
    page.get_by_role("button", name=f"Ya lo vi Noche del {failed_night.date:%d/%m/%Y}").click()
    expect(page.get_by_text("Anotado: usted ya vio")).to_be_visible()
    page.get_by_role("button", name="Intentar de nuevo Lista").click()
    expect(page.get_by_text("sigue donde se quedó")).to_be_visible()
    whole(page)
