"""Receive the delivery reports of the return mailbox."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from afiliacion.mailboxes import NoMailbox, unseen
from afiliacion.reminders.bounces.parse import LARGEST_BYTES, BounceResult, receive

__all__ = ["NoMailbox", "receive_mailbox"]


def receive_mailbox(url: str, now: dt.datetime) -> Counter[BounceResult]:
    """Receive the unseen messages of the mailbox at `url`; count the results. A message received again changes nothing.

    Raises:
        NoMailbox: the server does not answer, or refuses the login or the folder.
    """
    return Counter(receive(message.raw, now) if message.whole else BounceResult.NOTHING for message in unseen(url, LARGEST_BYTES))
