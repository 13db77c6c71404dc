"""The office's own processes beside a test: in its database, with a broker of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import OperationalError, connection

from afiliacion.operations.servers.embedded import Valkey
from tests.roles import as_owner


def database_url() -> str:
    """The test's own database, for another process."""
    known = connection.settings_dict
    where = {key: known[key.upper()] for key in ("host", "port", "user", "password") if known[key.upper()]}
    query = {"dbname": known["NAME"], "options": known["OPTIONS"].get("options", ""), **where}
    return f"postgresql:///?{urlencode(query, quote_via=quote)}"


def start(command: list[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A process of our own program (what follows `python`), in a group of its own, so that it ends with its children.

    Unless the environment says otherwise it makes no night.
    """
    environment = {"NIGHT_HOUR": "23", "NIGHT_MINUTE": "59", **environment}
    with log.open("ab") as said:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *command], cwd=settings.BASE_DIR, env=environment, stdout=said, stderr=said, start_new_session=True
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it with its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def goes_on(process: subprocess.Popen[bytes], seconds: float = 0.01) -> bool:
    """Leave the processor to others until the process ends, at most that long; True if it still runs.

    For a test that asks again and again what a process has done: without a pause it takes the processor that process needs.
    """
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.poll() is None


def worker() -> list[str]:
    """The command of a Celery worker, for `start`."""
    return ["-m", "celery", "-A", "afiliacion", "worker", "-c", "2", "--without-gossip", "--without-mingle"]


def beat(schedule: Path) -> list[str]:
    """The command of the clock that wakes the workers, for `start`."""
    return ["-m", "celery", "-A", "afiliacion", "beat", "-s", str(schedule)]


class Broker:
    """A Valkey of our own, that forgets everything when it is stopped."""

    def __init__(self, folder: Path) -> None:
        self._server = Valkey(folder, throwaway=True)
        self.url = self._server.url

    def start(self) -> None:
        self._server.prepare()
        self._process = subprocess.Popen(self._server.command(), cwd=self._server.directory, stdout=subprocess.DEVNULL)  # noqa: S603
        while not self._server.answers():
            time.sleep(0.02)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._server.forget()


def restart_database(meanwhile: Callable[[], object] = lambda: None) -> None:
    """Stop the database as a power cut would; its keeper starts it again. `meanwhile` is done again and again until it answers.

    A server that is not ours (DATABASE_URL) only loses every connection.
    """
    pid = Path(os.environ["AFILIACION_DATA"], "postgres", "postmaster.pid")
    if not pid.exists():
        end_every_connection()
        meanwhile()
        return
    connection.close()
    os.kill(int(pid.read_text().split()[0]), signal.SIGQUIT)
    while True:
        meanwhile()
        time.sleep(0.05)
        with suppress(OperationalError):
            connection.ensure_connection()
            return


def end_every_connection() -> None:
    """What a restart of the database does to everybody but us."""
    with as_owner() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
