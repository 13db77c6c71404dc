"""`./run demo`: the whole office on one machine, with a stand-in IMSS and a server that keeps its mail."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import shutil
import zoneinfo
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from afiliacion.operations.launcher import start_and_stop
from afiliacion.operations.launcher.child_processes import LOOPBACK, OfficeProcesses, answers_status, unused_port
from afiliacion.operations.launcher.office import Office, RunningOffice, data_directory, run_directory
from afiliacion.operations.launcher.start_and_stop import DEMO_SIGN, MARK, REAL_SIGN, Installation, Progress
from afiliacion.operations.servers.embedded import SERVERS
from afiliacion.operations.servers.keeper import users_file
from afiliacion.operations.servers.locks import Lock
from afiliacion.operations.servers.problem import Problem
from afiliacion.operations.servers.supervisor import Child, Signals

MEXICO = zoneinfo.ZoneInfo("America/Mexico_City")
# How long the demo's term has been going on when it is first seen: long enough for every state to have a case.
TERM = dt.timedelta(days=49)
# Settings of a real office that would mislead a demo.
NOT_FOR_DEMO = frozenset(
    {
        *("ALLOWED_HOSTS", "BEHIND_PROXY", "CSRF_TRUSTED_ORIGINS", "DEBUG", "HTTPS", "TRUSTED_PROXIES"),
        *("EMAIL_HOST_PASSWORD", "EMAIL_HOST_USER", "EMAIL_USE_TLS"),
    }
)

# The lines in which demo_data says which day it has simulated; the rest of its output is for the log.
DAY = re.compile(r"\s*\d\d/\d\d/\d{4}: ")


def logins_file(data: Path) -> Path:
    """Return the file that demo_data writes when, and only when, all of the school is there."""
    return data / "demo-logins.txt"


class DemoProcesses(OfficeProcesses):
    """The child processes of a demo: those of an office, the stand-in IMSS and a mail server that delivers nothing."""

    unwanted = NOT_FOR_DEMO

    def __init__(self, office: Office, port: int, marks: dict[str, str]) -> None:
        super().__init__(office, port, marks)
        self.imss_port, self.mail_port = unused_port(), unused_port()
        self.imss_address = f"http://{LOOPBACK}:{self.imss_port}"

    @cached_property
    def settings(self) -> dict[str, str]:
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

    @property
    def _mail_directory(self) -> Path:
        return self.office.data / "mail"

    @cached_property
    def mail(self) -> Child:
        where: tuple[str | Path, ...] = ("--port", str(self.mail_port), "--dir", self._mail_directory)
        return self.module("El buzón de correos", "mail", "afiliacion.operations.launcher.demo_mail_server", *where, grace=1)

    @cached_property
    def imss(self) -> Child:
        """A new stand-in opens on the first day of the demo's term; an old one goes on where it was."""
        began = dt.datetime.now(MEXICO).date() - TERM
        opened = ("--port", str(self.imss_port), "--date", began.isoformat(), "--smtp", f"{LOOPBACK}:{self.mail_port}")
        where: tuple[str | Path, ...] = (*opened, "--data", self.office.data / "imss_mock")
        return self.module("El IMSS de práctica", "imss", "imss_mock", *where, grace=2.5)

    @cached_property
    def demo_data(self) -> Child:
        return self.manage("demo_data")

    def imss_answers(self) -> bool:
        return answers_status(self.imss_port, "/health") == 200

    def logins(self) -> str:
        """Return who can enter, as demo_data wrote it."""
        return logins_file(self.office.data).read_text().rstrip()


class Demo(Installation):
    """One demo on one data directory."""

    processes: DemoProcesses

    def __init__(self, data: Path, port: int, running: RunningOffice, signals: Signals, progress: Progress) -> None:
        super().__init__(Office(data, {**os.environ, "AFILIACION_DEMO": "1"}, signals.wait), running, signals, progress)
        self.processes = DemoProcesses(self.office, port, {MARK: start_and_stop.mark(data)})

    def prepare(self) -> None:
        for child in (self.processes.mail, self.processes.imss):
            self.supervisor.start(child)
        self.prepare_database()
        self._prepare_school()

    def _prepare_school(self) -> None:
        self.supervisor.until(self.processes.imss_answers, seconds=30, what=f"El IMSS de práctica (vea {self.processes.imss.log})")
        if not logins_file(self.office.data).exists():
            self.say("Cargando la escuela de ejemplo: se ensaya el ciclo día por día, una sola vez (uno o dos minutos)…")
        self.supervisor.run_once(self.processes.demo_data, self._show_day)

    def _show_day(self, line: str) -> None:
        if DAY.match(line):
            self.say(f"… {line.strip()}")

    def announcement(self) -> str:
        return (
            f"\n  La oficina está en {self.processes.address}\n"
            f"  Los trámites del estudiante, en el IMSS de práctica: {self.processes.imss_address}\n\n{self.processes.logins()}\n\n"
            f"{self.where()}"
        )


def run(arguments: list[str]) -> int:
    """Run the demo; exit code 0 after a stop that was asked for. Raises Problem when it cannot start or go on."""
    options = _options(arguments)
    data, progress = data_directory(), Progress()
    running = RunningOffice(data)
    if not running.lock.take():
        raise Problem(f"La demo ya está en marcha en {running.address() or data}.")
    start_and_stop.end_leftovers(data, progress)
    _mark_data(data, progress, fresh=options.fresh)
    port = start_and_stop.choose_port(options.port, progress)
    start_and_stop.run_until_stopped(lambda signals: Demo(data, port, running, signals, progress))
    progress.say(f"La demo se detuvo. Sus datos quedan en {data}.")
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Problem("No entiendo lo pedido. Uso: ./run demo [--port NÚMERO] [--fresh]")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="./run demo", add_help=False, allow_abbrev=False)
    parser.add_argument("--port", type=int, choices=range(1, 65_536))
    parser.add_argument("--fresh", action="store_true")
    return parser.parse_args(arguments)


def _mark_data(data: Path, progress: Progress, *, fresh: bool) -> None:
    """Mark `data` as a demo's, and empty it if asked or left half made. Raises Problem when it is not a demo's to empty."""
    sign, begun = data / DEMO_SIGN, (data / "postgres").exists()
    if (data / REAL_SIGN).exists():
        raise Problem(f"En {data} hay una oficina de verdad: la demo no la toca. Para la demo indique otra carpeta con AFILIACION_DATA.")
    if not sign.exists() and not begun:
        sign.touch()
    elif sign.exists() and begun and not logins_file(data).exists() and not os.environ.get("DATABASE_URL"):
        progress.say("La escuela de ejemplo quedó a medias la vez anterior; se empieza de nuevo.")
        fresh = True
    if fresh:
        _empty(data, sign)


def _empty(data: Path, sign: Path) -> None:
    if os.environ.get("DATABASE_URL"):
        raise Problem("--fresh no borra un servidor ajeno: con DATABASE_URL, vacíe usted esa base de datos.")
    if not sign.exists():
        raise Problem(f"--fresh no borra {data}: esos datos no los creó la demo. Bórrelos usted, o use otra carpeta con AFILIACION_DATA.")
    users = [Lock(users_file(kind(data))) for kind in SERVERS.values()]
    if not all(lock.take() for lock in users):
        raise Problem(f"--fresh no borra {data} mientras otro ./run usa esos datos.")
    for entry in set(data.iterdir()) - {sign, run_directory(data)}:
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for lock in users:
        lock.release()
