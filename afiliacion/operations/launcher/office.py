"""Where an office keeps its data, and the environment its processes get (the contract with settings.py)."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from afiliacion.operations.servers import external, locks, roles
from afiliacion.operations.servers.embedded import Postgres, Server, Valkey
from afiliacion.operations.servers.problem import Problem
from afiliacion.operations.servers.server_lease import ROOT, ServerLease

# variable, the embedded server that fills it in, the check of one that is not ours
SERVERS: tuple[tuple[str, type[Server], Callable[[str], None]], ...] = (
    ("DATABASE_URL", Postgres, external.check_database),
    ("REDIS_URL", Valkey, external.check_broker),
)


def data_directory() -> Path:
    """Return AFILIACION_DATA, made if need be and closed to other users. Raises OSError or Problem when that cannot be."""
    data = Path(os.environ.get("AFILIACION_DATA") or ROOT / ".data").absolute()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    _act_as_owner(data)
    if not os.access(data, os.W_OK | os.X_OK):
        raise Problem(f"Sin permiso para escribir en {data}. Indique otra carpeta con AFILIACION_DATA.")
    run_directory(data).mkdir(exist_ok=True)
    return data.resolve()


def _act_as_owner(data: Path) -> None:
    """Become the owner of `data` when root was started on it: the owner could not use root's files afterwards."""
    owner = data.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)


def run_directory(data: Path) -> Path:
    return data / "run"


def secret_key(data: Path) -> str:
    """Return the key of this data directory, made the first time; two processes making it at once agree on one."""
    return roles.made_once(data / "secret-key")


class Office:
    """A data directory and the servers it works with. `pause` is how to wait; it may raise, to give up."""

    def __init__(self, data: Path, given: dict[str, str], pause: Callable[[float], None] = time.sleep) -> None:
        self.data = data
        self.given = given
        self.outside = {name: given[name] for name, _, _ in SERVERS if given.get(name)}
        self.leases = [ServerLease(kind(data), pause) for name, kind, _ in SERVERS if name not in self.outside]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the office's processes; none of them can log in as the owner of the database."""
        given = {name: value for name, value in self.given.items() if name != "DATABASE_OWNER_URL"}
        urls = {name: kind(self.data).url for name, kind, _ in SERVERS if name not in self.outside}
        own = {"AFILIACION_DATA": str(self.data), "PYTHONPATH": str(ROOT)}
        return {**given, **urls, **own, "SECRET_KEY": self._secret_key()}

    def _secret_key(self) -> str:
        """Return the key that was given, or that of the data directory. Raises Problem where other hosts may need the same."""
        if key := self.given.get("SECRET_KEY"):
            return key
        if "DATABASE_URL" in self.outside and not self.given.get("AFILIACION_DEMO"):
            raise Problem(
                "Falta SECRET_KEY: con un servidor en DATABASE_URL, todos los equipos deben tener la misma. "
                "Escriba una nueva con ./run key, y guárdela donde solo la lea el usuario de la oficina (docs/operations.md)."
            )
        return secret_key(self.data)

    @property
    def owner_environment(self) -> dict[str, str]:
        """The environment of `manage.py`, which lets only some commands log in as the owner (`roles.OWNER_COMMANDS`)."""
        embedded = "DATABASE_URL" not in self.outside
        owner = Postgres(self.data).owner_url if embedded else self.given.get("DATABASE_OWNER_URL", "")
        return {**self.environment, "DATABASE_OWNER_URL": owner}

    def open(self) -> None:
        """Have the servers ready. Raises Problem when one cannot be reached or started."""
        for lease in self.leases:
            lease.begin()
        for name, _, check in SERVERS:
            if name in self.outside:
                check(self.outside[name])
        for lease in self.leases:
            lease.wait()

    def close(self) -> list[Server]:
        """Give the servers back, and wait for those that stop. Returns those that others go on using."""
        for lease in self.leases:
            lease.release()
        return [lease.server for lease in self.leases if not lease.give_back()]


@contextmanager
def opened(office: Office) -> Iterator[dict[str, str]]:
    """Give the environment for `manage.py` of an office whose servers run until the end of the block."""
    try:
        office.open()
        yield office.owner_environment
    finally:
        office.close()


class RunningOffice:
    """Address and settings of the demo or office that runs on a data directory, for other commands. The lock says whether one runs."""

    def __init__(self, data: Path) -> None:
        self.lock = locks.Lock(run_directory(data) / "demo.lock")
        self._path = run_directory(data) / "demo.json"

    def write(self, address: str, environment: dict[str, str]) -> None:
        self._path.unlink(missing_ok=True)
        self._path.touch(mode=0o600)
        self._path.write_text(json.dumps({"address": address, "environment": environment}))

    def address(self) -> str:
        return str(self._read().get("address", ""))

    def environment(self) -> dict[str, str]:
        """Return the settings of what runs now on this data directory; empty if nothing does."""
        return dict(self._read().get("environment", {})) if locks.taken(self.lock.path) else {}

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            return dict(json.loads(self._path.read_text()))
        except (FileNotFoundError, ValueError):  # it is just being written
            return {}
