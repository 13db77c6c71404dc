"""The first run of a real school: closed without the code, and for good once a user can log in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from django.test import Client
from playwright.sync_api import expect

from afiliacion.dashboard.models import SettingChange
from afiliacion.operations import first_run
from students.models import Ciclo, NonWorkingDay, Plantel
from students.staff import plantel_ids
from tests.browser import DESK, PHONE, Watched, whole
from tests.dashboard.conftest import PASSWORD

pytestmark = pytest.mark.django_db
ME = {"first_name": "Óscar", "last_name": "Güemes", "email": "o@x.example.mx", "username": "oscar", "password": PASSWORD}


def begin(browser: Client, **said: str) -> Any:
    return browser.post("/inicio/", {**ME, "code": first_run.code(), **said})


def test_a_new_office_leads_to_its_first_run(client: Client) -> None:
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/inicio/"
    assert "Primera visita" in client.get("/inicio/").content.decode()
    assert first_run.code() not in client.get("/inicio/").content.decode()


def test_the_code_makes_one_coordinator_and_closes_the_door(client: Client) -> None:
    assert begin(client).headers["Location"] == "/inicio/plantel/"
    user = get_user_model().objects.get()
    assert (plantel_ids(user), user.is_superuser, user.is_staff) == (None, False, False)
    assert client.get("/inicio/plantel/").status_code == 200
    stranger = Client()
    assert stranger.get("/inicio/").headers["Location"] == "/"
    assert begin(stranger, username="otra").headers["Location"] == "/"
    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize("code", ["", "AAAA-BBBB-CCCC", "ñ", "0" * 40])
def test_without_the_code_nobody_comes_in(client: Client, code: str) -> None:
    answer = begin(client, code=code)
    assert answer.status_code == 422
    assert not get_user_model().objects.exists()


def test_a_code_is_forgiven_its_hyphens_and_capitals(client: Client) -> None:
    assert begin(client, code=first_run.code().lower().replace("-", " ")).status_code == 302


def test_a_weak_password_is_refused(client: Client) -> None:
    assert "demasiado corta" in begin(client, password="corta").content.decode()  # noqa: S106 - a wrong one
    assert not get_user_model().objects.exists()


def test_two_with_the_code_at_once_make_one_user(committed: None) -> None:
    ready = threading.Barrier(4)

    def run(n: int) -> None:
        ready.wait()
        begin(Client(), username=f"persona{n}")
        connection.close()

    hands = [threading.Thread(target=run, args=(n,)) for n in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert get_user_model().objects.count() == 1


def test_each_step_does_its_part_and_leads_on(client: Client) -> None:
    begin(client)
    to = client.post("/inicio/plantel/", {"clave": "P1", "name": "Prepa 1", "registro_patronal": "A0112345321"}).headers["Location"]
    assert to == "/inicio/ciclo/"
    to = client.post(to, {"clave": "2027-1", "starts_on": "2027-01-10", "ends_on": "2027-07-10"}).headers["Location"]
    assert to == "/inicio/calendario/"
    assert "No se entiende «ayer no»" in client.post(to, {"days": "24/12/2026 Vacaciones\nayer no"}).content.decode()
    to = client.post(to, {"days": "24/12/2026 Vacaciones\n\n31/12/2026"}).headers["Location"]
    assert NonWorkingDay.objects.count() == 2
    assert Plantel.objects.get().calendar is not None
    assert to == "/inicio/responsables/"
    person = {"username": "angela", "is_active": "on", "planteles": [Plantel.objects.get().pk], "password": PASSWORD}
    assert client.post(to, person).headers["Location"] == to
    assert Ciclo.objects.get().clave == "2027-1"
    done = {each.slug for each, done in client.get("/inicio/lista/").context["steps"] if done}
    assert done - {"correo"} == {"plantel", "ciclo", "calendario", "responsables"}
    assert SettingChange.objects.count() == 4
    assert "IDSE" in client.get("/inicio/imss/").content.decode()
    assert client.post("/inicio/imss/", {"way": "by_hand"}).headers["Location"] == "/inicio/lista/"
    assert "imss" in {each.slug for each, done in client.get("/inicio/lista/").context["steps"] if done}
    assert SettingChange.objects.count() == 5


def test_an_office_with_nothing_yet_says_so_and_what_comes_next(client: Client) -> None:
    begin(client)
    home, cases, told = (client.get(path).content.decode() for path in ("/", "/expedientes/", "/informes/"))
    assert 'href="/inicio/plantel/">Seguir con la puesta en marcha' in home
    assert "Todavía no hay expedientes" in cases
    assert "Ningún expediente coincide" not in cases
    assert "Todavía no hay ciclos" in told
    assert "no existe" not in told


def test_the_mail_is_tried_and_what_the_server_says_is_shown(client: Client, settings: Any) -> None:
    begin(client)
    client.post("/inicio/correo/", {"to": "o@x.example.mx"})
    assert [message.to for message in mail.outbox] == [["o@x.example.mx"]]
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 1
    told = client.post("/inicio/correo/", {"to": "o@x.example.mx"})
    assert told.status_code == 422
    assert "No salió: en 127.0.0.1:1 no responde ningún servidor de correo" in told.content.decode()


def test_an_officer_has_no_business_here(desk: Client) -> None:
    assert desk.get("/inicio/plantel/").status_code == 403


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_new_school_is_set_up_in_a_browser(open_page: Callable[..., Watched], size: dict[str, int]) -> None:
    page = open_page(size=size).go("/")
    expect(page.get_by_role("heading", name="Primera visita")).to_be_visible()
    whole(page)
    for label, value in (("Código", first_run.code()), ("Nombre", "Óscar"), ("Apellidos", "Güemes"), ("Correo", "o@x.example.mx")):
        page.get_by_label(label).first.fill(value)
    page.get_by_label("Usuario").fill("oscar")
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Crear la cuenta y empezar").click()
    expect(page.get_by_role("heading", name="Plantel")).to_be_visible()
    whole(page)
    page.get_by_label("Clave").fill("P1")
    page.get_by_label("Nombre", exact=True).fill("Prepa 1")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("heading", name="Ciclo")).to_be_visible()
    for slug in ("ciclo", "calendario", "responsables", "correo", "imss", "lista"):
        page.goto(page.url.split("/inicio/")[0] + f"/inicio/{slug}/")
        whole(page)
    page.get_by_role("link", name="Subir la primera lista").click()
    expect(page.get_by_role("heading", name="Listas de inscritos")).to_be_visible()
