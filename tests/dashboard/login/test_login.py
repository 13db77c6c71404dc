"""Coming in and going out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from students.models import Plantel, StaffPost
from tests.dashboard.conftest import PASSWORD

AWAY = [
    "https://malo.example", "http://malo.example/", "//malo.example", "///malo.example", "////malo.example", "/\\malo.example",
    "\\\\malo.example", "\\/malo.example", "/\t/malo.example", "/\n/malo.example", "/\r\n/malo.example", "http:malo.example",
    "https:malo.example", "http:/malo.example", "http:///malo.example", "https:///malo.example", "HtTpS://malo.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,hola", "vbscript:msgbox(1)",
    "ftp://malo.example", "file:///etc/passwd", "//localhost@malo.example", "https://testserver@malo.example",
    "https://testserver.malo.example", "https://malo.example/testserver", "https://malo.example?testserver",
    "https://malo.example#testserver", "//malo.example/%2f..", "https://malo.example%00.testserver", "//malo%E3%80%82example",
    "//malo。example", " //malo.example", "\thttps://malo.example", "https://[::1]malo.example", "//[malo.example",
    "http://testserver:80@malo.example", "//malo.example:443", "//0x7f000001", "//2130706433", "mailto:a@malo.example", "tel:5555",
    "blob:https://malo.example", "about:blank", "view-source:https://malo.example", "https://testserver\\@malo.example",
    "https://testserver%40malo.example/../..//malo.example", "//%6d%61lo.example", "https:malo.example//testserver",
    "/%5cmalo.example/..//\\malo.example\\", "////testserver@malo.example", "http://", "//", "https://testserver:99999999@malo.example",
    "\\\\\\malo.example", "/\\/malo.example", "https://malo.example\\.testserver", "x:y",
]  # fmt: skip


@pytest.fixture
def user(plantel: Plantel) -> Any:
    user = get_user_model().objects.create_user("begona", password=PASSWORD)
    StaffPost.objects.create(user=user, plantel=plantel)
    return user


def enter(client: Client, going: str = "") -> Any:
    return client.post("/entrar/", {"username": "begona", "password": PASSWORD, "next": going})


@pytest.mark.parametrize("going", AWAY)
def test_nobody_is_sent_elsewhere_after_entering(client: Client, user: Any, going: str) -> None:
    landed = enter(client, going).headers["Location"]
    # Whatever stays is a path of our own: one slash, and no second host behind it.
    assert landed == "/" or (landed.startswith("/") and landed[1:2] not in {"/", "\\", "\t", "\n", "\r"}), landed


def test_one_comes_back_to_the_page_one_wanted(client: Client, user: Any) -> None:
    asked = client.get("/expedientes/?estado=SIN_NSS")
    assert asked.headers["Location"] == "/entrar/?next=/expedientes/%3Festado%3DSIN_NSS"
    told = "Entre para abrir la página que pidió"
    assert told in client.get(asked.headers["Location"]).content.decode()
    assert told not in client.get("/entrar/?next=/").content.decode()
    assert enter(client, "/expedientes/?estado=SIN_NSS").headers["Location"] == "/expedientes/?estado=SIN_NSS"


def test_a_wrong_password_says_what_to_do(client: Client, user: Any) -> None:
    page = client.post("/entrar/", {"username": "begona", "password": "otra"})
    assert "El usuario y la contraseña no coinciden" in page.content.decode()


def test_without_a_post_one_is_told_and_can_leave(client: Client, no_post: Any) -> None:
    client.force_login(no_post)
    page = client.get("/")
    assert page.status_code == 403
    assert "Falta asignarle un plantel" in page.content.decode()
    assert client.post("/salir/").headers["Location"] == "/entrar/"
    assert client.get("/").headers["Location"] == "/entrar/?next=/"


def test_a_post_taken_away_closes_the_door_at_once(desk: Client, officer: Any) -> None:
    assert desk.get("/").status_code == 200
    StaffPost.objects.filter(user=officer).delete()
    assert desk.get("/").status_code == 403


def test_an_ended_session_does_not_put_the_login_inside_the_list(client: Client, db: None) -> None:
    answer = client.get("/expedientes/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/entrar/?next=/expedientes/"
