"""The workers' tasks. They carry nothing: the date and what is due are asked of the database, so that one lost or doubled does no harm."""

from __future__ import annotations

import logging
import multiprocessing
from typing import Any, Final

from celery import shared_task
from celery.signals import worker_shutting_down
from django.conf import settings
from django.utils import timezone

from afiliacion import wake
from afiliacion.imss.rate.circuit_breaker import database_now
from afiliacion.operations import chase_relay, mail_sender, night_state, paper_worker, print_worker
from afiliacion.operations import night as nights

log = logging.getLogger(__name__)

#: Made before the worker's children are forked, so that they see it: letters begun are finished, the others given back.
_STOPPING: Final = multiprocessing.Event()
#: No task is longer than a minute, so that every kind of work gets its turn: what is left is for a following task.
_SHORT: Final = nights.Budget(chase_seconds=settings.CHASE_SECONDS, mails=2_000, stop=_STOPPING.is_set)


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    _STOPPING.set()


@shared_task
def night() -> None:
    """Run the night of today, if it has not been made yet. Today is what the database says: workers' clocks may be wrong."""
    now = database_now()
    try:
        nights.run_night(timezone.localdate(now), now, budget=_SHORT)
    except nights.NightBusy as busy:
        log.info("%s", busy)
        return
    # What the night's budget left need not wait for the next minute.
    wake.publish(sweep.name)


@shared_task
def sweep() -> None:
    """Do what is due now; have the night run, if its hour has passed without it."""
    now = database_now()
    if night_state.is_missing(now):
        wake.publish(night.name)
    print_worker.tidy(now)
    paper_worker.tidy()
    nights.sweep(timezone.localdate(now), now, _SHORT)


@shared_task
def go_on_asking() -> None:
    """Go on asking IMSS where another task left off."""
    now = database_now()
    chase_relay.go_on(timezone.localdate(now), now, budget_seconds=_SHORT.chase_seconds, stop=_SHORT.stop)


@shared_task
def print_papers() -> None:
    """Print the papers that were ordered."""
    print_worker.print_due()


@shared_task
def read_papers() -> None:
    """Read the documents that were brought."""
    paper_worker.read_due()


@shared_task
def receive_papers() -> None:
    """Take in the documents that came by mail."""
    paper_worker.receive_mail(database_now())


@shared_task
def send_mail() -> None:
    """Send the mails that a person waits for in front of a page."""
    mail_sender.send_first(database_now(), _STOPPING.is_set)
