"""Documents that were brought, in the background: what the workers' tasks do about them."""

from __future__ import annotations

from typing import Final

from afiliacion import wake
from afiliacion.papers_in import bundles, work
from afiliacion.papers_in.bringing import READ

#: No task is longer than a minute; the next goes on.
SECONDS: Final = 40.0


def read_due() -> None:
    """Open one bundle and read what is due; what is left is for a following task."""
    opened = bundles.open_due()
    if work.work_due(SECONDS) or opened:
        wake.publish(READ)


def tidy() -> None:
    """Wake a worker for what waits although its wake-up was lost, or its worker."""
    if work.due().exists() or bundles.due().exists():
        wake.publish(READ)
