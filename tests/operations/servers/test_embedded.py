"""The embedded servers as people meet them: deep folders, kill -9, old data, strangers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from afiliacion.operations.servers import identity
from afiliacion.operations.servers.embedded import Postgres, Server, Valkey
from afiliacion.operations.servers.problem import Problem
from afiliacion.operations.servers.server_lease import ROOT, ServerLease
from tests import needs

# 107 bytes is all that the path of a Unix socket may have.
DEEP = "Plantel Ñandú 3/" + "carpeta compartida/" * 6

linux = pytest.mark.usefixtures("linux")
root_only = pytest.mark.usefixtures("root")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("embedded") / DEEP
    directory.mkdir(parents=True)
    return directory


@pytest.fixture(params=[Postgres, Valkey], ids=lambda kind: kind.name)
def server(request: pytest.FixtureRequest, data: Path) -> Server:
    kind: type[Server] = request.param
    return kind(data)


@pytest.fixture
def postgres(data: Path) -> Postgres:
    return Postgres(data)


@pytest.fixture
def lease_on() -> Iterator[Callable[[Server], ServerLease]]:
    taken: list[ServerLease] = []

    def take(server: Server) -> ServerLease:
        taken.append(ServerLease(server))
        taken[-1].take()
        return taken[-1]

    yield take
    for lease in taken:
        lease.release()
    assert all(lease.give_back() for lease in taken)


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def gone(server: Server) -> bool:
    return not server.remains() and not ServerLease(server).kept() and not server.sockets.exists()


def holder(server: Server) -> "subprocess.Popen[str]":
    """Another process that holds a lease, and says so."""
    code = f"""
