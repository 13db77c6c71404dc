"""Documents that were brought, in the background: what the workers' tasks do about them."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Final

from django.conf import settings

from afiliacion import wake
from afiliacion.mailboxes import NoMailbox
from afiliacion.papers_in import bundles, work
from afiliacion.papers_in.bringing import READ
from afiliacion.papers_in.mail import inbox

log = logging.getLogger(__name__)
MAIL: Final = "afiliacion.operations.tasks.receive_papers"

#: No task is longer than a minute; the next goes on.
SECONDS: Final = 40.0


def read_due() -> None:
    """Open one bundle and read what is due; what is left is for a following task."""
    opened = bundles.open_due()
    if work.work_due(SECONDS) or opened:
        wake.publish(READ)


def receive_mail(now: dt.datetime) -> None:
    """Take in what came to the mailbox of documents, if there is one. One that cannot be read is tried again in the next sweep."""
    if not settings.PAPERS_IN_IMAP:
        return
    try:
        inbox.receive(settings.PAPERS_IN_IMAP, now)
    except NoMailbox as why:
        log.warning("%s", why)


def tidy() -> None:
    """Wake a worker for what waits although its wake-up was lost, or its worker; among it, what came by mail."""
    if settings.PAPERS_IN_IMAP:
        wake.publish(MAIL)
    if work.due().exists() or bundles.due().exists():
        wake.publish(READ)
