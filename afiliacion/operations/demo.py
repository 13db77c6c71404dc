"""`./run demo`: the whole office on one machine, with a stand-in IMSS and a sink for its mail."""

import argparse
import os
import re
import shutil
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from afiliacion.operations import processes
from afiliacion.operations.demo_parts import LOOPBACK, Parts, logins_file
from afiliacion.operations.embedded import SERVERS
from afiliacion.operations.keeper import users_file
from afiliacion.operations.locks import Lock
from afiliacion.operations.office import DemoNote, Office, data_directory, run_directory
from afiliacion.operations.problem import Problem
from afiliacion.operations.supervisor import Signals, StopAsked, Supervisor

FIRST_PORT = 8000
PORTS_TRIED = 100
# In the environment of all the demo's processes, so that the next demo finds those of one that was killed.
MARK = "AFILIACION_DEMO_OF"

# Whose a data directory is: a demo never begins in a real office's, nor the other way round.
DEMO_SIGN, REAL_SIGN = "es-de-la-demo", "es-de-una-oficina"

# How demo_data tells of a day it has played; the rest of its output is for the log.
DAY = re.compile(r"\s*\d\d/\d\d/\d{4}: ")


class Progress:
    """Lines for the person watching, with the seconds since the start. A closed terminal ends the lines, not us."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        self.show(f"{time.monotonic() - self._start:6.1f} s  {text}")

    def show(self, text: str) -> None:
        try:
            print(text, flush=True)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Demo:
    """One demo on one data directory, from the first server to the last."""

    def __init__(self, data: Path, port: int, note: DemoNote, signals: Signals, progress: Progress) -> None:
        self.note, self.progress, self.say = note, progress, progress.say
        self.office = Office(data, dict(os.environ), signals.wait)
        self.parts = Parts(self.office, port, {MARK: mark(data)})
        self.supervisor = Supervisor(signals, self.say, watch=self._watch_servers)

    def run(self) -> None:
        """Start everything and keep it running until a signal (StopAsked) or a failure (Problem)."""
        self.say("Iniciando PostgreSQL y Valkey…")
        try:
            self.office.open()
            self._work()
        finally:
            for server in self.office.close():
                self.say(f"{server.label} sigue en marcha: otro ./run lo usa.")

    def _work(self) -> None:
        try:
            self._start()
            self.supervisor.run()
        finally:
            self.say("Deteniendo…")
            self.supervisor.stop()

    def _start(self) -> None:
        self.note.write(self.parts.address, self.parts.settings)
        for child in (self.parts.mail, self.parts.imss):
            self.supervisor.start(child)
        self._prepare_database()
        self._prepare_school()
        for child in (self.parts.worker, self.parts.beat, self.parts.web):
            self.supervisor.start(child)
        self.say("Iniciando la oficina…")
        self.supervisor.until(self.parts.web_answers, seconds=60, what=f"El servidor web (vea {self.parts.web.log})")
        self._announce()

    def _prepare_database(self) -> None:
        self.say("Preparando la base de datos…")
        self.supervisor.run_once(self.parts.migrate)
        if self.parts.static_is_old():
            self.say("Preparando los archivos de las pantallas…")
            self.supervisor.run_once(self.parts.collectstatic)
            self.parts.static_is_new()

    def _prepare_school(self) -> None:
        self.supervisor.until(self.parts.imss_answers, seconds=30, what=f"El IMSS de práctica (vea {self.parts.imss.log})")
        if not logins_file(self.office.data).exists():
            self.say("Cargando la escuela de ejemplo: se ensaya el ciclo día por día, una sola vez (uno o dos minutos)…")
        self.supervisor.run_once(self.parts.demo_data, self._tell_day)

    def _tell_day(self, line: str) -> None:
        if DAY.match(line):
            self.say(f"… {line.strip()}")

    def _announce(self) -> None:
        self.say("Listo.")
        self.progress.show(
            f"\n  La oficina está en {self.parts.address}\n"
            f"  Los trámites del estudiante, en el IMSS de práctica: {self.parts.imss_address}\n\n{self.parts.logins()}\n\n"
            f"  Datos: {self.office.data}\n  Bitácoras: {self.parts.logs}\n  Para detener: Ctrl-C\n"
        )

    def _watch_servers(self) -> None:
        for lease in self.office.leases:
            for line in lease.news():
                self.say(line)
            if not lease.kept():
                self.say(f"{lease.server.label} se detuvo sin que se le pidiera; se inicia de nuevo.")
                lease.take()


def run(arguments: list[str]) -> int:
    """Exit code 0 after a stop that was asked for. Raises Problem when the demo cannot start or go on."""
    options = _options(arguments)
    data, progress = data_directory(), Progress()
    note = DemoNote(data)
    if not note.lock.take():
        raise Problem(f"La demo ya está en marcha en {note.address() or data}.")
    end_leftovers(data, progress)
    _mark_data(data, progress, fresh=options.fresh)
    port = options.port or first_free_port(progress)
    check_port(port)
    with Signals() as signals, suppress(StopAsked):
        Demo(data, port, note, signals, progress).run()
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


def mark(data: Path) -> str:
    """What tells this data directory from any other of the machine, its copies included."""
    found = data.stat()
    return f"{found.st_dev}:{found.st_ino}"


def end_leftovers(data: Path, progress: Progress) -> None:
    """Processes of a demo that was killed: we hold its lock, so nobody else answers for them."""

    def left() -> list[int]:
        return processes.carrying(MARK, mark(data))

    if left():
        progress.say("Deteniendo lo que dejó una demo interrumpida…")
        processes.end(left, processes.GENTLY)


def _mark_data(data: Path, progress: Progress, *, fresh: bool) -> None:
    """A data directory that a demo has begun is the demo's, and only such a one may be emptied."""
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


def first_free_port(progress: Progress) -> int:
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if _is_free(port):
            if port != FIRST_PORT:
                progress.say(f"El puerto {FIRST_PORT} está ocupado; se usa el {port}.")
            return port
    raise Problem(f"Los puertos {FIRST_PORT} a {FIRST_PORT + PORTS_TRIED - 1} están ocupados. Indique otro con --port.")


def check_port(port: int) -> None:
    if not _is_free(port):
        other = next((p for p in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED) if _is_free(p)), FIRST_PORT)
        raise Problem(f"El puerto {port} está ocupado o reservado. Pruebe con ./run demo --port {other}")


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
