"""The web server as it is started, before slow and large requests."""

from __future__ import annotations

import os
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from tests import processes

pytestmark = pytest.mark.usefixtures("committed")

SLOW = b"POST /entrar/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nusername="
PAGE = b"GET /entrar/ HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def office(committed: None, tmp_path: Path) -> Iterator[int]:
    """The port of the office's own web server, one worker of four threads. The office has a user, so that one can log in."""
    get_user_model().objects.create_user("begona")
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = int(chosen.getsockname()[1])
    environment = {**os.environ, "DATABASE_URL": processes.database_url(), "DJANGO_SETTINGS_MODULE": "tests.web_server.settings"}
    command = ["-m", "gunicorn", "-w", "1", "--bind", f"127.0.0.1:{port}", "--no-control-socket", "afiliacion.wsgi"]
    process = processes.start(command, environment, tmp_path / "web.log")
    try:
        while not _listens(port):
            assert process.poll() is None, (tmp_path / "web.log").read_text()
            time.sleep(0.05)
        yield port
    finally:
        processes.end(process)


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def answer(connection: socket.socket) -> bytes:
    """All that the server sends until it closes, or until it has sent a page and waits."""
    connection.settimeout(30)
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            break
        received += piece
    return received


def test_h5_slow_requests_do_not_keep_a_page_waiting(office: int) -> None:
    slow = [connect(office) for _ in range(24)]
    silent = [connect(office) for _ in range(24)]
    half = [connect(office) for _ in range(24)]
    try:
        for one in slow:
            one.sendall(SLOW)
        for one in half:
            one.sendall(SLOW[:20])
        begun = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{office}/entrar/", timeout=20) as page:
            assert page.status == 200
        assert time.monotonic() - begun < 2
    finally:
        for one in [*slow, *silent, *half]:
            one.close()


@pytest.mark.parametrize("path", ["/entrar/", "/v/", "/listas/"])
def test_h5_400_megabytes_are_refused_before_they_are_sent(office: int, path: str) -> None:
    with connect(office) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {400 * 2**20}\r\n\r\n".encode() + b"x" * 100_000)
        assert answer(connection).startswith(b"HTTP/1.1 413 ")


@pytest.mark.slow
def test_h5_a_request_that_is_not_finished_is_ended(office: int) -> None:
    with connect(office) as connection:
        connection.sendall(SLOW)
        assert answer(connection).startswith(b"HTTP/1.1 408 ")


def test_a_large_body_is_of_a_user_who_is_logged_in(office: int) -> None:
    head = "POST /listas/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={}\r\nContent-Length: 200000\r\nExpect: 100-continue\r\n\r\n"
    browser = Client()
    browser.force_login(get_user_model().objects.get())
    for key, status in (("inventada", b"413"), (browser.cookies[settings.SESSION_COOKIE_NAME].value, b"100")):
        with connect(office) as connection:
            connection.sendall(head.format(key).encode())
            assert answer(connection)[9:12] == status


def test_a_connection_is_used_again_also_by_what_was_sent_at_once(office: int) -> None:
    with connect(office) as connection:
        for sent, answers in ((PAGE, 1), (PAGE + PAGE, 2)):
            connection.sendall(sent)
            received = b""
            while received.count(b"HTTP/1.1 200 OK") < answers or not received.rstrip().endswith(b"</html>"):
                piece = connection.recv(65536)
                assert piece, received[-200:]
                received += piece
            assert received.count(b"HTTP/1.1 200 OK") == answers


def test_a_form_arrives_as_it_was_sent(office: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{office}/entrar/", timeout=20) as page:
        cookie, html = page.headers["Set-Cookie"].partition(";")[0], page.read().decode()
    token = html.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = f"csrfmiddlewaretoken={token}&username=nadie&password={'x' * 50_000}".encode()
    with connect(office) as connection:
        head = f"POST /entrar/ HTTP/1.0\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Length: {len(form)}\r\n"
        connection.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + form)
        assert answer(connection)[9:12] == b"200"
