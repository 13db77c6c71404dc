"""Plain child processes: their own session, tied to the life of their parent, stopped without leftovers."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

from afiliacion.operations.servers import die_with_parent

PROC = Path("/proc")
LOG_LIMIT_BYTES = 5_000_000
# Ask, and after five seconds insist.
GENTLY = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 3.0))


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    death_signal: int = signal.SIGTERM,
    stdin: BinaryIO | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session, its output added to `log`; on Linux it gets `death_signal` when we die."""
    with open_log(log) as output:
        return subprocess.Popen(  # noqa: S603 - starting our own programs is this module's work
            [*_bound_to_us(death_signal), *command],
            stdin=stdin or subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )


def _bound_to_us(death_signal: int) -> tuple[str | Path, ...]:
    if sys.platform != "linux":
        return ()
    return (sys.executable, "-I", "-S", Path(die_with_parent.__file__), str(int(death_signal)), str(os.getpid()))


def open_log(path: Path) -> BinaryIO:
    """Open `path` for adding; a log that has grown too long is first put aside as `<name>.1`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def follow(log: Path) -> TextIO:
    """Open `log` to read what is added from now on."""
    open_log(log).close()
    file = log.open(errors="replace")
    file.seek(0, os.SEEK_END)
    return file


def tail(log: Path, lines: int = 12) -> str:
    """Return the last lines of a log."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


def finish(process: subprocess.Popen[bytes], stop_signal: int = signal.SIGTERM, grace: float = 5.0) -> bool:
    """Ask the leader to stop, then end what is left of its session. Return False if it had to be forced."""
    if process.poll() is None:
        process.send_signal(stop_signal)
    willing = True
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        willing = False
    sweep(process)
    return willing


def sweep(process: subprocess.Popen[bytes]) -> None:
    """End every process of the session at once, and reap the leader."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # none is left, or only ending ones (macOS)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end(pids: Callable[[], Collection[int]], signals: Iterable[tuple[int, float]]) -> bool:
    """Send each signal in turn to whatever `pids()` still finds, waiting the seconds given with it.

    `pids` looks again every time, so that a reused number is never hit. True if none is left.
    """
    for number, seconds in signals:
        for pid in pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while pids():
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return True
    return not pids()


def working_in(directory: Path, program: str) -> list[int]:
    """Return the processes that run `program` with `directory` as their working directory (Linux; elsewhere none is found).

    Only the parent of those: a server stops its own children.
    """
    found = [pid for pid in _pids() if _program(pid) == program and _same_place(pid, directory)]
    return [pid for pid in found if _parent(pid) not in found]


def carrying(variable: str, value: str) -> list[int]:
    """Return the processes of this user started with `variable=value` in their environment, other than ourselves."""
    needle = f"{variable}={value}".encode()
    return [pid for pid in _pids() if pid != os.getpid() and needle in _environment(pid)]


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()] if PROC.is_dir() else []


# A process may end, or belong to another user, between being listed and being looked at: then it is not ours.
def _program(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path((PROC / str(pid) / "exe").readlink()).name.removesuffix(" (deleted)")
    return ""


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _same_place(pid: int, directory: Path) -> bool:
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "cwd").samefile(directory)
    return False


def _environment(pid: int) -> list[bytes]:
    with contextlib.suppress(OSError):
        entry = PROC / str(pid)
        if entry.stat().st_uid == os.geteuid():
            return (entry / "environ").read_bytes().split(b"\0")
    return []
