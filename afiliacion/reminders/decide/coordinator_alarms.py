"""Alarms to the coordinators: the night failed, IMSS is away. Rows of the same ledger, sent by the same senders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from afiliacion.reminders.address import address
from afiliacion.reminders.decide import enqueue
from afiliacion.reminders.decide.hours import Hours
from afiliacion.reminders.models import Reminder, ReminderKind
from students.models import Plantel, StaffPost

NIGHT: Final = "alarma_noche"
IMSS: Final = "alarma_imss"


def queue(key: str, title: str, lines: Sequence[str], *, day: dt.date, now: dt.datetime) -> int:
    """Queue the alarm `key` of that `day` (a business date) for the coordinators; return how many mails are new.

    Each address gets an alarm at most once a day. `lines`: sentences without personal data. It waits for the office's hours.

    Raises:
        NotInTransaction: called outside an atomic block.
    """
    kind = ReminderKind.objects.filter(key=key, active=True).first()
    if kind is None:
        return 0
    reports = [(to, {"title": title, "lines": list(lines)}) for to in _in_charge()]
    return len(enqueue.queue_reports(kind, reports, day, now, Hours().next_open(None, now)))


def raised(key: str, since: dt.datetime) -> bool:
    """Whether the alarm `key` was raised at that moment or later."""
    return Reminder.objects.filter(kind__key=key, created_at__gte=since).exists()


def can_be_read(now: dt.datetime) -> bool:
    """Whether mail to the staff may go out at this moment."""
    return Hours().is_open(None, now)


def _in_charge() -> list[str]:
    """Return the coordinators' addresses; if none is usable, those of the planteles' officers and contacts."""
    posts = StaffPost.objects.filter(user__is_active=True)
    return (
        _addresses(posts.filter(plantel=None).values_list("user__email", flat=True))
        or _addresses([*posts.values_list("user__email", flat=True), *Plantel.objects.values_list("contact_email", flat=True)])
    )  # fmt: skip


def _addresses(emails: Iterable[str]) -> list[str]:
    return sorted(set(filter(None, map(address, emails))))
