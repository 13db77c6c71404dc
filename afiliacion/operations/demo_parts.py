"""The processes a demo is made of, and how to tell that they work."""

import datetime as dt
import hashlib
import http.client
import os
import socket
import sys
import zoneinfo
from functools import cached_property
from pathlib import Path

from afiliacion.operations.leases import ROOT
from afiliacion.operations.office import Office, run_directory
from afiliacion.operations.supervisor import Child

LOOPBACK = "127.0.0.1"
MEXICO = zoneinfo.ZoneInfo("America/Mexico_City")
# How long the demo's term has been going on when it is first seen: long enough for every state to have somebody.
TERM = dt.timedelta(days=49)
# Settings of a real office that would mislead a demo.
NOT_FOR_DEMO = {
    *("ALLOWED_HOSTS", "BEHIND_PROXY", "CSRF_TRUSTED_ORIGINS", "DEBUG", "HTTPS"),
    *("EMAIL_HOST_PASSWORD", "EMAIL_HOST_USER", "EMAIL_USE_TLS"),
}


def logins_file(data: Path) -> Path:
    """What demo_data writes when, and only when, all of the school is there."""
    return data / "demo-logins.txt"


class Parts:
    """The demo's children, in the terms of the supervisor. `marks` go into the environment of each."""

    #: Settings of the office's environment that these processes do not get.
    unwanted: frozenset[str] = frozenset(NOT_FOR_DEMO)

    def __init__(self, office: Office, port: int, marks: dict[str, str], host: str = LOOPBACK) -> None:
        self.office, self.port, self.marks, self.host = office, port, marks, host
        self.imss_port, self.mail_port = _unused_port(), _unused_port()
        self.address, self.imss_address = f"http://{LOOPBACK}:{port}", f"http://{LOOPBACK}:{self.imss_port}"
        self.logs = office.data / "logs"

    @cached_property
    def settings(self) -> dict[str, str]:
        """What makes an office of this demo: its own processes get it, and a `./run manage` beside them."""
        return {
            "AFILIACION_DEMO": "1",
            "IMSS_URL": self.imss_address,
            "IMSS_FOLLOWS_DATE": "1",
            "EMAIL_HOST": LOOPBACK,
            "EMAIL_PORT": str(self.mail_port),
            "DEMO_MAIL_DIR": str(self._mail_directory),
            "OFFICE_URL": self.address,
            **self.office.outside,
        }

    @cached_property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in self.office.environment.items() if name not in self.unwanted}
        # Celery asks root to say that it means it; everything here runs as whoever started the demo.
        root = {} if os.geteuid() else {"C_FORCE_ROOT": "1"}
        return {**kept, **self.settings, **self.marks, **root}

    @property
    def _mail_directory(self) -> Path:
        return self.office.data / "mail"

    @cached_property
    def mail(self) -> Child:
        where: tuple[str | Path, ...] = ("--port", str(self.mail_port), "--dir", self._mail_directory)
        return self._module("El buzón de correos", "mail", "afiliacion.operations.mailsink", *where, grace=1)

    @cached_property
    def imss(self) -> Child:
        """A new one opens on the first day of the demo's term; an old one goes on where it was."""
        began = dt.datetime.now(MEXICO).date() - TERM
        opened = ("--port", str(self.imss_port), "--date", began.isoformat(), "--smtp", f"{LOOPBACK}:{self.mail_port}")
        where: tuple[str | Path, ...] = (*opened, "--data", self.office.data / "imss_mock")
        return self._module("El IMSS de práctica", "imss", "imss_mock", *where, grace=2.5)

    @cached_property
    def worker(self) -> Child:
        alone = ("--without-gossip", "--without-mingle")
        return self._module("El trabajador", "worker", "celery", "-A", "afiliacion", "worker", "-c", "2", "-l", "INFO", *alone)

    @cached_property
    def beat(self) -> Child:
        schedule = run_directory(self.office.data) / "beat-schedule"
        return self._module("El reloj", "beat", "celery", "-A", "afiliacion", "beat", "-l", "INFO", "-s", schedule, grace=2)

    @cached_property
    def web(self) -> Child:
        # How many workers, and the rest of it: gunicorn.conf.py.
        size = ("--graceful-timeout", "3", "--no-control-socket", "--logger-class", "afiliacion.weblog.Discreet")
        where = ("--bind", f"{self.host}:{self.port}", "--access-logfile", "-")
        return self._module("El servidor web", "web", "gunicorn", *size, *where, "afiliacion.wsgi", grace=4)

    @cached_property
    def migrate(self) -> Child:
        return self._manage("migrate", "--noinput")

    @cached_property
    def collectstatic(self) -> Child:
        return self._manage("collectstatic", "--noinput")

    @cached_property
    def demo_data(self) -> Child:
        return self._manage("demo_data")

    def _manage(self, name: str, *options: str) -> Child:
        command: tuple[str | Path, ...] = (sys.executable, ROOT / "manage.py", name, *options)
        return Child(f"«manage {name}»", command, self.logs / f"{name}.log", self.environment, ROOT)

    def _module(self, label: str, name: str, module: str, *options: str | Path, grace: float = 5.0) -> Child:
        return Child(label, (sys.executable, "-m", module, *options), self.logs / f"{name}.log", self.environment, ROOT, grace=grace)

    def imss_answers(self) -> bool:
        return _status(self.imss_port, "/health") == http.client.OK

    def web_answers(self) -> bool:
        return 0 < _status(self.port, "/") < http.client.INTERNAL_SERVER_ERROR

    def logins(self) -> str:
        """What the demo's data says about who can enter."""
        return logins_file(self.office.data).read_text().rstrip()

    def static_is_old(self) -> bool:
        return not self._static_stamp.exists() or self._static_stamp.read_text() != self._static_print

    def static_is_new(self) -> None:
        self._static_stamp.write_text(self._static_print)

    @property
    def _static_stamp(self) -> Path:
        return self.office.data / "static" / ".collected"

    @cached_property
    def _static_print(self) -> str:
        """Of our own files by size and date, of the packages' by the lock."""
        own = sorted(path for pattern in ("afiliacion/*/static/**/*", "students/static/**/*") for path in ROOT.glob(pattern))
        facts = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in own]
        return hashlib.sha256("\n".join([*facts, (ROOT / "requirements.lock").read_text()]).encode()).hexdigest()


def _unused_port() -> int:
    with socket.socket() as chosen:
        chosen.bind((LOOPBACK, 0))
        return int(chosen.getsockname()[1])


def _status(port: int, path: str) -> int:
    """The HTTP status, or 0 while nothing answers."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()
