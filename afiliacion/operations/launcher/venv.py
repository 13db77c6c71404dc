"""The virtual environment of `./run`: made once, and again when the lock or the Python changes.

A script for any Python >= 3.11, run before anything is installed: `python venv.py ROOT runtime|dev`.
"""

import fcntl
import hashlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, STDOUT

LOCKS = {"runtime": "requirements.lock", "dev": "requirements-dev.lock"}
# The packages of each key are all among those of its values.
COVERED_BY = {"runtime": ("runtime", "dev"), "dev": ("dev",)}
# They would send the packages elsewhere than into the environment.
MISLEADING = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONPATH", "PYTHONHOME"}
CAUSES = (
    (r"No space left", "no queda espacio en disco."),
    (r"DO NOT MATCH THE HASHES", "un paquete descargado no es el esperado (su huella no coincide). No se instaló nada de él."),
    (
        r"NewConnectionError|Name or service|name resolution|timed out|ConnectionError|Max retries|ProxyError|SSLError",
        "no hay red, o no se llega al índice de paquetes.",
    ),
    (
        r"No matching distribution|Could not find a version",
        "no se encontró un paquete para este sistema y este Python, o no se llega al índice de paquetes.",
    ),
)


class Problem(Exception):
    """One Spanish line for the person at the terminal."""


class Environment:
    """`root/.venv`. Its stamp tells which locks it holds; without the stamp it is unfinished."""

    def __init__(self, root: Path) -> None:
        self.root, self.path = root, root / ".venv"
        self._seen = 0
        self.python, self.stamp, self.log = self.path / "bin" / "python", self.path / ".installed", self.path / "install.log"

    def ensure(self, packages: str) -> None:
        """Have `packages` ("runtime" or "dev") installed as locked. Raises Problem or OSError."""
        if self._has(packages):
            return
        with self._alone():
            if not self._has(packages):  # another process may have just done it
                self._build(packages)

    def _has(self, packages: str) -> bool:
        return self._stamped_python() and any(self._line(cover) in self._stamped() for cover in COVERED_BY[packages])

    def _line(self, packages: str) -> str:
        return f"{packages} {hashlib.sha256((self.root / LOCKS[packages]).read_bytes()).hexdigest()}"

    def _stamped(self) -> list[str]:
        return self.stamp.read_text().splitlines() if self.stamp.exists() and self.python.exists() else []

    def _stamped_python(self) -> bool:
        return f"python {sys.version}" in self._stamped()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two ./run at the same moment install once: the lock is on the checkout itself and needs no file."""
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _build(self, packages: str) -> None:
        started = time.monotonic()
        if not os.access(self.path if self.path.exists() else self.root, os.W_OK | os.X_OK):
            raise Problem(f"Sin permiso para escribir en {self.root}: ahí se prepara .venv.")
        if not self._stamped_python():
            self._make()
        self.stamp.unlink(missing_ok=True)
        self._install(LOCKS[packages])
        self.stamp.write_text(f"python {sys.version}\n{self._line(packages)}\n")
        say(f"Preparado en {time.monotonic() - started:.0f} s.")

    def _make(self) -> None:
        if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
            raise Problem("Falta el módulo venv de Python. En Debian o Ubuntu: apt-get install python3-venv")
        say(f"Preparando .venv con Python {sys.version.split()[0]} (solo la primera vez)…")
        made = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "venv", "--clear", self.path], check=False, capture_output=True, text=True, env=_clean()
        )
        if made.returncode:
            raise Problem(f"No se pudo crear .venv: {_last_line(made.stderr or made.stdout)}")

    def _install(self, lock: str) -> None:
        total = len(re.findall(r"^[a-zA-Z0-9]\S*==", (self.root / lock).read_text(), re.MULTILINE))
        say(f"Preparando… {total} paquetes, cada uno comprobado por su huella")
        options = ("--require-hashes", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check", "--progress-bar", "off")
        command: list[str | Path] = [self.python, "-m", "pip", "install", *options, "-r", self.root / lock]
        with subprocess.Popen(command, stdout=PIPE, stderr=STDOUT, text=True, errors="replace", env=_clean()) as pip:  # noqa: S603 - likewise
            try:
                self._follow(pip, total)
            finally:
                pip.terminate()
        if pip.returncode:
            raise Problem(f"No se pudieron instalar los paquetes: {_cause(self.log.read_text())} Detalles: {self.log}")

    def _follow(self, pip: "subprocess.Popen[str]", total: int) -> None:
        with self.log.open("w") as log:
            for line in pip.stdout or ():
                log.write(line)
                self._show(line, total)
        pip.wait()

    def _show(self, line: str, total: int) -> None:
        if line.startswith(("Collecting", "Processing", "Requirement already")):
            self._seen += 1
            if self._seen % 10 == 0:
                say(f"Preparando… {self._seen} de {total}")
        elif line.startswith("Installing"):
            say("Preparando… instalando")


def _cause(output: str) -> str:
    return next((text for pattern, text in CAUSES if re.search(pattern, output)), _last_line(output))


def _last_line(output: str) -> str:
    return next(reversed(output.strip().splitlines()), "sin explicación")


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in MISLEADING}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(root: str, packages: str) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        Environment(Path(root)).ensure(packages)
    except Problem as problem:
        say(str(problem))
    except OSError as error:
        say(f"No se pudo preparar .venv: {error.strerror or error} ({error.filename or root}).")
    except KeyboardInterrupt:
        say("Interrumpido; la próxima vez se empieza de nuevo.")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
