"""Printing in the background: the door between the workers and the ledger of printing jobs."""

from __future__ import annotations

import datetime as dt
from typing import Final

from afiliacion import wake
from afiliacion.documents import jobs
from afiliacion.reminders import links

PRINT: Final = "afiliacion.operations.tasks.print_papers"
#: No task is longer than a minute; the next goes on.
SECONDS: Final = 40.0


def print_due() -> None:
    """Print what is due; what is left is for the next wake-up."""
    if jobs.work_due(links.urls, SECONDS):
        wake.publish(PRINT)


def tidy(now: dt.datetime) -> None:
    """Wake a worker for jobs whose wake-up was lost, and delete the files nobody took."""
    if jobs.due().exists():
        wake.publish(PRINT)
    jobs.forget(now)
