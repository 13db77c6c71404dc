"""The manual's pictures, taken of the real pages: `MANUAL_IMAGES=1 ./run test tests/dashboard/test_manual.py` takes them again."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from afiliacion.cases.models import Case, PaperKind, WantedPaper
from afiliacion.cases.outcome import NIGHT, Act, Actor, ActorKind
from afiliacion.cases.states import State, Verb
from afiliacion.imss.queue import movements
from afiliacion.operations.models import NightRun
from afiliacion.operations.simulation.invented_people import People
from afiliacion.papers_in import bundles, work
from afiliacion.papers_in.bringing import Origin
from afiliacion.papers_in.models import Door
from students.models import Calendar, Plantel
from tests.browser import Watched
from tests.dashboard.deeds import own_nss
from tests.dashboard.lists import a_list, a_worker_looks
from tests.papers_in import sheets

MANUAL = Path(__file__).parents[2] / "docs" / "manual"
SIZE = {"width": 1100, "height": 700}
#: A picture is to be looked at beside a text, and travels with the repository.
LARGEST_BYTES = 90_000

Shoot = Callable[[Page, str], None]


@pytest.fixture
def shoot() -> Shoot:
    def shoot(page: Page, name: str) -> None:
        path = MANUAL / "img" / f"{name}.jpg"
        picture = page.screenshot(type="jpeg", quality=60, path=path if os.environ.get("MANUAL_IMAGES") else None)
        assert len(picture) <= LARGEST_BYTES, name

    return shoot


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
def test_the_pages_the_manual_shows_can_be_shown(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    plantel: Plantel,
    officer: Any,
    coordinator: Any,
    shoot: Shoot,
) -> None:
    for key in ("acuse", "curp", "acta"):
        WantedPaper.objects.create(plantel=plantel, step=Verb.DELIVER_ACUSE, kind=PaperKind.objects.get(key=key))
    _counter(open_page(officer, size=SIZE).go("/ventanilla/"), [make_in(State.NSS_OBTENIDO) for _ in range(2)], shoot)
    for _ in range(3):
        make_in(State.EN_SUBDELEGACION)
    _desk(open_page(officer, size=SIZE).go("/subdelegacion/"), shoot)
    NightRun.objects.create(
        date=timezone.localdate(), status="failed", attempts=1, started_at=timezone.now(), finished_at=timezone.now(),
        report=[{"step": "Correo", "said": ["118 correos enviados."], "error": "El servidor de correo no respondió."}],
    )  # fmt: skip
    shoot(open_page(officer, size=SIZE).go("/trabajos/"), "trabajos")
    make_in(State.SIN_NSS, enrolled_on=dt.date(2026, 8, 6))
    plantel.calendar = Calendar.objects.create(clave="gro", name="Calendario de Guerrero")
    plantel.save()
    _settings(open_page(coordinator, size=SIZE).go("/ajustes/"), shoot)


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
def test_the_rooms_the_manual_shows_can_be_shown(
    open_page: Callable[..., Watched],
    make_in: Callable[..., Case],
    people: People,
    ciclo: Any,
    officer: Any,
    tmp_path: Path,
    shoot: Shoot,
) -> None:
    office = open_page(officer, size=SIZE)
    _sheet(office, make_in(State.SIN_NSS), people, officer, shoot)
    _list(office.go("/listas/"), people, tmp_path, shoot)
    for state in (*State, State.NSS_OBTENIDO, State.NSS_OBTENIDO, State.VIGENTE):
        case = make_in(state, grupo="3-B")
    movements.request_altas([make_in(State.ACUSE_ENTREGADO).pk], act=Act(NIGHT, timezone.now()))
    shoot(office.go("/"), "inicio")
    page = office.go("/expedientes/?estado=NSS_OBTENIDO")
    for box in page.locator("#lista input[name=caso]").all():
        box.check()
    shoot(page, "expedientes")
    shoot(office.go(f"/expedientes/{case.pk}/"), "expediente")
    rooms = (
        ("/documentos/", "documentos"),
        ("/informes/?por=grupo", "informes"),
        ("/imss/", "imss"),
        ("/movimientos/conciliacion/", "conciliacion"),
    )
    for path, name in rooms:
        shoot(office.go(path), name)
    for days in (0, 0, 0, 12, 12):
        make_in(State.SIN_NSS, enrolled_on=timezone.localdate() - dt.timedelta(days=days))
    notices = office.go("/avisos/")
    notices.locator("#esta-noche ul").wait_for()
    shoot(notices, "avisos")


def _sheet(office: Watched, case: Case, people: People, officer: Any, shoot: Shoot) -> None:
    act = Act(Actor(ActorKind.PERSON, "Begoña Ñáñez", officer.pk), timezone.now(), frozenset({case.plantel_id}))
    body = sheets.nss_sheet(case, own_nss(case, people), timezone.localdate(), nombre="ANA SOFIA")
    bundles.bring_files([("hoja.pdf", body)], Origin(Door.OFFICE, timezone.localdate(), act))
    work.work_due(60)
    page = office.go("/hojas/")
    page.get_by_role("link", name="Revisar una tras otra").click()
    expect(page.get_by_role("button", name="Aceptar")).to_be_visible()
    shoot(page, "hoja")


def _list(page: Page, people: People, tmp_path: Path, shoot: Shoot) -> None:
    (tmp_path / "inscritos.csv").write_bytes(a_list(people))
    page.get_by_label("Lista", exact=True).and_(page.locator("input")).set_input_files(tmp_path / "inscritos.csv")
    page.get_by_label("Ciclo").select_option(index=1)
    page.get_by_role("button", name="Revisar la lista").click()
    expect(page.get_by_role("heading", name="Cómo va")).to_be_visible()
    a_worker_looks()
    expect(page.get_by_role("heading", name="Qué haría esta lista")).to_be_visible()
    shoot(page, "listas")


def _counter(page: Page, cases: list[Case], shoot: Shoot) -> None:
    for case in cases:
        page.keyboard.type(case.folio)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=case.student.full_name)).to_be_visible()
        page.keyboard.press("0")
        expect(page.locator("input[name=papeles]:checked")).to_have_count(3)
        if case == cases[0]:
            page.keyboard.press("Enter")
            expect(page.locator("#cuenta")).to_have_text("1")
    shoot(page, "ventanilla")


def _desk(page: Page, shoot: Shoot) -> None:
    shoot(page, "subdelegacion")
    page.get_by_label("Número de oficio").fill("OF-7/2026")
    page.get_by_role("button", name="Preparar la salida").click()
    answers = page.get_by_role("heading", name="Qué respondieron")
    expect(answers).to_be_visible()
    answers.scroll_into_view_if_needed()
    shoot(page, "salida")


def _settings(page: Page, shoot: Shoot) -> None:
    shoot(page, "ajustes")
    home = page.url.split("/ajustes/")[0]
    page.goto(f"{home}/ajustes/inhabiles/nuevo/")
    page.get_by_label("Calendario").select_option(label="Calendario de Guerrero")
    page.get_by_label("Día", exact=True).fill("2026-08-10")
    page.get_by_label("Motivo").fill("Consejo técnico")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Este cambio mueve")).to_be_visible()
    shoot(page, "ajuste")
    page.goto(f"{home}/inicio/calendario/")
    shoot(page, "puesta-en-marcha")


def test_the_manual_shows_every_picture_and_no_other() -> None:
    shown = {name for page in MANUAL.glob("*.md") for name in re.findall(r"\]\(img/([^)]+)\)", page.read_text())}
    assert shown == {path.name for path in (MANUAL / "img").iterdir()}


def test_the_manual_s_chapters_are_all_listed() -> None:
    index = (MANUAL / "README.md").read_text()
    assert [page.name for page in MANUAL.glob("*.md") if page.name != "README.md" and f"({page.name})" not in index] == []
