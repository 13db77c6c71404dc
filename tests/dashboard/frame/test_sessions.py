"""How long a session lasts, and what every answer says of itself."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from afiliacion.dashboard.frame import sessions

MINUTE = 60


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(sessions, "time", clock)
    return clock


@pytest.fixture
def browser(clock: Clock, coordinator: Any) -> Client:
    browser = Client()
    browser.force_login(coordinator)
    return browser


def test_a_session_ends_after_an_hour_without_use(browser: Client, clock: Clock) -> None:
    clock.now += 59 * MINUTE
    assert browser.get("/expedientes/").status_code == 200
    clock.now += 61 * MINUTE
    assert browser.get("/expedientes/").headers["Location"].startswith("/entrar/")
    assert not Session.objects.exists()


def test_a_session_ends_after_a_working_day_however_it_is_used(browser: Client, clock: Clock) -> None:
    for _ in range(24):
        clock.now += 30 * MINUTE
        assert browser.get("/expedientes/").status_code == 200
    clock.now += MINUTE
    assert browser.get("/expedientes/").status_code == 302


def test_its_use_is_written_once_a_minute(browser: Client, clock: Clock) -> None:
    def written() -> str:
        return Session.objects.get().session_data

    before = written()
    clock.now += 59
    browser.get("/expedientes/")
    assert written() == before
    clock.now += 1
    browser.get("/expedientes/")
    assert written() != before


def test_a_page_may_ask_nothing_of_the_browser(browser: Client) -> None:
    policy = browser.get("/expedientes/").headers["Permissions-Policy"]
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(policy.split(", "))


def test_s15_under_https_the_cookies_are_of_this_host_only() -> None:
    code = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE)"
    environment = {**os.environ, "HTTPS": "1", "DJANGO_SETTINGS_MODULE": "afiliacion.settings"}
    told = subprocess.check_output([sys.executable, "-c", code], env=environment, cwd=settings.BASE_DIR, text=True)  # noqa: S603 - our own
    assert told.split() == ["__Host-sessionid", "__Host-csrftoken", "True"]
    assert (settings.SESSION_COOKIE_PATH, settings.SESSION_COOKIE_DOMAIN) == ("/", None)
