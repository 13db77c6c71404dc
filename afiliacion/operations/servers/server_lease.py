"""Use an embedded server: the first user starts it, it stops after the last one has gone."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from afiliacion.operations.servers import processes
from afiliacion.operations.servers.embedded import Server
from afiliacion.operations.servers.keeper import keeper_file, users_file
from afiliacion.operations.servers.locks import Lock, taken
from afiliacion.operations.servers.problem import Problem

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 120.0
STOP_SECONDS = 15.0


class ServerLease:
    """Our share in the use of a server. `pause(seconds)` waits; it may raise, to give up."""

    def __init__(self, server: Server, pause: Callable[[float], None] = time.sleep) -> None:
        self.server = server
        self._pause = pause
        self._share = Lock(users_file(server))
        self._keeper: subprocess.Popen[bytes] | None = None
        self._read_lines = 0

    def begin(self) -> None:
        """Have the server started if it does not run, without waiting until it answers."""
        users_file(self.server).parent.mkdir(parents=True, exist_ok=True)
        self._until(lambda: self._share.take(shared=True), STOP_SECONDS * 2)
        if not self.kept():
            self._start_keeper()

    def wait(self) -> None:
        """Return when the server is ready for work. Raises Problem when it cannot be started."""
        self._until(self._ready, START_SECONDS)

    def take(self) -> None:
        self.begin()
        self.wait()

    def kept(self) -> bool:
        """Return whether a keeper runs, ours or another process's."""
        return taken(keeper_file(self.server))

    def messages(self) -> list[str]:
        """Return the lines the keeper has written since the last call; a new keeper begins anew."""
        lines = keeper_file(self.server).read_text().splitlines()
        new = lines[self._read_lines :] if len(lines) >= self._read_lines else lines
        self._read_lines = len(lines)
        return new

    def release(self) -> None:
        """Give the share back at once, without waiting for what follows."""
        self._share.release()

    def give_back(self, seconds: float = STOP_SECONDS) -> bool:
        """Give the share back. True once the server has stopped, False if it goes on (others use it, mostly)."""
        self.release()
        deadline = time.monotonic() + seconds
        while self.kept() or self._starting():
            if time.monotonic() > deadline or (self._others() and self.kept()):
                return False
            time.sleep(0.02)
        return True

    def _starting(self) -> bool:
        return self._keeper is not None and self._keeper.poll() is None

    def _others(self) -> bool:
        """Return whether other processes use the server. A keeper that is stopping it holds the lock alone, users share it."""
        users = users_file(self.server)
        return taken(users) and not taken(users, shared=True)

    def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise Problem(f"{self.server.label} no respondió en {seconds:g} s. Vea {self.server.log}.")
            self._pause(0.03)

    def _ready(self) -> bool:
        if self._keeper is not None and self._keeper.poll():
            raise Problem("\n".join(self.messages()) or f"{self.server.label} no arranca. Vea {self.server.log}.")
        if self.kept():
            return self.server.answers()
        if not self._starting():
            self._start_keeper()
        return False

    def _start_keeper(self) -> None:
        options = ("--throwaway",) if self.server.throwaway else ()
        module = (sys.executable, "-P", "-m", "afiliacion.operations.servers.keeper")
        with processes.open_log(self.server.log) as log:
            self._keeper = subprocess.Popen(  # noqa: S603 - our own module
                [*module, self.server.name, str(self.server.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                start_new_session=True,  # a Ctrl-C or a closed terminal is for us, who give the share back
            )
