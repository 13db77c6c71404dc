"""No line of any log names anybody, whoever wrote it."""

import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings
from gunicorn.config import Config
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.logs import masked
from afiliacion.weblog import Discreet

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
        "2026-11-21 08:31:00,442 WARNING afiliacion.imss.chase 12.5",
        "@property",
        "lote 100000001",
    ],
)
def test_what_names_nobody_stays(line):
    assert masked(line) == line


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
    log = Discreet(config)
    log.access_log.info("GET /lista/?q=%s HTTP/1.1", CURP)
    log.error_log.error("Error handling request /lista/?q=%s", EMAIL.replace("@", "%40"))
    told = capsys.readouterr()
    log.access_log.handlers.clear(), log.error_log.handlers.clear()

    assert "q=[CURP]" in told.out + told.err
    assert "q=[correo]" in told.out + told.err
    assert logging.getLogger("gunicorn.access") is log.access_log
