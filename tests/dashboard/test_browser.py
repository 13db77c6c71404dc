"""The office in a real Chromium, as an officer uses it: by mouse, by keyboard, without scripts, on a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from afiliacion.cases import verbs
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import State, Verb
from afiliacion.dashboard.models import Disclosure
from afiliacion.imss.models import Outage
from afiliacion.operations.simulation.invented_people import People
from tests.browser import DESK, PHONE, Watched, whole
from tests.dashboard.conftest import MAIL, PASSWORD
from tests.dashboard.deeds import own_nss
from tests.dashboard.lists import a_list, a_worker_looks
from tests.papers_in.papers import a_bundle, a_paper

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]


def test_from_the_login_to_the_printed_receipt(
    open_page: Callable[..., Watched], make_case: Callable[..., Case], officer: Any, people: People
) -> None:
    officer.set_password(PASSWORD)
    officer.save()
    case = make_case()
    make_case()
    office = open_page()
    page = office.go("/expedientes/")
    page.get_by_label("Usuario").fill("oficial")
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("heading", name="Expedientes")).to_be_visible()
    page.get_by_label("Buscar").press_sequentially(case.enrolment.matricula)
    expect(page.locator("#lista")).to_contain_text("1 expediente")
    assert page.url.endswith(f"?q={case.enrolment.matricula}")
    page.get_by_role("link", name=case.student.list_name).click()
    nss = own_nss(case, people)
    page.get_by_label("NSS", exact=True).fill(nss)
    page.get_by_role("button", name="Registrar NSS").click()
    expect(page.get_by_role("status")).to_contain_text("Listo: Registrar NSS.")
    page.get_by_role("button", name="Registrar acuse entregado").click()
    expect(page.get_by_role("status")).to_contain_text("Listo: Registrar acuse entregado.")
    with page.context.expect_event("response", lambda response: response.url.endswith("/imprimir/acuse/")) as printed:
        page.get_by_role("button", name="Acuse de recibo").click()
    assert printed.value.headers["content-type"] == "application/pdf"
    page.get_by_role("button", name="Mostrar completos").click()
    expect(page.locator("#numeros")).to_contain_text(nss)
    assert Disclosure.objects.count() == 1
    page.get_by_role("button", name="Salir").click()
    expect(page.get_by_role("heading", name="Entrar")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_double_click_delivers_one_acuse(
    open_page: Callable[..., Watched], make_in: Callable[..., Case], officer: Any, scripts: bool
) -> None:
    case = make_in(State.NSS_OBTENIDO)
    page = open_page(officer, scripts=scripts).go(f"/expedientes/{case.pk}/")
    page.get_by_role("button", name="Registrar acuse entregado").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", name="Enviar el alta al IMSS")).to_be_visible()
    assert case.events.filter(verb=Verb.DELIVER_ACUSE).count() == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_many_acuses_from_the_list(open_page: Callable[..., Watched], make_in: Callable[..., Case], officer: Any, scripts: bool) -> None:
    cases = [make_in(State.NSS_OBTENIDO) for _ in range(3)]
    make_in(State.ACUSE_ENTREGADO)
    page = open_page(officer, scripts=scripts).go("/expedientes/")
    offered = page.get_by_text("Registrar acuse entregado…")
    if scripts:
        expect(offered).to_be_hidden()
    for case in cases[:2]:
        page.get_by_label(f"Elegir a {case.student.list_name}").check()
    if scripts:
        expect(page.locator("[data-count]")).to_have_text("2 elegidos:")
    offered.click()
    page.get_by_role("button", name="Registrar acuse entregado").click()
    expect(page.get_by_role("heading", name="Registrar acuse entregado: resultado")).to_be_visible()
    expect(page.locator(".result-sum")).to_contain_text("2 hechos")
    page.get_by_role("link", name="Volver a la lista").click()
    assert Case.objects.filter(state=State.ACUSE_ENTREGADO).count() == 3


def test_everything_can_be_reached_from_the_keyboard(
    open_page: Callable[..., Watched], make_case: Callable[..., Case], make_student: Callable[..., Any], officer: Any
) -> None:
    # A search that finds one person opens their page; this one is to show a list.
    case, _ = (make_case(student=make_student(primer_apellido="Ñáñez")) for _ in range(2))
    page = open_page(officer).go("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ir al contenido")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Buscar en todos los expedientes")).to_be_focused()
    page.keyboard.type(case.student.primer_apellido)
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name=case.student.list_name)
    expect(link).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if link.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=case.student.full_name)).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_list_is_brought_its_columns_said_looked_at_and_loaded(
    open_page: Callable[..., Watched], officer: Any, ciclo: Any, people: People, tmp_path: Path, size: dict[str, int]
) -> None:
    (tmp_path / "lista.csv").write_bytes(a_list(people).replace(b"curp", b"Identificador", 1))
    office = open_page(officer, size=size)
    page = office.go("/listas/")
    page.get_by_role("link", name="Qué columnas lleva la lista").click()
    expect(page.get_by_role("heading", name="Columnas de la lista")).to_be_visible()
    whole(page)
    with page.expect_download() as template:
        page.get_by_role("link", name="Plantilla de Excel").click()
    assert template.value.suggested_filename == "lista-de-inscritos.xlsx"
    page.get_by_role("link", name="Subir una lista").click()
    page.get_by_label("Ciclo").select_option(label=ciclo.clave)
    page.get_by_label("Lista", exact=True).and_(page.locator("input")).set_input_files(tmp_path / "lista.csv")
    page.get_by_role("button", name="Revisar la lista").click()
    expect(page.get_by_role("heading", name="Cómo va")).to_be_visible()
    a_worker_looks()
    page.get_by_role("link", name="Decir qué es cada columna").click()
    whole(page)
    page.get_by_label("CURP", exact=True).select_option(index=2)
    page.get_by_role("button", name="Revisar la lista así").click()
    expect(page.get_by_role("heading", name="Cómo va")).to_be_visible()
    a_worker_looks()
    expect(page.get_by_role("heading", name="Filas con error")).to_be_visible()
    page.get_by_text("Cómo se leyó").click()
    whole(page)
    page.get_by_role("button", name="Cargar las 2 filas buenas").click()
    expect(page.get_by_role("heading", name="Cómo va")).to_be_visible()
    a_worker_looks()
    expect(page.get_by_role("heading", name="Qué se hizo")).to_be_visible()
    whole(page)
    assert Case.objects.count() == 2


@pytest.fixture
def furnished(
    make_in: Callable[..., Case], other_plantel: Any, plantel: Any, people: People, actor: Any, officer: Any, settings: Any,
    tmp_path: Path, now: dt.datetime,
) -> dict[str, str]:  # fmt: skip
    """An office with something on every page, and the addresses of its pages by name."""
    settings.DEMO, settings.DEMO_MAIL_DIR, settings.IMSS_URL = True, str(tmp_path), "http://127.0.0.1:9"
    (tmp_path / f"{MAIL}.eml").write_bytes(
        b"Subject: Hola\r\nFrom: a@x.mx\r\nTo: b@x.mx\r\nContent-Type: text/html\r\n\r\n<p style='color:#093'>Hola</p>"
    )
    Outage.objects.create(since=now, reason="No responde")
    cases = {state: make_in(state) for state in State}
    make_in(State.SIN_NSS, plantel=other_plantel)
    pages = {f"case {state}": f"/expedientes/{case.pk}/" for state, case in cases.items()}
    vigente, sin_nss = cases[State.VIGENTE].pk, cases[State.SIN_NSS].pk
    forms = {
        slug: f"/expedientes/{vigente}/acciones/{slug}/"
        for slug in ("corregir-nss", "baja", "traslado", "constancia", "recibir-documentos")
    }
    verbs.file_at_desk([make_in(State.EN_SUBDELEGACION).pk], on=timezone.localdate(now), act=Act(actor, now))
    sheet, brought = make_in(State.SIN_NSS), make_in(State.SIN_NSS)
    by_officer = Act(Actor(ActorKind.PERSON, "Begoña", officer.pk), timezone.now(), frozenset({plantel.pk}))
    verbs.receive_papers([sheet.pk], [ACUSE_PAPER], on=timezone.localdate(now), act=by_officer)
    paper = a_paper(brought, by_officer, own_nss(brought, people))
    rest = {
        "sheets": "/hojas/", "sheet": f"/hojas/papel/{sheet.pk}/", "paper": f"/hojas/{paper.pk}/",
        "bundle": f"/hojas/entregas/{a_bundle(by_officer).pk}/",
        "reports": "/informes/", "password": "/contrasena/", "subdelegacion": "/subdelegacion/",
        "movements": "/movimientos/", "without curp": "/sin-curp/", "covers": "/listas/seguros/",
        "home": "/", "list": "/expedientes/", "nothing found": "/expedientes/?q=zzzz", "wrong filter": "/expedientes/?estado=x",
        "renuncia": f"/expedientes/{sin_nss}/acciones/renuncia/", "lists": "/listas/", "mails": "/correos/", "mail": f"/correos/{MAIL}/",
    }  # fmt: skip
    mail = {
        "notices": "/avisos/", "words": "/avisos/textos/", "because": f"/avisos/por-que/{sin_nss}/",
        "words of a kind": f"/avisos/textos/obten_nss/?plantel={cases[State.SIN_NSS].plantel_id}",
    }  # fmt: skip
    return {**rest, **pages, **forms, **mail}


@pytest.mark.parametrize(
    ("who", "size"),
    [
        # In a plain run each person at one size; the other two are for the sweeps.
        pytest.param("officer", PHONE, id="officer-phone"),
        pytest.param("coordinator", DESK, id="coordinator-desk"),
        pytest.param("officer", DESK, id="officer-desk", marks=pytest.mark.slow),
        pytest.param("coordinator", PHONE, id="coordinator-phone", marks=pytest.mark.slow),
    ],
)
def test_every_page_is_whole(
    open_page: Callable[..., Watched], furnished: dict[str, str], request: pytest.FixtureRequest, who: str, size: dict[str, int]
) -> None:
    office = open_page(request.getfixturevalue(who), size=size)
    for address in furnished.values():
        whole(office.go(address))


def test_every_page_is_whole_in_the_dark(open_page: Callable[..., Watched], furnished: dict[str, str], officer: Any) -> None:
    office = open_page(officer)
    office.go("/").get_by_role("button", name="Tema oscuro").click()
    expect(office.page.locator("html[data-bs-theme=dark]")).to_be_visible()
    for address in furnished.values():
        whole(office.go(address))


def test_a_half_typed_note_outlives_the_session(open_page: Callable[..., Watched], make_case: Callable[..., Case], officer: Any) -> None:
    officer.set_password(PASSWORD)
    officer.save()
    case, office = make_case(), open_page(officer)
    page = office.go(f"/expedientes/{case.pk}/")
    page.get_by_label("Nota nueva").press_sequentially("Vino su mamá con el acta.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Guardar nota").click()
    office.go(f"/expedientes/{case.pk}/")
    page.get_by_label("Usuario").fill("oficial")
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_label("Nota nueva")).to_have_value("Vino su mamá con el acta.")
    page.get_by_role("button", name="Guardar nota").dblclick(no_wait_after=True)
    expect(page.locator(".notes")).to_contain_text("Vino su mamá con el acta.")
    expect(page.get_by_label("Nota nueva")).to_have_value("")
    assert case.notes.count() == 1
    office.complaints[:] = [complaint for complaint in office.complaints if "403" not in complaint]


def test_the_list_by_keys_alone(open_page: Callable[..., Watched], make_in: Callable[..., Case], officer: Any) -> None:
    cases = [make_in(State.NSS_OBTENIDO) for _ in range(3)]
    page = open_page(officer).go("/expedientes/")
    for key in ("j", "j", "x", "k", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-count]")).to_have_text("2 elegidos:")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Teclas")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=cases[1].student.full_name)).to_be_visible()


def test_a_list_that_could_not_be_asked_for_says_it_is_the_one_before(
    open_page: Callable[..., Watched], make_in: Callable[..., Case], officer: Any
) -> None:
    for state in (State.NSS_OBTENIDO, State.SIN_NSS):
        make_in(state)
    office = open_page(officer)
    page = office.go("/expedientes/")
    stale = page.get_by_text("esta lista es la de antes")
    expect(stale).to_be_hidden()
    page.context.set_offline(True)
    page.get_by_role("combobox", name="Estado").select_option("SIN_NSS")
    expect(stale).to_be_visible()
    expect(page.locator(".cases-head strong")).to_have_text("2 expedientes")
    page.context.set_offline(False)
    expect(page.locator(".cases-head strong")).to_have_text("1 expediente")
    expect(stale).to_be_hidden()
    # That there was no network the browser tells, too, and htmx in words of its own.
    office.complaints[:] = [told for told in office.complaints if "net::ERR_" not in told and not told.startswith("htmx:")]


def test_the_pages_without_the_office_around_them_are_whole(open_page: Callable[..., Watched], no_post: Any) -> None:
    visitor, stranger = open_page(), open_page(no_post)
    whole(visitor.go("/entrar/"))
    visitor.page.get_by_label("Usuario").fill("nadie")
    visitor.page.get_by_label("Contraseña").fill("no es")
    visitor.page.get_by_role("button", name="Entrar").click()
    whole(visitor.page)
    for watched, address in ((visitor, "/nada/"), (stranger, "/")):
        whole(watched.go(address))
    # The browser notes the statuses these pages are for; that is no complaint.
    for watched in (visitor, stranger):
        watched.complaints[:] = [complaint for complaint in watched.complaints if "Failed to load resource" not in complaint]


def test_the_admin_works_under_the_same_policy(open_page: Callable[..., Watched], coordinator: Any, plantel: Any) -> None:
    coordinator.is_superuser = True
    coordinator.save()
    office = open_page(coordinator)
    for address in ("/admin/", "/admin/students/plantel/", f"/admin/students/plantel/{plantel.pk}/change/", "/admin/students/ciclo/add/"):
        assert office.go(address).title()


def test_words_of_others_run_nowhere(
    open_page: Callable[..., Watched], make_case: Callable[..., Case], make_student: Any, officer: Any
) -> None:
    bad = '"><img src=x onerror="document.title=1"><script>document.title=2</script>'
    case = make_case(student=make_student(nombre=bad[:120], email="a@x.mx"), grupo="{{7*7}}", matricula="<svg/onload=alert(1)>")
    office = open_page(officer)
    for address in ("/expedientes/", "/expedientes/?q=" + "%22%3E%3Cscript%3E", f"/expedientes/{case.pk}/"):
        page = office.go(address)
        assert page.title() not in {"1", "2"}
        assert page.locator("script:not([src])").count() == 0
        assert "{{7*7}}" in page.content() or "q=" in address
