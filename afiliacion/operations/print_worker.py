"""Printing in the background: what the workers' tasks do about printing jobs."""

from __future__ import annotations

import datetime as dt
from typing import Final

from afiliacion import wake
from afiliacion.documents import print_jobs
from afiliacion.reminders.letters import links

PRINT: Final = "afiliacion.operations.tasks.print_papers"
#: No task is longer than a minute; the next goes on.
SECONDS: Final = 40.0


def print_due() -> None:
    """Print what is due; what is left is for a following task."""
    if print_jobs.work_due(links.printed_urls, SECONDS):
        wake.publish(PRINT)


def tidy(now: dt.datetime) -> None:
    """Wake a worker for jobs whose wake-up was lost, and delete the files that were not fetched in time."""
    if print_jobs.due().exists():
        wake.publish(PRINT)
    print_jobs.forget(now)
