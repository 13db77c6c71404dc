"""`./run office`: the office of a real school on one machine. Nobody invented in it, no stand-in IMSS, its own mail server."""

import argparse
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from afiliacion.operations import demo
from afiliacion.operations.demo import DEMO_SIGN, REAL_SIGN, Demo, Progress, mark
from afiliacion.operations.demo_parts import LOOPBACK, Parts
from afiliacion.operations.office import DemoNote, data_directory
from afiliacion.operations.problem import Problem
from afiliacion.operations.supervisor import Child, Signals, StopAsked


class RealParts(Parts):
    """The processes of a real office: everything its environment says holds."""

    unwanted: frozenset[str] = frozenset()

    @cached_property
    def settings(self) -> dict[str, str]:
        given = self.office.given
        own = {"OFFICE_URL": given.get("OFFICE_URL") or self.address}
        if self.host != LOOPBACK and "ALLOWED_HOSTS" not in given:
            own["ALLOWED_HOSTS"] = f"{self.host},localhost,127.0.0.1"
        return {**own, **self.office.outside}

    @cached_property
    def first_run_code(self) -> Child:
        return self._manage("first_run_code")


class Real(Demo):
    """One real office on one data directory."""

    parts: RealParts

    def __init__(self, data: Path, port: int, note: DemoNote, signals: Signals, progress: Progress, host: str) -> None:
        super().__init__(data, port, note, signals, progress)
        self.parts = RealParts(self.office, port, {demo.MARK: mark(data)}, host)
        self.code = ""

    def _start(self) -> None:
        self.note.write(self.parts.address, self.parts.settings)
        self._prepare_database()
        self.supervisor.run_once(self.parts.first_run_code, self._hear_code)
        for child in (self.parts.worker, self.parts.beat, self.parts.web):
            self.supervisor.start(child)
        self.say("Iniciando la oficina…")
        self.supervisor.until(self.parts.web_answers, seconds=60, what=f"El servidor web (vea {self.parts.web.log})")
        self._announce()

    def _hear_code(self, line: str) -> None:
        self.code = line.strip() or self.code

    def _announce(self) -> None:
        self.say("Listo.")
        first = f"\n  Es la primera vez: abra esa dirección y escriba este código: {self.code}\n" if self.code else ""
        self.progress.show(
            f"\n  La oficina está en {self.parts.address}\n{first}\n"
            f"  Datos: {self.office.data}\n  Bitácoras: {self.parts.logs}\n  Para detener: Ctrl-C\n"
        )


def run(arguments: list[str]) -> int:
    """Exit code 0 after a stop that was asked for. Raises Problem when the office cannot start or go on."""
    options = _options(arguments)
    data, progress = data_directory(), Progress()
    note = DemoNote(data)
    if not note.lock.take():
        raise Problem(f"La oficina ya está en marcha en {note.address() or data}.")
    _claim(data)
    demo.end_leftovers(data, progress)
    port = options.port or demo.first_free_port(progress)
    demo.check_port(port)
    with Signals() as signals, suppress(StopAsked):
        Real(data, port, note, signals, progress, options.host).run()
    progress.say(f"La oficina se detuvo. Sus datos quedan en {data}.")
    return 0


def _claim(data: Path) -> None:
    """A demo's data are invented people: a real office begins elsewhere."""
    if (data / DEMO_SIGN).exists():
        raise Problem(
            f"Los datos de {data} son de la demo. Elija otra carpeta para la escuela, por ejemplo: "
            f"AFILIACION_DATA={Path.home() / 'afiliacion'} ./run office"
        )
    (data / REAL_SIGN).touch()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Problem("No entiendo lo pedido. Uso: ./run office [--port NÚMERO] [--host DIRECCIÓN]")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="./run office", add_help=False, allow_abbrev=False)
    parser.add_argument("--port", type=int, choices=range(1, 65_536))
    parser.add_argument("--host", default=LOOPBACK)
    return parser.parse_args(arguments)
