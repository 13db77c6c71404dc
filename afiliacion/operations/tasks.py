"""Wake-ups. They carry nothing: the date and what is due are asked of the database, so one lost or doubled does no harm."""

from __future__ import annotations

import logging
import multiprocessing
from typing import Any, Final

from celery import shared_task
from celery.signals import worker_shutting_down
from django.utils import timezone

from afiliacion import wake
from afiliacion.imss.outage import database_now
from afiliacion.operations import night as nights
from afiliacion.operations import printing

log = logging.getLogger(__name__)

#: Made before the worker's children are forked, so that they hear of it: letters begun are finished, the others given back.
_STOPPING: Final = multiprocessing.Event()
#: No task is longer than a minute (a lost one is missed for no longer): the next sweep goes on.
_SHORT: Final = nights.Budget(chase_seconds=40.0, mails=2_000, stop=_STOPPING.is_set)


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    _STOPPING.set()


@shared_task
def night() -> None:
    """The night of today, if nobody has made it yet. Today is what the database says: workers' clocks may be wrong."""
    now = database_now()
    try:
        nights.run_night(timezone.localdate(now), now, budget=_SHORT)
    except nights.NightBusy as busy:
        log.info("%s", busy)


@shared_task
def sweep() -> None:
    """What is due now; and the night is rung for, if its hour has passed without it."""
    now = database_now()
    if nights.is_missing(now):
        wake.publish(night.name)
    printing.tidy(now)
    nights.sweep(timezone.localdate(now), now, _SHORT)


@shared_task
def print_papers() -> None:
    """The papers somebody asked for."""
    printing.print_due()
