"""`./run`: demo, office, test, manage. Plain Python; Django is loaded only by the processes started from here."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable

from afiliacion.operations import demo, real
from afiliacion.operations.leases import ROOT
from afiliacion.operations.office import DemoNote, Office, data_directory, opened
from afiliacion.operations.problem import Problem, explain
from afiliacion.operations.supervisor import Signals, StopAsked

INTERRUPTED = 130


def manage(arguments: list[str]) -> int:
    """Django's manage.py, on the servers that run already or on ours for as long as the command takes."""
    data = data_directory()
    given = {**DemoNote(data).environment(), **os.environ}
    with Signals() as signals, opened(Office(data, given, signals.wait)) as environment:
        return _foreground([sys.executable, str(ROOT / "manage.py"), *arguments], environment, signals)


def _foreground(command: list[str], environment: dict[str, str], signals: Signals) -> int:
    """Run a command that owns the terminal: a Ctrl-C reaches it directly, the other signals through us."""
    signals.stop = {signal.SIGTERM, signal.SIGHUP}
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own manage.py
    while process.poll() is None:
        try:
            signals.wait(1)
        except StopAsked:
            process.terminate()
            process.wait()
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def test(arguments: list[str]) -> int:
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])  # noqa: S606 - our own interpreter


def setup(_arguments: list[str]) -> int:
    """All is installed by the time we are called."""
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {"demo": demo.run, "office": real.run, "manage": manage, "test": test, "setup": setup}


def _command(name: str) -> Callable[[list[str]], int]:
    if name not in COMMANDS:
        raise Problem(f"No conozco «{name}». Vea ./run help.")
    return COMMANDS[name]


def main(arguments: list[str]) -> int:
    # What is written here is about people: nobody else on the machine reads it.
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without our letters is no reason to stop
    name = arguments[0] if arguments else ""
    try:
        return _command(name)(arguments[1:])
    except StopAsked:
        return INTERRUPTED
    except Problem as problem:
        print(problem, file=sys.stderr)
    except OSError as error:
        print(explain(error), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
