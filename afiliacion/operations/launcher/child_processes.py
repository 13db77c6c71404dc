"""The child processes of every office (worker, beat, web server, management commands), and how to tell that they work."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import sys
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path

from afiliacion.operations.launcher.office import Office
from afiliacion.operations.servers.server_lease import ROOT
from afiliacion.operations.servers.supervisor import Child

LOOPBACK = "127.0.0.1"


class OfficeProcesses(ABC):
    """Child processes in the terms of the supervisor. `marks` go into the environment of each; `host` is where the web server listens."""

    #: Settings of the office's environment that these processes do not get.
    unwanted: frozenset[str] = frozenset()

    def __init__(self, office: Office, port: int, marks: dict[str, str], host: str = LOOPBACK) -> None:
        self.office, self.port, self.marks, self.host = office, port, marks, host
        self.address = f"http://{LOOPBACK}:{port}"
        self.logs = office.data / "logs"

    @property
    @abstractmethod
    def settings(self) -> dict[str, str]:
        """What makes this office: its own processes get it, and a `./run manage` beside them."""

    @cached_property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in self.office.environment.items() if name not in self.unwanted}
        # Celery refuses root unless told otherwise; here everything runs as the user who started the launcher.
        root = {} if os.geteuid() else {"C_FORCE_ROOT": "1"}
        return {**kept, **self.settings, **self.marks, **root}

    @cached_property
    def worker(self) -> Child:
        alone = ("--without-gossip", "--without-mingle")
        return self.module("El trabajador", "worker", "celery", "-A", "afiliacion", "worker", "-c", "2", "-l", "INFO", *alone)

    @cached_property
    def beat(self) -> Child:
        return self.module("El reloj", "beat", "celery", "-A", "afiliacion", "beat", "-l", "INFO", grace=2)

    @cached_property
    def web(self) -> Child:
        # How many workers, and the rest of it: gunicorn.conf.py.
        size = ("--graceful-timeout", "3", "--no-control-socket")
        where = ("--bind", f"{self.host}:{self.port}", "--access-logfile", "-")
        return self.module("El servidor web", "web", "gunicorn", *size, *where, "afiliacion.wsgi", grace=4)

    @cached_property
    def migrate(self) -> Child:
        return self.manage("migrate", "--noinput")

    @cached_property
    def collectstatic(self) -> Child:
        return self.manage("collectstatic", "--noinput")

    def manage(self, name: str, *options: str) -> Child:
        """Return the management command `name` as a child that is meant to end."""
        command: tuple[str | Path, ...] = (sys.executable, ROOT / "manage.py", name, *options)
        environment = {**self.environment, "DATABASE_OWNER_URL": self.office.owner_environment["DATABASE_OWNER_URL"]}
        return Child(f"«manage {name}»", command, self.logs / f"{name}.log", environment, ROOT)

    def module(self, label: str, name: str, module: str, *options: str | Path, grace: float = 5.0) -> Child:
        """Return a Python module as a child; it gets `grace` seconds to stop."""
        return Child(label, (sys.executable, "-m", module, *options), self.logs / f"{name}.log", self.environment, ROOT, grace=grace)

    def web_answers(self) -> bool:
        return 0 < answers_status(self.port, "/") < http.client.INTERNAL_SERVER_ERROR

    def static_is_old(self) -> bool:
        return not self._static_stamp.exists() or self._static_stamp.read_text() != self._static_print

    def static_is_new(self) -> None:
        self._static_stamp.write_text(self._static_print)

    @property
    def _static_stamp(self) -> Path:
        return self.office.data / "static" / ".collected"

    @cached_property
    def _static_print(self) -> str:
        """A hash of our own files by size and date, and of the packages by the lock."""
        own = sorted(path for pattern in ("afiliacion/*/static/**/*", "students/static/**/*") for path in ROOT.glob(pattern))
        facts = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in own]
        return hashlib.sha256("\n".join([*facts, (ROOT / "requirements.lock").read_text()]).encode()).hexdigest()


def unused_port() -> int:
    """Return a TCP port of the loopback address that is free now."""
    with socket.socket() as chosen:
        chosen.bind((LOOPBACK, 0))
        return int(chosen.getsockname()[1])


def answers_status(port: int, path: str) -> int:
    """Return the HTTP status with which our server on `port` answers `path`, or 0 while nothing answers."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()
