"""Start a module as a process with limits."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any, Final

from limited_process.limits import Limits

ROOT: Final = Path(__file__).resolve().parents[1]


def start(module: str, *words: str, limits: Limits, installed: bool = True, **streams: Any) -> subprocess.Popen[bytes]:
    """Return the process that runs a module of ours within `limits`, given these words; of the environment it has nothing.

    `installed`: whether it may import installed packages. `streams`: stdin, stdout, stderr, pass_fds, as Popen takes them.
    """
    order = [sys.executable, *([] if installed else ["-S"]), "-P", "-m", "limited_process", *limits.words(), module, *words]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TMPDIR": tempfile.gettempdir()}
    return subprocess.Popen(order, env=environment, **streams)  # noqa: S603 - our own module


def run(module: str, *words: str, limits: Limits, given: bytes | IO[bytes], timeout: float) -> bytes:
    """Return all that a module writes, given these words and this input; it is killed after `timeout` seconds.

    Raises:
        subprocess.SubprocessError: it took too long, or ended with an error; `output` of it has what was written until then.
    """
    with tempfile.TemporaryFile() as spool:
        if isinstance(given, bytes):
            spool.write(given)
            spool.seek(0)
        with start(module, *words, limits=limits, stdin=spool if isinstance(given, bytes) else given, stdout=subprocess.PIPE) as process:
            try:
                written, _ = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise subprocess.TimeoutExpired(module, timeout, process.communicate()[0]) from None
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, module, written)
    return written
