"""No line of any log names a person, whichever program wrote it."""

import logging
import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from gunicorn.config import Config
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.access_log import MaskingLogger
from afiliacion.logs import masked

CURP, NSS, EMAIL = "PUFE050315HNERCNA4", "03230500013", "eñe.fu-1@alumnos.example.mx"


@given(before=st.text(alphabet=" \n=('\",:%áñ/", max_size=5), after=st.text(alphabet=" \n)'\",;&ñá/", max_size=5))
def test_whatever_stands_around_it(before, after):
    for personal in (CURP, CURP.lower(), NSS, EMAIL, EMAIL.replace("@", "%40")):
        assert personal not in masked(f"x {before}{personal}{after} y")


@pytest.mark.parametrize(
    "line",
    [
        "E-0000030: 3 de 12",
        "1787000000000000000001",
        "2026-11-21 08:31:00,442 WARNING afiliacion.imss.chase.run 12.5",
        "@property",
        "lote 100000001",
    ],
)
def test_what_names_nobody_stays(line):
    assert masked(line) == line


LINK = "3k.1q2w3.0123456789abcdef"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('"GET /expedientes/?q=PUFE05&estado=VIGENTE HTTP/1.1" 200', '"GET /expedientes/?q=[…]&estado=[…] HTTP/1.1" 200'),
        ('"GET /mostrador/?q=Jos%C3%A9+Fu HTTP/1.1"', '"GET /mostrador/?q=[…] HTTP/1.1"'),
        (f"GET /lista/?q={CURP}&nombre=Ana", "GET /lista/?q=[CURP]&nombre=[…]"),
        (f'"GET /a/{LINK}/hoja HTTP/1.1"', '"GET /a/[enlace]/hoja HTTP/1.1"'),
        (f'"GET /x/{LINK.upper()} HTTP/1.1" 404 - "https://escuela.example.mx/a/{LINK}"',
         '"GET /x/[enlace] HTTP/1.1" 404 - "https://escuela.example.mx/a/[enlace]"'),
        (f"Not Found: /a/{LINK[:-1]}", "Not Found: /a/[enlace]"),
        ('duplicate key\nDETAIL:  Failing row contains (7, José, Fuentes).\nend', "duplicate key\nDETAIL: […]\nend"),
        ("LINE 1: ...VALUES ('José Fuentes')\n  ^", "LINE 1: […]\n  ^"),
    ],
)  # fmt: skip
def test_h6_addresses_and_rows_of_the_database_name_nobody(line, shown):
    assert masked(line) == shown


def test_celery_keeps_the_offices_own_lines():
    """Its workers and its beat would bring handlers of their own, that mask nothing."""
    told = "from afiliacion.celery import app; app.log.setup(); import logging; logging.getLogger('any').error('de %s y %s', '{}', '{}')"
    command = [sys.executable, "-c", told.format(CURP, NSS)]
    run = subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ, check=True, capture_output=True, text=True)  # noqa: S603
    assert run.stderr.strip().endswith("de [CURP] y [NSS]")


def test_the_web_servers_lines_are_masked(capsys):
    """Who searches by CURP has it in the address, and the address in the access log."""
    config = Config()
    config.set("accesslog", "-")
    log = MaskingLogger(config)
    log.access_log.info("GET /lista/?q=%s HTTP/1.1", CURP)
    log.error_log.error("Error handling request /lista/?q=%s", EMAIL.replace("@", "%40"))
    told = capsys.readouterr()
    log.access_log.handlers.clear(), log.error_log.handlers.clear()

    assert "q=[CURP]" in told.out + told.err
    assert "q=[correo]" in told.out + told.err
    assert logging.getLogger("gunicorn.access") is log.access_log


def test_h6_the_servers_own_access_log_is_masked_without_any_option(tmp_path):
    (tmp_path / "empty.py").write_text("def app(environ, start):\n    start('200 OK', [])\n    return [b'']\n")
    command = [sys.executable, "-m", "gunicorn", "--bind", f"unix:{tmp_path}/web", "--workers", "1", "--access-logfile", "-"]
    command += ["--pythonpath", str(tmp_path), "empty:app"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stderr is not None
        try:
            assert any("Booting worker" in line for line in server.stderr)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(f"{tmp_path}/web")
                client.sendall(f"GET /a/{LINK}?q={CURP[:6]} HTTP/1.0\r\nReferer: /lista/?nombre=Ana\r\n\r\n".encode())
                answer = client.makefile("rb").readline()
        finally:
            server.terminate()
            written, _ = server.communicate(timeout=30)
    assert b" 200 " in answer
    assert '"GET /a/[enlace]?q=[…] HTTP/1.0" 200' in written
    assert "/lista/?nombre=[…]" in written
