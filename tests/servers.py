"""A pytest plugin: the servers the tests need, real ones, gone when the tests end (even when they are killed).

Loaded with `-p tests.servers`, ahead of the settings. They start when a test that needs them has been collected. With DATABASE_URL
(or TEST_DATABASE_URL) and REDIS_URL set it uses those servers and starts none. Each worker of pytest-xdist has its own; of a given
Redis worker N uses the database N numbers below the one named.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import pytest

from afiliacion.operations.servers import roles
from afiliacion.operations.servers.embedded import Postgres, Server, Valkey
from afiliacion.operations.servers.problem import Problem
from afiliacion.operations.servers.server_lease import ServerLease
from tests import cluster
from tests.given import Given

# Nothing listens on the port "discard": a test that mails without `smtp_sink` fails at once, and no mail leaves.
LOOPBACK, NOWHERE = "127.0.0.1", "9"
# What the environment names because we put it there: a worker of pytest-xdist inherits its parent's environment, not its servers.
OURS = "AFILIACION_TEST_SERVERS"


class Servers:
    """The throwaway servers that the environment does not name, below one temporary directory, and the tests' database."""

    def __init__(self, given: dict[str, str]) -> None:
        self.data = Path(tempfile.gettempdir(), f"afiliacion-tests-{secrets.token_hex(8)}")
        self._postgres = Postgres(self.data, throwaway=True)
        wanted: dict[str, Server] = {"DATABASE_URL": self._postgres, "REDIS_URL": Valkey(self.data, throwaway=True)}
        own = {name: server for name, server in wanted.items() if name not in given}
        self.environment = {name: server.owner_url if isinstance(server, Postgres) else server.url for name, server in own.items()}
        self._leases = [ServerLease(server) for server in own.values()]
        self._database_url = given.get("DATABASE_URL")
        self._given: Given | None = None
        self._begun = False

    def begin(self) -> None:
        """See to it that they are starting, and that the database is there."""
        if self._begun:
            return
        self._begun = True
        self.data.mkdir(mode=0o700)
        if self._database_url:
            self._given = Given(self._database_url)
            self._given.take()
        else:
            cluster.copy_to(self._postgres.directory)
        for lease in self._leases:
            lease.begin()

    def database(self) -> str:
        """The URL of the tests' migrated database, when the servers are ready for work."""
        self.begin()
        for lease in self._leases:
            lease.wait()
        return self._given.url if self._given else cluster.url(self._postgres)

    def end(self) -> None:
        for lease in self._leases:
            lease.release()
        if not self._begun:
            return
        if self._given:
            self._given.give_back()
        for lease in self._leases:
            lease.give_back()
        shutil.rmtree(self.data, ignore_errors=True)


def _given() -> dict[str, str]:
    ours = os.environ.get(OURS, "").split()
    named = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name) and name not in ours}
    if url := os.environ.get("TEST_DATABASE_URL"):
        named["DATABASE_URL"] = url
    if "REDIS_URL" in named and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
        server, _, number = named["REDIS_URL"].rpartition("/")
        named["REDIS_URL"] = f"{server}/{(int(number or 0) - int(worker.removeprefix('gw'))) % 16}"
    return named


def _prepare_environment() -> Servers:
    given = _given()
    found = Servers(given)
    os.environ.update({**given, **found.environment, OURS: " ".join(found.environment)})
    os.environ.update(AFILIACION_DATA=str(found.data), EMAIL_HOST=LOOPBACK, EMAIL_PORT=NOWHERE)
    os.environ.setdefault("SECRET_KEY", "only-for-tests-and-long-enough-to-be-taken-for-the-key-of-an-office")
    # `migrate` gives its rights to this role, which the tests then take (tests/roles.py).
    os.environ.setdefault("DATABASE_APP_URL", f"postgresql://{roles.APP}@/")
    return found


servers = _prepare_environment()
atexit.register(servers.end)


def needs_database(item: pytest.Item) -> bool:
    fixtures = {"django_db_setup", "running_servers"} & {*getattr(item, "fixturenames", ())}
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--with-servers", action="store_true", help="only the tests that need PostgreSQL or Redis")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.with_servers:
        config.hook.pytest_deselected(items=[item for item in items if not needs_database(item)])
        items[:] = filter(needs_database, items)


def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.option.collectonly and any(map(needs_database, session.items)):
        try:
            servers.begin()
        except Problem as problem:
            pytest.exit(str(problem), returncode=pytest.ExitCode.USAGE_ERROR)


def pytest_unconfigure() -> None:
    servers.end()
