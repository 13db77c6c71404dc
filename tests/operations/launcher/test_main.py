"""`python -m afiliacion.operations.launcher.main`, as `./run` calls it."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from afiliacion.operations.launcher.office import RunningOffice, run_directory, secret_key
from afiliacion.operations.servers.embedded import SERVERS
from afiliacion.operations.servers.server_lease import ROOT, ServerLease

Launch = Callable[..., "subprocess.Popen[str]"]
ASK = "from django.conf import settings as s; print(s.IMSS_URL, s.DATABASES['default']['HOST'])"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("oficina ñ")


@pytest.fixture
def launch(data: Path) -> Iterator[Launch]:
    """Starts ./run's Python half on data of its own and servers of its own."""
    started: list[subprocess.Popen[str]] = []
    clean = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"}}

    def start(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-P", "-m", "afiliacion.operations.launcher.main", *arguments]
        env = {**clean, "PYTHONPATH": str(ROOT), "AFILIACION_DATA": str(data), **environment}
        started.append(subprocess.Popen(command, env=env, cwd="/", text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE))  # noqa: S603 - our own
        return started[-1]

    yield start
    for process in started:
        process.communicate()
    assert not any(ServerLease(kind(data)).kept() or kind(data).remains() for kind in SERVERS.values())


def test_two_at_once_share_the_servers_and_leave_none(launch: Launch) -> None:
    short, long = launch("manage", "check"), launch("manage", "migrate", "--check", "--plan")
    assert short.wait() == 0
    assert long.communicate()[1] == ""


def test_the_exit_code_is_the_command_s(launch: Launch) -> None:
    command = launch("manage", "shell", "-c", "raise SystemExit(7)")
    assert command.wait() == 7


def test_sigterm_ends_the_command_and_the_servers(launch: Launch) -> None:
    command = launch("manage", "shell", "-v", "0", "-c", "print('up', flush=True); import signal; signal.pause()")
    assert command.stdout is not None
    assert command.stdout.readline() == "up\n"
    command.terminate()
    assert command.wait() == 128 + signal.SIGTERM


@pytest.mark.usefixtures("running_servers")
def test_while_a_demo_runs_its_settings_hold(launch: Launch, data: Path) -> None:
    run_directory(data).mkdir(mode=0o700, exist_ok=True)
    running = RunningOffice(data)
    running.lock.take()
    urls = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}
    running.write("http://127.0.0.1:8123", {"IMSS_URL": "http://127.0.0.1:8124", **urls})
    try:
        said, error = launch("manage", "shell", "-v", "0", "-c", ASK).communicate()
        assert said.startswith("http://127.0.0.1:8124 "), error
        assert launch("manage", "shell", "-v", "0", "-c", ASK, IMSS_URL="http://otro").communicate()[0].startswith("http://otro ")
    finally:
        running.lock.release()


@pytest.mark.parametrize(
    ("arguments", "environment", "line"),
    [
        (("nada",), {}, "No conozco «nada»"),
        (("manage", "check"), {"DATABASE_URL": "postgresql://postgres:clave@127.0.0.1:9/x"}, "DATABASE_URL no responde"),
        (("manage", "check"), {"REDIS_URL": "redis://127.0.0.1:9/0"}, "REDIS_URL no responde"),
        (("manage", "check"), {"AFILIACION_DATA": "/dev/null/x"}, "/dev/null/x"),
        (("office", "--host", "0.0.0.0"), {}, "viajarían sin cifrar"),  # noqa: S104 - it is refused
    ],
)
@pytest.mark.usefixtures("running_servers")
def test_what_is_wrong_is_one_line(launch: Launch, arguments: tuple[str, ...], environment: dict[str, str], line: str) -> None:
    said = launch(*arguments, **environment)
    _, error = said.communicate()
    assert line in error
    assert error.count("\n") == 1
    assert "clave" not in error
    assert said.returncode == 1


def test_the_secret_key_is_made_once_and_closed(tmp_path: Path) -> None:
    key = secret_key(tmp_path)
    assert len(key) >= 50
    assert secret_key(tmp_path) == key
    [file] = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_a_real_office_starts_tells_its_code_and_is_no_place_for_a_demo(launch: Launch, data: Path) -> None:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = str(chosen.getsockname()[1])
    office = launch("office", "--port", port)
    assert office.stdout is not None
    told = ""
    while "Para detener" not in told:
        line = office.stdout.readline()
        assert line, (told, office.communicate())
        told += line
    assert re.search(r"escriba este código: [A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}\n", told)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as page:
        assert page.url.endswith("/inicio/")
        assert "Primera visita" in page.read().decode()
    assert "ya está en marcha" in launch("office").communicate()[1]
    office.terminate()
    assert office.wait() == 0
    assert "hay una oficina de verdad" in launch("demo").communicate()[1]
