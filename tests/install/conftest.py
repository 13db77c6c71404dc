"""The office on servers of its own, started by the commands of docs/install/."""

from __future__ import annotations

import os
import shlex
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import pytest
from django.contrib.auth import get_user_model

from tests import processes

INSTALL = Path(__file__).parents[2] / "docs" / "install"
PLAIN_STATIC_FILES = "tests.web_server.settings"
Start = Callable[..., "Popen[bytes]"]


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def until(condition: Callable[[], bool], process: Popen[bytes], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def command(unit: str) -> list[str]:
    """What a unit of docs/install/ starts, without the interpreter's path."""
    (line,) = [line for line in (INSTALL / f"afiliacion-{unit}.service").read_text().splitlines() if line.startswith("ExecStart=")]
    python, *arguments = shlex.split(line.partition("=")[2])
    assert python == "/srv/afiliacion/.venv/bin/python"
    return arguments


@pytest.fixture
def start(tmp_path: Path, committed: None) -> Iterator[Start]:
    """Starts the process of a unit, with the environment of an office and what is given; its log is `tmp_path/UNIT.log`."""
    get_user_model().objects.create_user("begona")
    running: list[Popen[bytes]] = []

    def run(unit: str, *, port: int = 8000, **given: str) -> Popen[bytes]:
        environment = {**os.environ, "DATABASE_URL": processes.database_url(), "AFILIACION_DATA": str(tmp_path), **given}
        arguments = [argument.replace("127.0.0.1:8000", f"127.0.0.1:{port}") for argument in command(unit)]
        running.append(processes.start(arguments, environment, tmp_path / f"{unit}.log"))
        return running[-1]

    yield run
    for process in running:
        processes.end(process)
