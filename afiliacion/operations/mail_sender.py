"""Sending at once what a person is waiting for: a one-time code. Everything else goes out with the sweep of every minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from afiliacion.reminders.delivery.send import send_due

SEND_MAIL: Final = "afiliacion.operations.tasks.send_mail"
#: Few: mails that cannot wait are first in the queue.
_BUDGET: Final = 50


def send_first(now: dt.datetime, stop: Callable[[], bool]) -> None:
    """Send the first mails of the queue."""
    send_due(now, _BUDGET, stop)
