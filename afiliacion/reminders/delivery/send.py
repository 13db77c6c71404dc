"""Send the mails that were queued and committed, over a few reused connections, each at most once.

One thread claims and composes letters, each connection has a thread that delivers them, and one ResultWriter commits for all.
"""

from __future__ import annotations

import datetime as dt
import logging
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Final, Self

from django.conf import settings
from django.db import DatabaseError, connection

from afiliacion.reminders.delivery import outbox, pauses
from afiliacion.reminders.delivery.mime import mail_bytes
from afiliacion.reminders.delivery.outbox import ClaimedMail, Closed
from afiliacion.reminders.delivery.rate import SendRate
from afiliacion.reminders.delivery.result_writer import DeliveryRecord, ResultWriter
from afiliacion.reminders.delivery.smtp import NoServer, SmtpConnection, envelope_sender
from afiliacion.reminders.delivery.smtp_replies import Reply, SmtpVerdict
from afiliacion.reminders.models import MailPause, Reminder
from afiliacion.stopping import never

log = logging.getLogger(__name__)

#: Rows claimed at a time: far fewer than fit into a lease, so that a dead sender holds up few.
BATCH: Final = 100
#: Of the first claim, so that the connections begin at once; also what a server that is not there puts off.
FIRST: Final = 20
#: A further connection is opened for each so many mails.
MAILS_PER_CONNECTION: Final = 100
#: A connection thread woken by the server must not wait five milliseconds for the thread that composes letters.
_SWITCH_SECONDS: Final = 0.0005
_TICK_SECONDS: Final = 0.2


@dataclass(slots=True)
class SendReport:
    """How many mails ended how. `postponed`: temporary refusals, tried again later; `trouble`: why the run stopped early, or empty."""

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


def send_due(now: dt.datetime, budget: int, stop: Callable[[], bool] = never) -> SendReport:
    """Send at most `budget` of the mails due at `now` (aware); return how they ended.

    Safe to call at any time and from several processes at once. While a pause is in force it sends nothing. A server that does not answer
    uses up no attempt. Once `stop` returns True, letters already begun are finished and the others given back.

    Raises:
        RuntimeError: called inside a transaction, where it could send what is then rolled back.
    """
    if connection.in_atomic_block:
        raise RuntimeError("mails are sent after the commit, never inside a transaction")
    report = SendReport(uncertain=outbox.give_up_expired(), dropped=outbox.drop_obsolete(now))
    if pause := MailPause.in_force(now):
        report.trouble = pauses.sentence(pause)
        return report
    closed, rate = Closed.at(now), SendRate(settings.REMINDER_PER_MINUTE)
    most = min(budget, rate.a_minute) if rate.a_minute else budget
    todo = outbox.waiting(now, closed)[:most].count()
    connections = min(settings.REMINDER_CONNECTIONS, ceil(todo / MAILS_PER_CONNECTION))
    if connections:
        report += _SendRun(now, closed, rate, connections, stop).send(todo)
    return report


def waiting_for_their_hour(now: dt.datetime) -> int:
    """Count the queued mails that may not go out before some moment after `now`."""
    return Reminder.objects.filter(status=Reminder.Status.QUEUED, part_of=None, send_after__gt=now).count()


