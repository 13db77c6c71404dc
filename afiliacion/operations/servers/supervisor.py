"""Keep child processes alive until a stop is requested, and stop them in order."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from afiliacion.operations.servers import processes
from afiliacion.operations.servers.problem import Problem

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
ATTEMPTS = 5
WINDOW_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.5


class StopAsked(Exception):
    """A signal has asked us to stop."""


class Signals:
    """Keep signals until they are looked at, so that none raises in the middle of starting or stopping a child."""

    def __init__(self, stop: Iterable[signal.Signals] = STOP) -> None:
        self.asked: signal.Signals | None = None
        self.stop = set(stop)

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
        # `nohup` means it: a hangup ignored from the start stays ignored.
        handled = {*STOP, signal.SIGCHLD} - {s for s in (signal.SIGHUP,) if signal.getsignal(s) is signal.SIG_IGN}
        self._before = {number: signal.signal(number, self._note) for number in handled}
        self._wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number in self.stop:
            self.asked = signal.Signals(number)

    def wait(self, seconds: float) -> None:
        """Return after `seconds`, or sooner when a signal (the death of a child too) arrives. Raises StopAsked."""
        if self.asked is None:
            select.select([self._reader], [], [], max(0.0, seconds))
            self._drain()
        if self.asked is not None:
            raise StopAsked

    def _drain(self) -> None:
        while select.select([self._reader], [], [], 0)[0]:
            os.read(self._reader, 512)


@dataclass(frozen=True, eq=False)
class Child:
    """One process to keep alive. `before` runs ahead of every start."""

    name: str
    command: tuple[str | Path, ...]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 5.0
    before: Callable[[], None] = lambda: None


@dataclass
class _ChildState:
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    start_at: float = 0.0


class Supervisor:
    """Start children, start those that ended again after a growing pause, and give up when one keeps ending.

    `say` takes a Spanish line for the person watching; `watch` is called at least every `tick` seconds.
    """

    def __init__(
        self,
        signals: Signals,
        say: Callable[[str], None],
        *,
        watch: Callable[[], None] = lambda: None,
        tick: float = 1.0,
        window: float = WINDOW_SECONDS,
        pause: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self.signals, self.say, self.watch = signals, say, watch
        self.tick, self.window, self.pause = tick, window, pause
        self._states: dict[Child, _ChildState] = {}

    def start(self, child: Child) -> None:
        state = self._states.setdefault(child, _ChildState())
        child.before()
        state.process = processes.spawn(child.command, log=child.log, env=child.env, cwd=child.cwd, death_signal=child.stop_signal)

    def pid(self, child: Child) -> int | None:
        process = self._states[child].process
        return process.pid if process else None

    def run(self) -> None:
        """Keep the children running until a signal asks to stop (StopAsked) or one keeps ending (Problem)."""
        while True:
            self.signals.wait(min(self.tick, self._next_start()))
            self.revive()
            self.watch()

    def revive(self) -> None:
        """Note which children have ended and start those whose pause is over. Raises Problem when one has ended too often."""
        for child, state in self._states.items():
            if state.process is not None and state.process.poll() is not None:
                self._record_death(child, state, state.process)
            if state.process is None and time.monotonic() >= state.start_at:
                self.start(child)

    def _record_death(self, child: Child, state: _ChildState, dead: subprocess.Popen[bytes]) -> None:
        processes.sweep(dead)
        state.process, now = None, time.monotonic()
        state.deaths = [*(t for t in state.deaths if now - t < self.window), now]
        if len(state.deaths) >= ATTEMPTS:
            raise Problem(f"{child.name} se detiene una y otra vez. {_end_of_log(child)}")
        pause = self.pause * 2 ** (len(state.deaths) - 1)
        state.start_at = now + pause
        self.say(f"{child.name} se detuvo sin que se le pidiera ({_cause(dead.returncode)}); se inicia de nuevo en {pause:g} s.")

    def _next_start(self) -> float:
        waiting = [state.start_at for state in self._states.values() if state.process is None]
        return min(waiting, default=time.monotonic() + self.tick) - time.monotonic()

    def until(self, ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Keep the children running until `ready()`. Raises Problem, naming `what`, when `seconds` pass without it."""
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                raise Problem(f"{what} no respondió en {seconds:g} s.")
            self.signals.wait(0.05)
            self.revive()

    def run_once(self, child: Child, on_line: Callable[[str], None] = lambda line: None) -> None:
        """Run a child that is meant to end; `on_line` gets its lines as they come. Raises Problem with the end of its log if it fails."""
        with processes.follow(child.log) as lines:
            process = processes.spawn(child.command, log=child.log, env=child.env, cwd=child.cwd)
            try:
                while process.poll() is None:
                    self.signals.wait(self.tick)
                    self.revive()
                    for line in lines:
                        on_line(line)
            finally:
                processes.finish(process, grace=2)
        if process.returncode:
            raise Problem(f"{child.name} falló. {_end_of_log(child)}")

    def stop(self) -> None:
        """Stop every child, the last started first. A signal meanwhile changes nothing."""
        for child, state in reversed(self._states.items()):
            if state.process is not None and not processes.finish(state.process, child.stop_signal, child.grace):
                self.say(f"{child.name} no obedeció en {child.grace:g} s y se detuvo a la fuerza.")
        self._states.clear()


def _end_of_log(child: Child) -> str:
    return f"Su bitácora ({child.log}) termina así:\n{processes.tail(child.log)}"


def _cause(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"código {code}"
