"""What some tests need of the machine. Where it is lacking the test is skipped, and fails where it should be there."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Final, NoReturn

import pytest

#: The tools that .ci/run has found or installed, by name with blanks between: a test that lacks one of them fails.
PROMISED: Final = "TESTS_HAVE"


def lacking(what: str, advice: str) -> NoReturn:
    """End the test that needs `what`: failed on a machine that checks (CI) or was promised to have it (TESTS_HAVE), else skipped."""
    reason = f"NOT TESTED, no {what}: {advice}"
    if os.environ.get("CI") or what in os.environ.get(PROMISED, "").split():
        pytest.fail(reason)
    pytest.skip(reason)


def tool(name: str, package: str) -> str:
    """Return the path of a program, also of one that only root has in its PATH. Without it: `lacking`."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin") or lacking(name, f"install the package {package}")


def linux() -> None:
    """For a test of /proc and the parent-death signal."""
    if sys.platform != "linux":
        lacking("Linux", "the test needs /proc and the parent-death signal")


def root() -> None:
    """For a test of what only root does: an ordinary user may run all others, so this is never a failure."""
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED, not root: only root needs another identity for its servers")
