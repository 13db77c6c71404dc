"""When something goes wrong: a Spanish page, the right status, nothing given away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from afiliacion.dashboard.frame import errors
from afiliacion.dashboard.frame.middleware import POLICY
from afiliacion.urls import handler400, handler403, handler404, handler500  # noqa: F401 - Django reads them here
from afiliacion.urls import urlpatterns as real


def _fails(request: Any) -> HttpResponse:
    raise RuntimeError("secreto interno")


_fails.login_required = False  # type: ignore[attr-defined]  # as login_not_required marks it
urlpatterns = [path("falla/", _fails), *real]


def test_an_address_that_is_not_there(client: Client) -> None:
    page = client.get("/nada/")
    assert page.status_code == 404
    assert "Esa página no existe" in page.content.decode()
    assert page.headers["Content-Security-Policy"] == POLICY


@pytest.mark.urls("tests.dashboard.frame.test_errors")
def test_a_fault_of_ours_gives_nothing_away(client: Client) -> None:
    client.raise_request_exception = False
    page = client.get("/falla/")
    assert page.status_code == 500
    text = page.content.decode()
    assert "Algo falló de nuestro lado" in text
    assert "secreto interno" not in text


@pytest.mark.parametrize(("handler", "status"), [(errors.bad_request, 400), (errors.permission_denied, 403), (errors.page_not_found, 404)])
def test_each_page_is_in_spanish_and_asks_nothing_of_the_database(handler: Any, status: int) -> None:
    page = handler(RequestFactory().get("/"), Exception())
    assert page.status_code == status
    assert '<html lang="es-MX"' in page.content.decode()


LOOKING_IN = """
import django
django.setup()
from django.test import Client, override_settings
plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
browser = Client(raise_request_exception=False)
browser.cookies["sessionid"] = "a" * 32
with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES=plain):
    page = browser.get("/")
print(page.status_code, page.headers["Retry-After"], "Volvemos en un momento" in page.content.decode())
"""


def test_while_the_database_is_away_the_office_says_so() -> None:
    """A process of its own, with a port where no database listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        environment = {
            **os.environ,
            "DATABASE_URL": f"postgresql://nadie@127.0.0.1:{port}/nada",
            "DJANGO_SETTINGS_MODULE": "afiliacion.settings",
        }
        command = [sys.executable, "-c", LOOKING_IN]
        run = subprocess.run(  # noqa: S603 - our own few lines
            command, env=environment, capture_output=True, text=True, timeout=60, check=True
        )
    assert run.stdout.split() == ["503", "30", "True"]