import sys
from pathlib import Path
from afiliacion.operations.servers.embedded import SERVERS
from afiliacion.operations.servers.server_lease import ServerLease
lease = ServerLease(SERVERS[{server.name!r}](Path({str(server.data)!r})))
lease.take()
print("held", flush=True)
sys.stdin.read()
lease.give_back()
"""
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 - our own
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_runs_from_a_deep_folder_while_held_and_not_after(server: Server, lease_on: Callable[[Server], ServerLease]) -> None:
    assert len(os.fsencode(server.directory)) > 107
    lease = lease_on(server)
    assert server.answers()
    assert server.sockets.stat().st_mode & 0o077 == 0
    assert lease.give_back()
    assert gone(server)


def test_the_last_to_leave_stops_it(server: Server, lease_on: Callable[[Server], ServerLease]) -> None:
    first = lease_on(server)
    second = holder(server)
    assert not first.give_back(), "another process holds it"
    assert server.answers()
    second.communicate("")
    assert gone(server)


@linux
def test_stops_when_its_only_user_is_killed(server: Server) -> None:
    user = holder(server)
    user.kill()
    user.communicate()
    eventually(lambda: gone(server))


@linux
def test_comes_back_after_its_keeper_was_killed(server: Server, lease_on: Callable[[Server], ServerLease]) -> None:
    lease = lease_on(server)
    assert lease._keeper is not None
    lease._keeper.kill()
    lease._keeper.wait()
    eventually(lambda: not lease.kept())
    lease.take()
    assert server.answers()


@linux
def test_is_started_again_and_says_so(server: Server, lease_on: Callable[[Server], ServerLease]) -> None:
    lease = lease_on(server)
    [old] = server.remains()
    os.kill(old, signal.SIGKILL)
    eventually(lambda: bool(server.remains()) and old not in server.remains() and server.answers())
    assert f"{server.label} se detuvo" in lease.messages()[0]


def test_keeps_what_was_committed(postgres: Postgres, lease_on: Callable[[Server], ServerLease]) -> None:
    lease = lease_on(postgres)
    with psycopg.connect(postgres.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'ñ' AS letter")
    lease.give_back()
    lease_on(postgres)
    with psycopg.connect(postgres.owner_url) as connection:
        assert connection.execute("TABLE kept").fetchall() == [("ñ",)]
        assert connection.execute("SELECT datctype FROM pg_database WHERE datname = current_database()").fetchone() == ("C.UTF-8",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


@linux
def test_a_broker_killed_loses_no_message(data: Path, lease_on: Callable[[Server], ServerLease]) -> None:
    valkey = Valkey(data)
    lease_on(valkey)
    with redis.Redis(unix_socket_path=str(valkey._socket)) as client:
        client.rpush("celery", "task")
        client.execute_command("WAITAOF", 1, 0, 5000)
    [pid] = valkey.remains()
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: bool(valkey.remains()) and pid not in valkey.remains() and valkey.answers())
    with redis.Redis(unix_socket_path=str(valkey._socket)) as client:
        assert client.lrange("celery", 0, -1) == [b"task"]


@linux
def test_a_stranger_with_the_number_of_a_dead_server_lives(postgres: Postgres, lease_on: Callable[[Server], ServerLease]) -> None:
    lease_on(postgres).give_back()
    with subprocess.Popen(["sleep", "60"], cwd=postgres.directory) as stranger:  # noqa: S607 - the system's
        (postgres.directory / "postmaster.pid").write_text(f"{stranger.pid}\n{postgres.directory}\n0\n5432\n\n\n")
        lease_on(postgres)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("throwaway", [False, True])
def test_data_of_another_major_version(tmp_path: Path, throwaway: bool) -> None:
    old = Postgres(tmp_path, throwaway=throwaway)
    old.directory.mkdir()
    (old.directory / "PG_VERSION").write_text("9\n")
    lease = ServerLease(old)
    with pytest.raises(Problem, match=r"son de PostgreSQL 9 y este programa trae PostgreSQL \d+"):
        lease.take()
    assert lease.give_back()
    assert old.directory.exists(), "what it could not use it does not remove"


def test_an_interrupted_preparation_is_done_again(tmp_path: Path, lease_on: Callable[[Server], ServerLease]) -> None:
    server = Postgres(tmp_path, throwaway=True)
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("half done")
    lease = lease_on(server)
    assert server.answers()
    lease.give_back()
    assert not tmp_path.exists(), "a throwaway takes its folder away"


def test_a_socket_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    server = Valkey(tmp_path)
    server.sockets.symlink_to(tmp_path)
    lease = ServerLease(server)
    try:
        with pytest.raises(Problem, match="es de otro usuario"):
            lease.take()
    finally:
        server.sockets.unlink()
        lease.give_back()


@pytest.fixture
def closed_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system whose `unshare` refuses, as most containers' does."""
    refusing = tmp_path / "bin" / "unshare"
    refusing.parent.mkdir()
    refusing.write_text("#!/bin/sh\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{refusing.parent}{os.pathsep}{os.environ['PATH']}")


@root_only
@pytest.mark.usefixtures("closed_namespaces")
def test_root_without_namespaces_in_a_closed_folder_gets_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    below = tmp_path / "checkout" / ".data"
    below.mkdir(parents=True)
    lease = ServerLease(Postgres(below))
    with pytest.raises(Problem, match="DATABASE_URL"):
        lease.take()
    assert lease.give_back()
    assert tmp_path.stat().st_mode & 0o777 == 0o700, "no parent's permission is touched"


@root_only
@pytest.mark.usefixtures("closed_namespaces")
def test_root_without_namespaces_becomes_nobody(tmp_path: Path) -> None:
    needs.tool("setpriv", "util-linux")
    whom = identity.of(tmp_path)
    whom.give(tmp_path)
    assert tmp_path.owner() == "nobody"
    assert identity.of(tmp_path).owner == whom.owner, "what is nobody's stays nobody's"
    said = subprocess.check_output([*whom.prefix, "id", "-un"], text=True)  # noqa: S603 - the system's
    assert said == "nobody\n"
