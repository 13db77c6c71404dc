"""What the demo decides before it starts anything: which port, whose data, who runs already."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from afiliacion.operations.launcher import demo, start_and_stop
from afiliacion.operations.launcher.demo import DemoProcesses
from afiliacion.operations.launcher.office import Office, RunningOffice
from afiliacion.operations.servers.embedded import Postgres
from afiliacion.operations.servers.keeper import users_file
from afiliacion.operations.servers.locks import Lock
from afiliacion.operations.servers.problem import Problem
from afiliacion.operations.servers.server_lease import ROOT


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AFILIACION_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_second_demo_is_told_where_the_first_is(data: Path) -> None:
    running = RunningOffice(data)
    assert running.lock.take()
    running.write("http://127.0.0.1:8123", {})
    with pytest.raises(Problem, match=r"ya está en marcha en http://127\.0\.0\.1:8123"):
        demo.run([])


def test_the_note_of_a_dead_demo_says_nothing(data: Path) -> None:
    running = RunningOffice(data)
    running.write("http://127.0.0.1:8123", {"IMSS_URL": "http://127.0.0.1:8124"})
    assert running.environment() == {}
    assert running.lock.take()
    assert RunningOffice(data).environment() == {"IMSS_URL": "http://127.0.0.1:8124"}


@pytest.mark.usefixtures("data")
def test_a_port_asked_for_and_taken(taken_port: int) -> None:
    with pytest.raises(Problem, match=rf"El puerto {taken_port} está ocupado .*--port \d+"):
        demo.run(["--port", str(taken_port)])


def test_the_usual_port_taken(taken_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(start_and_stop, "FIRST_PORT", taken_port)
    chosen = start_and_stop.first_free_port(start_and_stop.Progress())
    assert chosen > taken_port
    assert f"El puerto {taken_port} está ocupado; se usa el {chosen}." in capsys.readouterr().out


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("arguments", [["--port", "x"], ["--port", "0"], ["--port", "70000"], ["--fres"], ["otro"]])
def test_arguments_that_make_no_sense(arguments: list[str]) -> None:
    with pytest.raises(Problem, match="Uso:"):
        demo.run(arguments)


def test_fresh_empties_what_a_demo_made(data: Path) -> None:
    demo._mark_data(data, start_and_stop.Progress(), fresh=False)
    (data / "mail").mkdir()
    (data / "mail" / "old.eml").touch()
    (data / "demo-logins.txt").touch()
    demo._mark_data(data, start_and_stop.Progress(), fresh=True)
    assert {entry.name for entry in data.iterdir()} == {"run", "es-de-la-demo"}


def test_a_school_left_half_loaded_is_begun_again(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo._mark_data(data, start_and_stop.Progress(), fresh=False)
    (data / "postgres").mkdir()
    demo._mark_data(data, start_and_stop.Progress(), fresh=False)
    assert "a medias" in capsys.readouterr().out
    assert not (data / "postgres").exists()


def test_a_school_that_is_there_stays(data: Path) -> None:
    demo._mark_data(data, start_and_stop.Progress(), fresh=False)
    (data / "postgres").mkdir()
    (data / "demo-logins.txt").touch()
    demo._mark_data(data, start_and_stop.Progress(), fresh=False)
    assert (data / "postgres").exists()


def test_fresh_never_empties_an_office(data: Path) -> None:
    (data / "postgres").mkdir()
    with pytest.raises(Problem, match="no los creó la demo"):
        demo._mark_data(data, start_and_stop.Progress(), fresh=True)
    assert (data / "postgres").exists()


def test_fresh_waits_for_nobody(data: Path) -> None:
    user = Lock(users_file(Postgres(data)))
    user.take(shared=True)
    with pytest.raises(Problem, match="otro ./run usa esos datos"):
        demo._mark_data(data, start_and_stop.Progress(), fresh=True)
    user.release()


def test_fresh_never_touches_a_server(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@127.0.0.1/afiliacion")
    with pytest.raises(Problem, match="DATABASE_URL"):
        demo._mark_data(data, start_and_stop.Progress(), fresh=True)


def test_a_copy_of_the_data_is_another_demo(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    before = start_and_stop.mark(one)
    assert before != start_and_stop.mark(other)
    assert start_and_stop.mark(one.rename(tmp_path / "moved")) == before


def test_its_processes_get_the_stand_in_and_the_sink_whatever_the_shell_says(data: Path) -> None:
    given = {
        "EMAIL_HOST": "smtp.escuela.example.mx",
        "EMAIL_USE_TLS": "1",
        "HTTPS": "1",
        "IMSS_URL": "http://imss.example.mx",
        "SECRET_KEY": "given",
    }
    parts = DemoProcesses(Office(data, given), 8123, {start_and_stop.MARK: "1:2"})
    environment = parts.environment
    assert "EMAIL_USE_TLS" not in environment
    assert "HTTPS" not in environment
    expected = {
        "AFILIACION_DATA": str(data),
        "AFILIACION_DEMO": "1",
        "DEMO_MAIL_DIR": str(data / "mail"),
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(parts.mail_port),
        "IMSS_FOLLOWS_DATE": "1",
        "IMSS_URL": f"http://127.0.0.1:{parts.imss_port}",
        "OFFICE_URL": "http://127.0.0.1:8123",
        "SECRET_KEY": "given",
        start_and_stop.MARK: "1:2",
    }
    assert expected.items() <= environment.items()


def test_a_closed_terminal_ends_the_lines_and_nothing_else() -> None:
    module = "afiliacion.operations.launcher.start_and_stop"
    code = f"from {module} import Progress; p = Progress(); [p.say('ñ') for _ in range(3)]; raise SystemExit(7)"
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False)  # noqa: S603 - our own
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (7, b"")
