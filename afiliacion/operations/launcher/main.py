"""`./run`: demo, office, test, check, manage. Plain Python; Django is loaded only by the processes started from here."""

import io
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable

from afiliacion.operations.launcher import demo, real_office
from afiliacion.operations.launcher.office import Office, RunningOffice, data_directory, opened
from afiliacion.operations.servers.problem import Problem, explain
from afiliacion.operations.servers.server_lease import ROOT
from afiliacion.operations.servers.supervisor import Signals, StopAsked

INTERRUPTED = 130


def manage(arguments: list[str]) -> int:
    """Run Django's manage.py on the servers that run already, or on ours for as long as the command takes; return its exit code."""
    data = data_directory()
    given = {**RunningOffice(data).environment(), **os.environ}
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


# The most processes that run tests at the same time; each has a database server of its own.
TESTERS = 4


def test(arguments: list[str]) -> int:
    """Run pytest. What Python compiles is kept, in .pytest_cache where the environment wants none beside the code.

    Without it each process a test starts compiles the office anew: 6 s of a run's collection and a second for each process.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / ".pytest_cache" / "bytecode")
    return _become("pytest", *_side_by_side(arguments), *arguments)


def _side_by_side(arguments: list[str]) -> list[str]:
    """pytest-xdist for the whole suite. A file or a test that was named, or a debugger, has one process.

    The files keep their order: xdist's own, most tests first, leaves the long ones of one or two tests for the end, where one process
    waits for the other; and it would undo --shuffle.
    """
    named = any(os.path.exists(argument.partition("::")[0]) for argument in arguments)  # noqa: PTH110 - any text may come
    processes = min(os.cpu_count() or 1, TESTERS)
    if named or processes == 1 or {"-n", "--pdb", "-s", "--collect-only", "--co"} & {*arguments}:
        return []
    return ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]


def check(arguments: list[str]) -> int:
    return _become("tools.check", *arguments)


def _become(module: str, *arguments: str) -> int:
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - our own interpreter


def key(_arguments: list[str]) -> int:
    """Write a new SECRET_KEY for an installation on servers of its own."""
    print(secrets.token_urlsafe(50))
    return 0


def setup(_arguments: list[str]) -> int:
    """All is installed by the time we are called."""
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": demo.run,
    "office": real_office.run,
    "manage": manage,
    "test": test,
    "check": check,
    "key": key,
    "setup": setup,
}


def _command(name: str) -> Callable[[list[str]], int]:
    if name not in COMMANDS:
        raise Problem(f"No conozco «{name}». Vea ./run help.")
    return COMMANDS[name]


def main(arguments: list[str]) -> int:
    # What is written here is about people: no other user of the machine reads it.
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
