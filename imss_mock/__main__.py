"""`python -m imss_mock`: settings from flags or IMSS_MOCK_* variables, then serve until SIGTERM or SIGINT."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import traceback
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import TracebackType

from aiohttp import web

from imss_mock import app
from imss_mock.people import register
from imss_mock.procedures.mail import Postman
from imss_mock.server import control
from imss_mock.state.clock import Clock, Folios
from imss_mock.state.moods import Mood, Moods
from imss_mock.state.scenario import DEFAULT, Chance, ScenarioError, load
from imss_mock.state.stand_in import StandIn
from imss_mock.state.store import Store, StoreError

SHUTDOWN_SECONDS = 0.25  # work takes milliseconds; only a slow mood would wait longer


class PrivateFormatter(logging.Formatter):
    """Writes where a fault happened but not its message: messages quote requests, and requests are about people."""

    def formatException(self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]) -> str:  # noqa: N802 logging's name
        """Type and place only."""
        kind, _, trace = ei
        return f"{kind.__name__ if kind else ''}\n{''.join(traceback.format_tb(trace))}"


def main() -> int:
    """Exit code: 0 after a clean stop, 1 with one line on stderr when it cannot start."""
    handler = logging.StreamHandler()
    handler.setFormatter(PrivateFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    try:
        asyncio.run(_serve(_options()))
    except (StoreError, ScenarioError) as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"No se puede abrir el puerto: {error.strerror}.")
    return 0


def _complain(line: str) -> int:
    print(line, file=sys.stderr)
    return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m imss_mock", description="IMSS de práctica: un doble del instituto para ensayar.")
    parser.add_argument("--host", default=_env("HOST", "127.0.0.1"), help="dirección (127.0.0.1)")
    parser.add_argument("--port", type=_port, default=_env("PORT", "8090"), help="puerto; 0 elige uno libre (8090)")
    parser.add_argument("--data", type=Path, default=_env("DATA", ".data/imss_mock"), help="carpeta de su base de datos")
    parser.add_argument("--date", type=date.fromisoformat, default=_env("DATE"), help="fecha simulada AAAA-MM-DD; nunca atrasa el reloj")
    parser.add_argument("--seed", type=int, default=_env("SEED", "7"), help="semilla del reparto de historias (7)")
    parser.add_argument("--scenario", type=Path, default=_env("SCENARIO", str(DEFAULT)), help="archivo TOML de historias")
    hidden = _env("CONTROL", "1") == "0"
    parser.add_argument("--no-control", action="store_true", default=hidden, help="sin las direcciones /control")
    parser.add_argument("--smtp", type=_address, default=_env("SMTP"), help="SERVIDOR:PUERTO por donde salen sus correos; sin él, no salen")
    return parser.parse_args()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", _port(port)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError(text)
    return port


def _env(name: str, default: str | None = None) -> str | None:
    return os.environ.get(f"IMSS_MOCK_{name}", default)


async def _serve(options: argparse.Namespace) -> None:
    scenario = load(options.scenario)
    moods = Moods(options.seed, scenario.animos.get(scenario.animo_inicial, Mood()))
    stand_in = StandIn(Store(options.data), Clock(), Folios(), scenario, Chance(options.seed), moods)
    stop = _stop_signal()
    try:
        await _set_clock(stand_in, options.date)
        await _tell_examples(stand_in)
        postman = Postman(stand_in, *options.smtp) if options.smtp else None
        delivery = asyncio.create_task(postman.work()) if postman else None
        served = app.build(stand_in, with_control=not options.no_control, postman=postman)
        runner = web.AppRunner(served, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            site = web.TCPSite(runner, options.host, options.port)
            await site.start()
            print(f"IMSS de práctica en http://{options.host}:{runner.addresses[0][1]}", flush=True)
            await stop.wait()
        finally:
            await runner.cleanup()
            if delivery is not None:
                delivery.cancel()
                await asyncio.wait([delivery])
    finally:
        stand_in.store.close()


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _set_clock(stand_in: StandIn, day: date | None) -> None:
    """A new register opens on `day`; an old one goes on where it was, or forward to `day`, never back."""
    kept = control.kept_offset(stand_in)
    stand_in.clock.offset_days = kept or 0
    offset = kept
    if day is not None:
        try:
            offset = stand_in.clock.first_offset_to(day) if kept is None else stand_in.clock.offset_to(day)
        except ValueError as error:
            raise ScenarioError("La fecha simulada debe estar entre 2002 y 2099.") from error
    with stand_in.store.change():
        control.keep_offset(stand_in, stand_in.clock.offset_days if offset is None else offset)
    await stand_in.store.committed()


async def _tell_examples(stand_in: StandIn) -> None:
    """Make the scenario's invented people known, unless they already are."""
    today = stand_in.clock.now().date()
    with stand_in.store.change():
        for example in stand_in.scenario.ejemplos:
            if register.find(stand_in, example["curp"]) is None:
                told = {name: value for name, value in example.items() if name != "historia"}
                register.save(stand_in, replace(register.stranger(stand_in, today, example["curp"]), **told))
    await stand_in.store.committed()


if __name__ == "__main__":
    sys.exit(main())
