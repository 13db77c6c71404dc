"""A process that reads what is not trusted has no network, starts no program, writes no file and takes no more memory than it is given."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from limited_process import start as starting
from limited_process.limits import Limits
from limited_process.start import run

LIMITS = Limits(600 * 2**20, 5, data=150 * 2**20)


@pytest.fixture
def reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that tries `sys.argv[1]` and says what came of it."""
    (tmp_path / "tries_it.py").write_text(
        "import json, os, socket, subprocess, sys\n"
        "try:\n"
        "    said = eval(sys.argv[1])\n"
        "except BaseException as error:\n"
        "    said = type(error).__name__\n"
        "print(json.dumps(str(said)))\n"
    )
    monkeypatch.setattr(starting, "ROOT", f"{starting.ROOT}:{tmp_path}")
    return "tries_it"


@pytest.mark.skipif(sys.platform != "linux", reason="NOT TESTED: the filter of calls is Linux'")
@pytest.mark.parametrize(
    ("tried", "ends"),
    [
        ("socket.socket()", "PermissionError"),
        ("subprocess.run(['true'])", "PermissionError"),
        ("len(bytearray(300 * 2**20))", "MemoryError"),
        ("os.write(os.memfd_create('file'), b'x')", "OSError"),
        ("os.environ.get('SECRET_KEY')", "None"),
        ("len(bytearray(2**20))", str(2**20)),
    ],
)
def test_it_reaches_only_what_it_is_given(reached: str, tried: str, ends: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not to be seen")
    assert json.loads(run(reached, tried, limits=LIMITS, given=b"", timeout=30)) == ends


def test_one_that_computes_too_long_is_ended(reached: str) -> None:
    begun = time.monotonic()
    with pytest.raises(subprocess.CalledProcessError):
        run(reached, "sum(1 for _ in iter(int, 1))", limits=Limits(600 * 2**20, 1), given=b"", timeout=60)
    assert time.monotonic() - begun < 60


def test_one_that_waits_too_long_is_killed_and_what_it_wrote_is_kept(reached: str) -> None:
    with pytest.raises(subprocess.TimeoutExpired) as ended:
        run(reached, "print('so far', flush=True) or __import__('time').sleep(60)", limits=LIMITS, given=b"", timeout=2)
    assert ended.value.output == b"so far\n"
