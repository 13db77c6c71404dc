"""What a plain run leaves out the sweeps run, so that the two of them together are everything, in full."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest
from hypothesis import given, strategies as st
from tests.sweeps import sampled

tried = []

def test_quick(): pass

@pytest.mark.slow
def test_slow(): pass

@pytest.mark.upgrade
def test_upgrade(): pass

@given(st.integers())
@sampled(20, 3, database=None)
def test_property(n):
    tried.append(n)

@pytest.fixture(autouse=True, scope="module")
def _tell():
    yield
    if tried:
        open(f"tried-{len(tried)}", "w").close()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "test_some.py").write_text(TESTS)
    markers = "\n".join(f"  {name}: x" for name in ("slow", "upgrade", "sampled"))
    (tmp_path / "pytest.ini").write_text(f"[pytest]\ntestpaths = .\naddopts = -p tests.sweeps -p no:django -v\nmarkers =\n{markers}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "run", "examples"),
    [
        ([], {"quick", "property"}, 3),
        (["-n", "2"], {"quick", "property"}, 3),
        (["--sweeps", "only"], {"slow", "upgrade", "property"}, 20),
        (["test_some.py"], {"quick", "slow", "upgrade", "property"}, 20),
    ],
)
def test_what_a_run_tries(project: Path, options: list[str], run: set[str], examples: int) -> None:
    command = [sys.executable, "-P", "-m", "pytest", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    told = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert told.returncode == 0, told.stdout + told.stderr
    # xdist says PASSED first.
    assert {first or last for first, last in re.findall(r"::test_(\w+) PASSED|PASSED \S*::test_(\w+)", told.stdout)} == run
    assert [path.name for path in project.glob("tried-*")] == [f"tried-{examples}"]
