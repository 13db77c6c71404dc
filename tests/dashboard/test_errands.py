"""Five errands of every day, done as an officer does them in Chromium; how many clicks and keys each takes is what the manual says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from afiliacion.cases.models import Case, PaperKind, WantedPaper
from afiliacion.cases.states import State, Verb
from afiliacion.dashboard.models import DeskErrand
from afiliacion.reminders.models import Reminder
from students.models import Plantel
from tests.browser import Watched

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]

CHAPTER = Path(__file__).parents[2] / "docs" / "manual" / "tareas.md"
LONG_AGO = dt.date(2026, 1, 12)


@dataclass
class Hands:
    """A person at the page: what they do is counted. What a scanner types at once is one scan."""

    page: Page
    clicks: int = 0
    keys: int = 0
    scans: int = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.keys += len(text)

    def scan(self, code: str) -> None:
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Enter")
        self.scans += 1

    @property
    def said(self) -> str:
        told = [(self.scans, "lectura", "lecturas"), (self.clicks, "clic", "clics"), (self.keys, "tecla", "teclas")]
        return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in told if n)


def in_manual(errand: str) -> str:
    """What the manual's table says an errand takes."""
    found = re.search(rf"^\| {re.escape(errand)} \|.*\| (.*) \|$", CHAPTER.read_text(), re.MULTILINE)
    assert found, errand
    return found[1]


@pytest.fixture
def hands(open_page: Callable[..., Watched], officer: Any) -> Hands:
    return Hands(open_page(officer).go("/"))


def menu(hands: Hands, name: str) -> None:
    hands.click(hands.page.get_by_label("Principal").get_by_role("link", name=name))


def test_receive_one_acuse(make_in: Callable[..., Case], plantel: Plantel, open_page: Callable[..., Watched], officer: Any) -> None:
    for key in ("acuse", "curp", "acta"):
        WantedPaper.objects.create(plantel=plantel, step=Verb.DELIVER_ACUSE, kind=PaperKind.objects.get(key=key))
    case = make_in(State.NSS_OBTENIDO)
    hands = Hands(open_page(officer).go("/"))
    menu(hands, "Ventanilla")
    expect(hands.page.locator("#codigo")).to_be_focused()
    hands.scan(case.folio)
    expect(hands.page.get_by_role("heading", name=case.student.full_name)).to_be_visible()
    hands.press("0")
    expect(hands.page.locator("input[name=papeles]:checked")).to_have_count(3)
    hands.press("Enter")
    expect(hands.page.locator("#cuenta")).to_have_text("1")
    assert hands.said == in_manual("Recibir un acuse")


def test_receive_thirty_from_a_secretary(make_in: Callable[..., Case], hands: Hands) -> None:
    for _ in range(30):
        make_in(State.NSS_OBTENIDO, grupo="3-B")
    make_in(State.NSS_OBTENIDO, grupo="1-A")
    menu(hands, "Expedientes")
    hands.click(hands.page.get_by_role("combobox", name="Grupo", exact=True))
    hands.type("3-B")
    hands.press("Enter")
    expect(hands.page.locator(".cases-head strong")).to_have_text("30 expedientes")
    hands.click(hands.page.get_by_label("Elegir todos los de esta página"))
    hands.click(hands.page.get_by_text("Registrar acuse entregado…"))
    hands.click(hands.page.get_by_label("Traen todos los documentos"))
    hands.click(hands.page.get_by_role("button", name="Registrar acuse entregado"))
    expect(hands.page.locator(".result-sum")).to_contain_text("30 hechos")
    assert hands.said == in_manual("Recibir los de un grupo entero (30)")


def test_remind_who_is_overdue_in_a_group(make_in: Callable[..., Case], make_student: Callable[..., Any], hands: Hands) -> None:
    late = [make_in(State.NSS_OBTENIDO, grupo="3-B", enrolled_on=LONG_AGO, student=make_student(email=f"a{n}@x.mx")) for n in range(3)]
    make_in(State.NSS_OBTENIDO, grupo="1-A", enrolled_on=LONG_AGO, student=make_student(email="b@x.mx"))
    hands.page.reload()
    hands.click(hands.page.get_by_role("region", name="Le toca al alumno").get_by_role("link", name="Vencidos"))
    hands.click(hands.page.get_by_role("combobox", name="Grupo", exact=True))
    hands.type("3-B")
    hands.press("Enter")
    expect(hands.page.locator(".cases-head strong")).to_have_text("3 expedientes")
    hands.click(hands.page.get_by_label("Elegir todos los de esta página"))
    hands.click(hands.page.get_by_role("button", name="Recordar por correo"))
    expect(hands.page.locator(".result-sum")).to_contain_text("3 hechos")
    assert set(Reminder.objects.values_list("case", flat=True)) == {case.pk for case in late}
    assert hands.said == in_manual("Recordar a los vencidos de un grupo")


def test_take_twelve_to_the_subdelegacion(make_in: Callable[..., Case], hands: Hands) -> None:
    for _ in range(12):
        make_in(State.EN_SUBDELEGACION)
    menu(hands, "Subdelegación")
    hands.click(hands.page.get_by_label("Número de oficio"))
    hands.type("OF-7/2026")
    hands.click(hands.page.get_by_role("button", name="Preparar la salida"))
    hands.click(hands.page.get_by_role("button", name="Oficio (PDF)"))
    expect(hands.page.get_by_role("heading", name="Oficio a la subdelegación")).to_be_visible()
    assert DeskErrand.objects.count() == 12
    assert hands.said == in_manual("Llevar 12 casos a la subdelegación")


def test_answer_why_am_i_not_insured(make_in: Callable[..., Case], hands: Hands) -> None:
    case = make_in(State.ALTA_ENVIADA)
    make_in(State.VIGENTE)
    hands.press("/")
    hands.type(case.enrolment.matricula)
    hands.press("Enter")
    expect(hands.page.get_by_role("heading", name=case.student.full_name)).to_be_visible()
    expect(hands.page.get_by_text("Le toca al IMSS")).to_be_visible()
    assert len(case.enrolment.matricula) == 8
    assert hands.said == in_manual("Responder «¿por qué no tengo seguro?»")
