"""What demo and real office share: servers, child processes, ports, the owner of a data directory, a run from start to stop."""

from __future__ import annotations

import os
import socket
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from afiliacion.environment import reading
from afiliacion.operations.launcher.child_processes import LOOPBACK, OfficeProcesses
from afiliacion.operations.launcher.office import Office, RunningOffice
from afiliacion.operations.servers import processes
from afiliacion.operations.servers.problem import Problem
from afiliacion.operations.servers.supervisor import Signals, StopAsked, Supervisor

FIRST_PORT = 8000
PORTS_TRIED = 100
# In the environment of all child processes, so that the next start finds those of a launcher that was killed.
MARK = "AFILIACION_DEMO_OF"

# Files that say who a data directory belongs to: a demo never begins in a real office's, nor the other way round.
DEMO_SIGN, REAL_SIGN = "es-de-la-demo", "es-de-una-oficina"


class Progress:
    """Write lines to the terminal, with the seconds since the start. A closed terminal ends the lines, not the launcher."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        self.show(f"{time.monotonic() - self._start:6.1f} s  {text}")

    def show(self, text: str) -> None:
        try:
            print(text, flush=True)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Installation(ABC):
    """One office on one data directory, from the first server to the last child process."""

    processes: OfficeProcesses

    def __init__(self, office: Office, running: RunningOffice, signals: Signals, progress: Progress) -> None:
        self.office, self.running = office, running
        self.progress, self.say = progress, progress.say
        self.supervisor = Supervisor(signals, self.say, watch=self._watch_servers)

    def run(self) -> None:
        """Start everything and keep it running until a signal (StopAsked) or a failure (Problem)."""
        self.say("Iniciando PostgreSQL y Valkey…")
        try:
            self.office.open()
            self._run_processes()
        finally:
            for server in self.office.close():
                self.say(f"{server.label} sigue en marcha: otro ./run lo usa.")

    def _run_processes(self) -> None:
        self._check_environment()
        try:
            self.running.write(self.processes.address, self.processes.settings)
            self.prepare()
            self._start_office()
            self.progress.show(self.announcement())
            self.supervisor.run()
        finally:
            self.say("Deteniendo…")
            self.supervisor.stop()

    def _check_environment(self) -> None:
        """Raises Problem with what is wrong in the settings, before a process starts with them."""
        given = self.processes.environment
        for line in reading.notices(given):
            self.say(line)
        if found := list(reading.start_problems(given)):
            raise Problem("\n".join(found))

    @abstractmethod
    def prepare(self) -> None:
        """Do what comes before the worker, beat and web server start."""

    @abstractmethod
    def announcement(self) -> str:
        """Return what the terminal shows once the office answers."""

    def prepare_database(self) -> None:
        """Migrate the database, and collect the files of the screens if they have changed."""
        self.say("Preparando la base de datos…")
        self.supervisor.run_once(self.processes.migrate)
        if self.processes.static_is_old():
            self.say("Preparando los archivos de las pantallas…")
            self.supervisor.run_once(self.processes.collectstatic)
            self.processes.static_is_new()

    def _start_office(self) -> None:
        for child in (self.processes.worker, self.processes.beat, self.processes.web):
            self.supervisor.start(child)
        self.say("Iniciando la oficina…")
        self.supervisor.until(self.processes.web_answers, seconds=60, what=f"El servidor web (vea {self.processes.web.log})")
        self.say("Listo.")

    def _watch_servers(self) -> None:
        for lease in self.office.leases:
            for line in lease.messages():
                self.say(line)
            if not lease.kept():
                self.say(f"{lease.server.label} se detuvo sin que se le pidiera; se inicia de nuevo.")
                lease.take()

    def where(self) -> str:
        """Return where data and logs are and how to stop, for the announcement."""
        return f"  Datos: {self.office.data}\n  Bitácoras: {self.processes.logs}\n  Para detener: Ctrl-C\n"


def run_until_stopped(build: Callable[[Signals], Installation]) -> None:
    """Run the installation that `build` makes until a signal asks to stop. Raises Problem when it cannot start or go on."""
    with Signals() as signals, suppress(StopAsked):
        build(signals).run()


def mark(data: Path) -> str:
    """Return what tells this data directory from any other of the machine, its copies included: device and inode."""
    found = data.stat()
    return f"{found.st_dev}:{found.st_ino}"


def end_leftovers(data: Path, progress: Progress) -> None:
    """End the child processes of a launcher that was killed. The caller holds the lock of `data`, so no other launcher manages them."""

    def left() -> list[int]:
        return processes.carrying(MARK, mark(data))

    if left():
        progress.say("Deteniendo lo que dejó una ejecución interrumpida…")
        processes.end(left, processes.GENTLY)


def choose_port(asked: int | None, progress: Progress) -> int:
    """Return the port asked for, or the first free one. Raises Problem, with another port to try, when it is taken."""
    port = asked or first_free_port(progress)
    if not _is_free(port):
        other = next((p for p in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED) if _is_free(p)), FIRST_PORT)
        raise Problem(f"El puerto {port} está ocupado o reservado. Pruebe con --port {other}")
    return port


def first_free_port(progress: Progress) -> int:
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if _is_free(port):
            if port != FIRST_PORT:
                progress.say(f"El puerto {FIRST_PORT} está ocupado; se usa el {port}.")
            return port
    raise Problem(f"Los puertos {FIRST_PORT} a {FIRST_PORT + PORTS_TRIED - 1} están ocupados. Indique otro con --port.")


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
