"""`./run office`: the office of a real school on one machine: no invented data, no stand-in IMSS, its own mail server."""

from __future__ import annotations

import argparse
import os
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from afiliacion.operations.launcher import start_and_stop
from afiliacion.operations.launcher.child_processes import LOOPBACK, OfficeProcesses
from afiliacion.operations.launcher.office import Office, RunningOffice, data_directory
from afiliacion.operations.launcher.start_and_stop import DEMO_SIGN, MARK, REAL_SIGN, Installation, Progress
from afiliacion.operations.servers import external
from afiliacion.operations.servers.problem import Problem
from afiliacion.operations.servers.supervisor import Child, Signals


class RealProcesses(OfficeProcesses):
    """The child processes of a real office: everything its environment says holds."""

    @cached_property
    def settings(self) -> dict[str, str]:
        given = self.office.given
        own = {"OFFICE_URL": given.get("OFFICE_URL") or self.address}
        if self.host != LOOPBACK and "ALLOWED_HOSTS" not in given:
            own["ALLOWED_HOSTS"] = f"{self.host},localhost,127.0.0.1"
        return {**own, **self.office.outside}

    @cached_property
    def first_run_code(self) -> Child:
        return self.manage("first_run_code")


class RealOffice(Installation):
    """One real office on one data directory, listening on `host`."""

    processes: RealProcesses

    def __init__(self, data: Path, port: int, host: str, running: RunningOffice, signals: Signals, progress: Progress) -> None:
        super().__init__(Office(data, dict(os.environ), signals.wait), running, signals, progress)
        self.processes = RealProcesses(self.office, port, {MARK: start_and_stop.mark(data)}, host)
        self._first_run_code = ""

    def prepare(self) -> None:
        if url := self.office.outside.get("DATABASE_URL"):
            external.check_role(url)
        self.prepare_database()
        self.supervisor.run_once(self.processes.first_run_code, self._keep_code)

    def _keep_code(self, line: str) -> None:
        self._first_run_code = line.strip() or self._first_run_code

    def announcement(self) -> str:
        code = self._first_run_code
        first = f"\n  Es la primera vez: abra esa dirección y escriba este código: {code}\n" if code else ""
        return f"\n  La oficina está en {self.processes.address}\n{first}\n{self.where()}"


def run(arguments: list[str]) -> int:
    """Run the office; exit code 0 after a stop that was asked for. Raises Problem when it cannot start or go on."""
    options = _options(arguments)
    data, progress = data_directory(), Progress()
    _check_host(options.host, progress, accepted=options.sin_https)
    running = RunningOffice(data)
    if not running.lock.take():
        raise Problem(f"La oficina ya está en marcha en {running.address() or data}.")
    _mark_data(data)
    start_and_stop.end_leftovers(data, progress)
    port = start_and_stop.choose_port(options.port, progress)
    start_and_stop.run_until_stopped(lambda signals: RealOffice(data, port, options.host, running, signals, progress))
    progress.say(f"La oficina se detuvo. Sus datos quedan en {data}.")
    return 0


def _check_host(host: str, progress: Progress, *, accepted: bool) -> None:
    """Raises Problem if the office would be reached from elsewhere without HTTPS, unless that was accepted with --sin-https."""
    if host in {LOOPBACK, "localhost", "::1"} or os.environ.get("HTTPS", "") not in {"", "0"}:
        return
    if not accepted:
        raise Problem(
            f"Con --host {host} las contraseñas, CURP y NSS viajarían sin cifrar por la red. Ponga delante un proxy con HTTPS "
            "(docs/install/) y HTTPS=1, TRUSTED_PROXIES=1 en las variables; o, si acepta el riesgo, agregue --sin-https."
        )
    progress.say(f"Atención: en {host} la oficina responde SIN HTTPS: lo que se escribe en ella se puede leer en la red.")


def _mark_data(data: Path) -> None:
    """Mark `data` as a real office's. Raises Problem when it is a demo's, whose people are invented."""
    if (data / DEMO_SIGN).exists():
        raise Problem(
            f"Los datos de {data} son de la demo. Elija otra carpeta para la escuela, por ejemplo: "
            f"AFILIACION_DATA={Path.home() / 'afiliacion'} ./run office"
        )
    (data / REAL_SIGN).touch()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Problem("No entiendo lo pedido. Uso: ./run office [--port NÚMERO] [--host DIRECCIÓN [--sin-https]]")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="./run office", add_help=False, allow_abbrev=False)
    parser.add_argument("--port", type=int, choices=range(1, 65_536))
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--sin-https", action="store_true")
    return parser.parse_args(arguments)