class _SendRun:
    """One run of a few connections."""

    def __init__(self, now: dt.datetime, closed: Closed, rate: SendRate, connections: int, stop: Callable[[], bool]) -> None:
        self.now, self.closed, self.rate, self.stop = now, closed, rate, stop
        self.connections = connections
        self.letters: queue.Queue[tuple[ClaimedMail, bytes] | None] = queue.Queue(maxsize=2 * BATCH)
        self.trouble: list[str] = []
        self.over, self.told_to_stop = threading.Event(), threading.Event()
        self.writer = ResultWriter(now)

    def send(self, todo: int) -> SendReport:
        report = SendReport()
        with _nimble_threads(), self.writer as writer, ThreadPoolExecutor(self.connections, thread_name_prefix="mail") as pool:
            senders = [pool.submit(_Sender(self, writer).run) for _ in range(self.connections)]
            try:
                self._feed(todo)
            finally:
                self._no_more()
            for done in senders:
                report += done.result()
            self._drain()
        report.failed -= writer.put_back
        report.postponed += writer.put_back
        report.trouble = pauses.sentence(writer.pause) if writer.pause else next(iter(self.trouble), "")
        return report

    @property
    def stopping(self) -> bool:
        return bool(self.trouble) or self.told_to_stop.is_set() or self.writer.pause is not None or self.stop()

    def _feed(self, todo: int) -> None:
        """Claim, compose and hand out letters; give back what was claimed and not handed out."""
        # The first few go out while the next are still being written.
        most = max(FIRST, self.connections)
        while todo > 0 and not self.stop():
            batch = outbox.claim(min(most, todo, self.rate.batch), self.now, self.closed)
            most = BATCH
            if not batch:
                return
            todo -= len(batch)
            slots = self.rate.reserve(len(batch))
            for n, claimed in enumerate(batch):
                if not (self._wait_until(slots[n]) and self._hand_out(claimed)):
                    self._give_back(batch[n:])
                    return

    def _hand_out(self, claimed: ClaimedMail) -> bool:
        content = mail_bytes(claimed.letter, recipient=claimed.row.recipient, message_id=claimed.row.message_id, now=self.now)
        while not self.stopping:
            try:
                self.letters.put((claimed, content), timeout=_TICK_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def _wait_until(self, moment: float) -> bool:
        """Wait for a letter's slot; False if the run stops first."""
        while (left := moment - time.monotonic()) > 0 and not self.stopping:
            time.sleep(min(left, _TICK_SECONDS))
        return not self.stopping

    def _no_more(self) -> None:
        """Let the connections finish what is handed out; on trouble, or asked to stop, only what each has begun."""
        if self.stopping:
            self._drain()
        self.over.set()

    def _drain(self) -> None:
        left = []
        while True:
            try:
                item = self.letters.get_nowait()
            except queue.Empty:
                break
            left.append(item[0] if item else None)
        self._give_back([claimed for claimed in left if claimed])

    def _give_back(self, batch: list[ClaimedMail]) -> None:
        rows = [claimed.row for claimed in batch]
        if self.trouble:
            outbox.put_off(rows, self.trouble[0], self.now)
        elif rows:
            outbox.release(rows)

    def next_letter(self) -> tuple[ClaimedMail, bytes] | None:
        """The next letter to hand over, or None when there will be no more."""
        while not self.stopping:
            try:
                return self.letters.get(timeout=_TICK_SECONDS / 10 if self.over.is_set() else _TICK_SECONDS)
            except queue.Empty:
                if self.over.is_set():
                    return None
        return None


class _Sender:
    """One connection thread: the result of a letter and the announcement of the next one share a record."""

    def __init__(self, run: _SendRun, writer: ResultWriter) -> None:
        self._run, self._writer = run, writer
        self._records: list[DeliveryRecord] = []
        self._last: tuple[ClaimedMail, Reply] | None = None

    def run(self) -> SendReport:
        with SmtpConnection() as smtp:
            try:
                smtp.open()
                while letter := self._run.next_letter():
                    self._send_letter(smtp, *letter)
            except NoServer as error:
                self._run.trouble.append(str(error))
            finally:
                self._record(None).permit.exception()
        report = SendReport()
        for record in self._records:
            if record.status:
                report.count(record.status)
        return report

    def _send_letter(self, smtp: SmtpConnection, claimed: ClaimedMail, content: bytes) -> None:
        record = self._record(claimed)
        reply = smtp.deliver(envelope_sender(), claimed.row.recipient, content, lambda: self._permitted(record))
        # Refused before its text: the permit, not waited for until now, still says whether the row is ours to write.
        if reply.verdict is SmtpVerdict.NOT_OURS or not self._permitted(record):
            log.warning("reminder %s: claim lost before sending", claimed.row.pk)
            return
        self._last = (claimed, reply)
        if reply.verdict is SmtpVerdict.NO_SERVER:
            self._run.trouble.append(reply.words)
        elif reply.verdict is SmtpVerdict.STOP:
            self._run.told_to_stop.set()

    def _record(self, coming: ClaimedMail | None) -> DeliveryRecord:
        record = self._writer.post(DeliveryRecord(self._last, coming))
        self._last = None
        self._records.append(record)
        return record

    def _permitted(self, record: DeliveryRecord) -> bool:
        try:
            return record.permit.result()
        except DatabaseError as error:
            self._run.trouble.append(f"La base de datos no responde: {error}")
            return False


@contextmanager
def _nimble_threads() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
