"""Wake-ups. They carry nothing: the date and what is due are asked of the database, so one lost or doubled does no harm."""

from __future__ import annotations

import logging
from typing import Final

from celery import shared_task
from django.utils import timezone

from afiliacion.operations import night as nights

log = logging.getLogger(__name__)

#: No task is longer than a minute (a lost one is missed for no longer): the next sweep goes on.
_SHORT: Final = nights.Budget(chase_seconds=40.0, mails=2_000)


@shared_task
def night() -> None:
    """The night of today, if nobody has made it yet."""
    try:
        nights.run_night(timezone.localdate(), timezone.now(), budget=_SHORT)
    except nights.NightBusy as busy:
        log.info("%s", busy)


@shared_task
def sweep() -> None:
    """What is due now."""
    nights.sweep(timezone.localdate(), timezone.now(), _SHORT)
