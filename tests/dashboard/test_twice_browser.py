"""Nothing lost and nothing twice, as hands do it in Chromium: two tabs, the back button, a double click on every kind of button."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from afiliacion.cases.models import Case, Event
from afiliacion.cases.states import State, Verb
from afiliacion.dashboard.models import Assignment, BulkRun, DeskVisit, SavedView
from afiliacion.documents.models import PrintJob
from afiliacion.reminders.models import MailStop, Reminder
from students.models import Ciclo
from tests.browser import Watched

LONG_AGO = dt.date(2026, 1, 12)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]


def twice(button: Locator) -> None:
    button.dblclick(no_wait_after=True)


def done(page: Page, text: str) -> None:
    expect(page.locator("main")).to_contain_text(text)


def test_two_tabs_on_one_case(open_page: Callable[..., Watched], make_in: Callable[..., Case], officer: Any) -> None:
    """The second to save is told who was first and what it was; what was typed is still there, and goes through when it is meant."""
    case, watched = make_in(State.NSS_OBTENIDO), open_page(officer)
    typing = watched.go(f"/expedientes/{case.pk}/acciones/subdelegacion/")
    typing.get_by_label("Motivo").fill("El IMSS tiene otro nombre.")
    other = typing.context.new_page()
    other.goto(f"{watched.address}/expedientes/{case.pk}/")
    other.get_by_role("button", name="Registrar acuse entregado").click()
    done(other, "Listo: Registrar acuse entregado.")

    send = typing.get_by_role("button", name="Enviar a subdelegación")
    send.click()
    done(typing, "Cambió mientras usted lo veía y no se hizo nada. Lo último: Acuse entregado, por Begoña Ñáñez")
    expect(typing.locator(".timeline")).to_contain_text("Acuse entregado")
    expect(typing.get_by_label("Motivo")).to_have_value("El IMSS tiene otro nombre.")
    assert list(case.events.order_by("seq").values_list("verb", flat=True)) == [Verb.OPEN, Verb.OBTAIN_NSS, Verb.DELIVER_ACUSE]
    send.click()
    done(typing, "Listo: Enviar a subdelegación.")
    assert case.events.latest("seq").reason == "El IMSS tiene otro nombre."
    # The browser notes the status of the answer that told; that is no complaint.
    watched.complaints[:] = [said for said in watched.complaints if "409" not in said]


def test_the_back_button_shows_the_case_as_it_is_and_repeats_nothing(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
) -> None:
    cases = [make_in(State.NSS_OBTENIDO) for _ in range(2)]
    watched = open_page(officer)
    page = watched.go("/expedientes/")
    page.get_by_role("link", name=cases[0].student.list_name).click()
    page.get_by_role("button", name="Registrar acuse entregado").click()
    done(page, "Listo: Registrar acuse entregado.")
    page.go_back()
    expect(page.get_by_role("button", name="Registrar acuse entregado")).to_have_count(0)
    page.go_forward()
    expect(page.get_by_role("button", name="Registrar acuse entregado")).to_have_count(0)

    page.goto(f"{watched.address}/expedientes/")
    for case in cases:
        page.get_by_label(f"Elegir a {case.student.list_name}").check()
    page.get_by_text("Registrar acuse entregado…").click()
    page.get_by_role("button", name="Registrar acuse entregado").click()
    done(page, "1 hecho")
    page.go_back()
    expect(page.get_by_role("link", name=cases[1].student.list_name)).to_be_visible()
    expect(page.locator("tr", has_text=cases[1].student.list_name)).to_contain_text("Acuse entregado")
    expect(page.get_by_text("Registrar acuse entregado…")).to_have_count(0)
    assert [case.events.filter(verb=Verb.DELIVER_ACUSE).count() for case in cases] == [1, 1]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_double_click_on_any_button_does_it_once(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    officer: Any,
    ciclo: Ciclo,
    scripts: bool,
) -> None:
    case, late, taken = make_in(State.NSS_OBTENIDO), make_in(State.NSS_OBTENIDO, enrolled_on=LONG_AGO), make_in(State.EN_SUBDELEGACION)
    watched = open_page(officer, scripts=scripts)
    page = watched.go(f"/expedientes/{case.pk}/")
    page.get_by_label("Asignado a").select_option(label="Begoña Ñáñez (usted)")
    twice(page.get_by_role("button", name="Asignar"))
    done(page, "Asignado a Begoña Ñáñez.")
    watched.go(f"/expedientes/{case.pk}/acciones/pausa/").get_by_label("Motivo").fill("Espera su acta.")
    twice(page.get_by_role("button", name="Pausar el plazo"))
    done(page, "Plazo en pausa")

    watched.go("/expedientes/").get_by_label(f"Elegir a {late.student.list_name}").check()
    twice(page.get_by_role("button", name="Recordar por correo"))
    done(page, "Recordar por correo: resultado")
    watched.go("/expedientes/").get_by_text("Columnas y vistas guardadas").click()
    page.get_by_label("Nombre de la vista").fill("Míos")
    twice(page.get_by_role("button", name="Guardar"))
    done(page, "Vista guardada: Míos.")
    page.get_by_text("Columnas y vistas guardadas").click()
    twice(page.get_by_role("button", name="Borrar la vista «Míos»"))
    expect(page.get_by_role("navigation", name="Vistas guardadas")).to_have_count(0)
    done(page, "Columnas y vistas guardadas")

    twice(watched.go("/subdelegacion/").get_by_role("button", name="Preparar la salida"))
    done(page, "Qué se lleva" if scripts else "Begoña Ñáñez")
    watched.go(f"/subdelegacion/salidas/{DeskVisit.objects.get().pk}/")
    twice(page.get_by_role("button", name="Oficio (PDF)"))
    expect(page.get_by_role("heading", name="Oficio a la subdelegación")).to_be_visible()
    twice(watched.go("/avisos/").get_by_role("button", name="Detener los correos"))
    done(page, "Alto: no sale ningún correo")
    twice(page.get_by_role("button", name="Dejar que salgan"))
    expect(page.get_by_role("button", name="Dejar que salgan")).to_have_count(0)

    counted = (Assignment, Reminder, DeskVisit, PrintJob, MailStop)
    assert {model.__name__: model.objects.count() for model in counted} == {model.__name__: 1 for model in counted}
    assert not SavedView.objects.exists()
    assert sum(len(run.result["done"]) for run in BulkRun.objects.all()) == 1
    assert Event.objects.filter(case=case, verb=Verb.HOLD).count() == 1
    assert not Event.objects.filter(case=taken, verb=Verb.FILE_AT_DESK).exists()
