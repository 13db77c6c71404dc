"""Wake-ups for imports. They carry nothing: what waits is asked of the database, so one lost or doubled does no harm."""

from __future__ import annotations

from typing import Final

from celery import shared_task

from afiliacion import wake
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work as working
from afiliacion.roll.upload import jobs

#: No task is longer than about this; what is left is for the next one.
SECONDS: Final = 40.0


@shared_task
def work() -> None:
    """Go on with the imports that wait."""
    if working.work(seconds=SECONDS, clock=JobClock()):
        wake.publish(jobs.TASK)
