"""The processes of an installation on servers of its own, as docs/install/ starts them."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from afiliacion.environment.variables import VARIABLES
from tests.install.conftest import INSTALL, PLAIN_STATIC_FILES, Start, free_port, listens, until

pytestmark = pytest.mark.slow
ROOT = Path(settings.BASE_DIR)


def test_web_worker_and_beat_start_and_write_nothing_into_the_checkout(start: Start, tmp_path: Path) -> None:
    before = {entry.name for entry in ROOT.iterdir()}
    port = free_port()
    web = start("web", port=port, DJANGO_SETTINGS_MODULE=PLAIN_STATIC_FILES)
    worker, beat = start("worker"), start("beat")
    until(lambda: listens(port), web, tmp_path / "web.log")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/entrar/", timeout=20) as page:
        assert page.status == 200
    until(lambda: " ready." in (tmp_path / "worker.log").read_text(), worker, tmp_path / "worker.log")
    until(lambda: any(tmp_path.glob("beat-schedule*")), beat, tmp_path / "beat.log")
    assert {entry.name for entry in ROOT.iterdir()} == before


@pytest.mark.parametrize("unit", ["web", "worker", "beat"])
def test_none_starts_with_a_key_that_can_be_guessed(start: Start, tmp_path: Path, unit: str) -> None:
    process = start(unit, port=free_port(), SECRET_KEY="corta")  # noqa: S106 - a bad one
    assert process.wait(60) == 1
    assert "SECRET_KEY: es demasiado fácil de adivinar" in (tmp_path / f"{unit}.log").read_text()


def test_a_new_key_is_good_enough() -> None:
    command = [sys.executable, "-P", "-m", "afiliacion.operations.launcher.main", "key"]
    keys = {subprocess.check_output(command, text=True, cwd=ROOT).strip() for _ in range(2)}  # noqa: S603 - our own
    assert len(keys) == 2
    assert all(len(key) > 50 for key in keys)


def test_the_proxies_limits_are_those_of_the_office() -> None:
    lists, papers = (int(VARIABLES[name].default or 0) // 2**20 + 1 for name in ("ROLL_MAX_BYTES", "STUDENT_PAPER_BYTES"))
    nginx, caddy = (INSTALL / "nginx.conf").read_text(), (INSTALL / "Caddyfile").read_text()
    assert f"client_max_body_size {lists}m" in nginx
    assert f"client_max_body_size {papers}m" in nginx
    assert f"max_size {lists}MB" in caddy
    assert f"max_size {papers}MB" in caddy
