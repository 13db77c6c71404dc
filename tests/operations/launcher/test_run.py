"""The shell script `run`, and the environment it prepares."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from afiliacion.operations.launcher.venv import Environment
from afiliacion.operations.servers.server_lease import ROOT

ECHO = '#!/bin/sh\n[ "$1" = -I ] && exit\necho "$PYTHONPATH"\nfor each; do echo "<$each>"; done\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose .venv is ready and whose Python only repeats what it is told."""
    root = tmp_path / "Plantel Ñandú 3"
    (root / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "run", root)
    _script(root / ".venv" / "bin" / "python", ECHO)
    return root


def _script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def run(script: Path | str, *arguments: str, cwd: Path | None = None, **environment: str) -> "subprocess.CompletedProcess[str]":
    env = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run([script, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - our own


def test_through_links_from_anywhere_with_its_arguments_intact(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "one").symlink_to(os.path.relpath(checkout / "run", tmp_path / "bin"))
    (tmp_path / "two").symlink_to(tmp_path / "bin" / "one")
    done = run("./two", "manage", "import_roll", "lista de alumnos.csv", "*", cwd=tmp_path)
    assert done.stdout.splitlines() == [
        str(checkout),
        *("<-P>", "<-m>", "<afiliacion.operations.launcher.main>"),
        *("<manage>", "<import_roll>", "<lista de alumnos.csv>", "<*>"),
    ]


def test_help_needs_nothing_installed(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    done = run(checkout / "run", PATH="/usr/bin:/bin")
    assert done.stdout.startswith("./run demo")
    assert done.returncode == 0


def test_a_python_asked_for_that_will_not_do(checkout: Path) -> None:
    done = run(checkout / "run", "demo", PYTHON="/bin/false")
    assert (done.returncode, done.stderr) == (1, "PYTHON=/bin/false no es un Python 3.11 o posterior que funcione.\n")


def test_interpreters_that_exist_and_do_not_answer(checkout: Path, tmp_path: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "readlink"):
        (tools / name).symlink_to(str(shutil.which(name)))
    for name in ("python3.13", "python3"):
        _script(tools / name, "#!/bin/sh\nexit 127\n")
    done = run(checkout / "run", "demo", PATH=str(tools))
    assert done.returncode == 1
    assert done.stderr.startswith("Se necesita Python 3.11 o posterior.")


def test_the_environment_is_made_once_and_followed_up(tmp_path: Path) -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / lock).write_text("# nothing yet\n")
    environment = Environment(tmp_path)
    environment.ensure("runtime")
    assert environment._has("runtime")
    assert not environment._has("dev"), "another lock"
    witness = environment.path / "witness"
    witness.touch()
    (tmp_path / "requirements.lock").write_text("# changed\n")
    assert not environment._has("runtime")
    environment.ensure("runtime")
    assert environment._has("runtime")
    assert witness.exists(), "a changed lock is installed over the old one"
    environment.stamp.unlink()
    assert not environment._has("dev"), "an interrupted installation is not taken for a finished one"
