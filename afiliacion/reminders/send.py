"""Sending what has been decided and committed: over a few reused connections, each letter at most once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from typing import Final, Self

from django.conf import settings
from django.db import connection, transaction

from afiliacion.reminders import outbox
from afiliacion.reminders.letter import Letter
from afiliacion.reminders.models import Reminder
from afiliacion.reminders.smtp import Line, NoServer, Reply, Verdict, envelope_sender, mail_bytes

log = logging.getLogger(__name__)

#: Rows one connection claims at a time: far fewer than fit into a lease, so that a dead sender holds up few.
BATCH: Final = 50
#: A further connection is opened for each so many mails.
MAILS_PER_CONNECTION: Final = 100

Claimed = tuple[Reminder, Letter]


@dataclass(slots=True)
class SendReport:
    """What came of a run. `postponed`: temporary refusals, tried again later; `trouble`: what a dead server said, else empty."""

    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    postponed: int = 0
    dropped: int = 0
    trouble: str = ""

    def count(self, status: Reminder.Status) -> None:
        counter = {"sent": "sent", "failed": "failed", "uncertain": "uncertain", "queued": "postponed"}[status.value]
        setattr(self, counter, getattr(self, counter) + 1)

    def __iadd__(self, other: SendReport) -> Self:
        self.sent += other.sent
        self.failed += other.failed
        self.uncertain += other.uncertain
        self.postponed += other.postponed
        self.dropped += other.dropped
        self.trouble = self.trouble or other.trouble
        return self


def send_due(now: dt.datetime, budget: int) -> SendReport:
    """Send at most `budget` of the mails that wait at `now`; return what came of them.

    Safe to call at any time and from several processes at once. A server that does not answer costs nobody a mail.

    Raises:
        RuntimeError: called inside a transaction, where it could send what is then rolled back.
    """
    if connection.in_atomic_block:
        raise RuntimeError("mails are sent after the commit, never inside a transaction")
    report = SendReport(uncertain=outbox.give_up_expired(), dropped=outbox.drop_obsolete(now))
    todo = min(budget, outbox.waiting(now)[:budget].count())
    lines = min(settings.REMINDER_CONNECTIONS, ceil(todo / MAILS_PER_CONNECTION))
    if lines == 0:
        return report
    shares = [todo // lines + (i < todo % lines) for i in range(lines)]
    with ThreadPoolExecutor(lines, thread_name_prefix="mail") as pool:
        for part in pool.map(lambda share: _in_thread(share, now), shares):
            report += part
    return report


def _in_thread(share: int, now: dt.datetime) -> SendReport:
    try:
        with Line() as line:
            return _Sender(line, now).send(share)
    finally:
        connection.close()


@dataclass(slots=True)
class _Sender:
    """One connection at work. What became of a letter and the announcement of the next one share a commit."""

    line: Line
    now: dt.datetime
    report: SendReport = field(default_factory=SendReport)
    _unwritten: tuple[Reminder, Reply] | None = None

    def send(self, share: int) -> SendReport:
        while share > 0 and not self.report.trouble:
            batch = outbox.claim(min(BATCH, share), self.now)
            if not batch:
                break
            share -= len(batch)
            self._send_batch(batch)
        return self.report

    def _send_batch(self, batch: Sequence[Claimed]) -> None:
        remaining = iter(batch)
        try:
            self.line.open()
            for row, letter in remaining:
                self._send_one(row, letter)
                if self.report.trouble:
                    break
        except NoServer as error:
            self.report.trouble = str(error)
        finally:
            self._written(self._write_back())
            self._give_back(remaining)

    def _send_one(self, row: Reminder, letter: Letter) -> None:
        content = mail_bytes(letter, recipient=row.recipient, message_id=row.message_id, now=self.now)
        with transaction.atomic():
            status = self._write_back()
            mine = outbox.announce(row)
        self._written(status)
        if not mine:
            log.warning("reminder %s: claim lost before sending", row.pk)
            return
        reply = self.line.deliver(envelope_sender(), row.recipient, content)
        self._unwritten = (row, reply)
        if reply.verdict is Verdict.NO_SERVER:
            self.report.trouble = reply.words

    def _write_back(self) -> Reminder.Status | None:
        return outbox.write_back(*self._unwritten, self.now) if self._unwritten else None

    def _written(self, status: Reminder.Status | None) -> None:
        """Only once committed does the last letter's reply count as written."""
        self._unwritten = None
        if status:
            self.report.count(status)

    def _give_back(self, remaining: Iterator[Claimed]) -> None:
        rows = [row for row, _ in remaining]
        if self.report.trouble:
            outbox.put_off(rows, self.report.trouble, self.now)
        elif rows:
            outbox.release(rows)
