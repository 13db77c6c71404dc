"""Keep one embedded server running while a lease on it is held, and stop it then.

`python -m afiliacion.operations.servers.keeper postgres DATA [--throwaway]` is started by `server_lease`, never by a person. Because
leases are flocks, a user of the server that is killed has given its lease back, and the server still stops.
"""

import shutil
import sys
import time
from pathlib import Path

from afiliacion.operations.servers.embedded import SERVERS, Server
from afiliacion.operations.servers.locks import Lock, taken
from afiliacion.operations.servers.problem import Problem, explain
from afiliacion.operations.servers.supervisor import Child, Signals, StopAsked, Supervisor

# How soon a server without users is stopped.
TICK_SECONDS = 0.1


def lock_directory(data: Path) -> Path:
    """Return where the locks of a data directory are."""
    return data / "run"


def users_file(server: Server) -> Path:
    return lock_directory(server.data) / f"{server.name}.users"


def keeper_file(server: Server) -> Path:
    return lock_directory(server.data) / f"{server.name}.keeper"


class Keeper:
    """The one process that may start and stop `server`."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._place = Lock(keeper_file(server))
        self._users = Lock(users_file(server))

    def keep(self) -> int:
        """Serve until no lease is held or a signal asks to stop. Exit code 0, also if another keeper is at work; 1 after a failure."""
        if not self._take_place():
            return 0
        try:
            with Signals() as signals:
                return self._serve_until_asked(signals)
        except Problem as problem:
            self.say(str(problem))
        except OSError as error:
            self.say(str(explain(error)))
        finally:
            # In this order: a process that finds the users' lock free again finds no keeper either.
            self._place.release()
            self._users.release()
        return 1

    def _take_place(self) -> bool:
        deadline = time.monotonic() + 1  # others look whether the place is free, each for an instant
        while not self._place.take():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        keeper_file(self.server).write_text("")
        return True

    def _serve_until_asked(self, signals: Signals) -> int:
        try:
            self._serve(signals)
        except StopAsked:
            if self.server.throwaway:
                self._remove_data()
        finally:
            self.server.forget()
        return 0

    def _serve(self, signals: Signals) -> None:
        server = self.server
        server.clear()
        server.prepare()
        supervisor = Supervisor(signals, self.say, watch=self._stop_when_alone, tick=TICK_SECONDS)
        try:
            supervisor.start(
                Child(
                    name=server.label,
                    command=server.command(),
                    log=server.log,
                    cwd=server.directory,
                    stop_signal=server.stop_signal,
                    grace=server.grace,
                    before=server.clear,
                )
            )
            supervisor.run()
        finally:
            supervisor.stop()
            server.clear()

    def _stop_when_alone(self) -> None:
        """Stop once we can hold the users' lock alone: the server is unused then, and new users wait until it has stopped."""
        if self._users.take():
            raise StopAsked

    def say(self, text: str) -> None:
        """Write a line for the holders of leases, who read it with `ServerLease.messages`."""
        with keeper_file(self.server).open("a") as file:
            file.write(f"{text}\n")

    def _remove_data(self) -> None:
        """Remove a throwaway data directory when no other keeper uses it, even if the process that made it was killed."""
        keeper_file(self.server).unlink()
        others = [keeper_file(kind(self.server.data)) for kind in SERVERS.values()]
        if not any(path.exists() and taken(path) for path in others):
            shutil.rmtree(self.server.data, ignore_errors=True)


def main(name: str, data: str, *options: str) -> int:
    return Keeper(SERVERS[name](Path(data), throwaway="--throwaway" in options)).keep()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
