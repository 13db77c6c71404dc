"""`./run check`: everything a machine can say of the code without running the tests, side by side. `python -m tools.check [STEP …]`.

Ends with 0 if nothing was found. What a step says is shown only when it found something.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
STEPS: dict[str, tuple[str, ...]] = {
    # The longest first. mypy keeps its state in .mypy_cache; its daemon would not see a changed model through the Django plugin.
    "types": (PYTHON, "-m", "mypy", "."),
    "django": (PYTHON, "-m", "tools.check_django"),
    "imports": (PYTHON, "-c", "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"),
    "structure": (PYTHON, "-I", str(ROOT / "tools" / "structure.py"), "--check"),
    "templates": (PYTHON, "-m", "djlint", "--lint", "--quiet", "templates", "imss_mock/web/templates"),
    "lint": (PYTHON, "-m", "ruff", "check", "."),
    "format": (PYTHON, "-m", "ruff", "format", "--check", "."),
}
# Enough for the settings to be read; nothing is connected to these addresses. As a school's server has it, to be checked as such.
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://nobody@/nowhere",
    "REDIS_URL": "redis://nowhere",
    "SECRET_KEY": "only-for-checks-of-the-code-but-long-enough-to-be-taken-for-a-real-one",
    "HTTPS": "1",
    "TRUSTED_PROXIES": "1",
    "OFFICE_URL": "https://localhost",
    "DEBUG": "0",
}


class Step(NamedTuple):
    name: str
    process: subprocess.Popen[bytes]
    said: IO[bytes]


def start(name: str) -> Step:
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when told
    process = subprocess.Popen(STEPS[name], cwd=ROOT, env={**os.environ, **ENVIRONMENT}, stdout=said, stderr=said)  # noqa: S603 - our own
    return Step(name, process, said)


def tell(step: Step, seconds: float) -> bool:
    """Say how a step that is over went. True if it found nothing."""
    well = step.process.returncode == 0
    print(f"{'ok' if well else 'FAILED':>6}  {step.name:<9} {seconds:5.1f} s", flush=True)
    if not well:
        step.said.seek(0)
        print(step.said.read().decode(errors="replace"), flush=True)
    step.said.close()
    return well


def main(names: list[str]) -> int:
    if strangers := [name for name in names if name not in STEPS]:
        print(f"{', '.join(strangers)}: not one of {', '.join(STEPS)}", file=sys.stderr)
        return 2
    began = time.monotonic()
    running, well = [start(name) for name in names or STEPS], True
    while running:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        for step in [step for step in running if step.process.poll() is not None]:
            running.remove(step)
            well = tell(step, time.monotonic() - began) and well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
