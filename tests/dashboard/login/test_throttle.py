"""Guessing passwords: it takes longer and longer, and never keeps the real person out of their own browser."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.dashboard.login import throttle
from afiliacion.dashboard.models import LoginTally
from tests.dashboard.conftest import PASSWORD


@pytest.fixture
def known(officer: Any) -> Any:
    officer.set_password(PASSWORD)
    officer.save()
    return officer


def attempt(browser: Client, password: str = "no es", *, name: str = "oficial", address: str = "10.0.0.1") -> int:  # noqa: S107
    return browser.post("/entrar/", {"username": name, "password": password}, REMOTE_ADDR=address).status_code


@pytest.mark.parametrize("name", ["oficial", "nadie-con-este-nombre"])
def test_after_five_failures_even_the_right_password_waits_there(known: Any, name: str) -> None:
    browser = Client()
    assert [attempt(browser, name=name) for _ in range(throttle.FREE_HERE)] == [200] * throttle.FREE_HERE
    assert attempt(browser, PASSWORD, name=name) == 429
    answer = browser.post("/entrar/", {"username": name, "password": PASSWORD}, REMOTE_ADDR="10.0.0.1")
    assert int(answer.headers["Retry-After"]) <= 30
    assert "Demasiados intentos seguidos" in answer.content.decode()


def test_elsewhere_the_person_still_comes_in_and_is_then_known(known: Any) -> None:
    thief, owner = Client(), Client()
    for _ in range(throttle.FREE_HERE):
        attempt(thief)
    assert attempt(owner, PASSWORD, address="10.0.0.2") == 302
    owner.post("/salir/")
    for n in range(throttle.FREE_ACCOUNT):
        LoginTally.objects.all().update(wait_until=timezone.now())
        attempt(thief, address=f"10.1.0.{n}")
    assert attempt(Client(), PASSWORD, address="10.2.0.1") == 429
    assert attempt(owner, PASSWORD, address="10.2.0.1") == 302


def test_each_failure_doubles_the_wait_up_to_an_hour(db: None) -> None:
    now, counted = timezone.now(), [("k", 2)]
    waits = []
    for _ in range(12):
        throttle.failed(counted, now)
        waits.append(throttle.waits(counted, now))
    assert waits[:4] == [dt.timedelta(0), dt.timedelta(seconds=30), dt.timedelta(seconds=60), dt.timedelta(seconds=120)]
    assert max(waits) == waits[-1] == dt.timedelta(hours=1)


def test_a_password_is_changed_and_other_sessions_end(known: Any) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        browser.force_login(known)
    new = "otra frase larga de prueba"
    short = here.post("/contrasena/", {"old_password": PASSWORD, "new_password1": "corta", "new_password2": "corta"})
    assert "15 caracteres" in short.content.decode()
    here.post("/contrasena/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
