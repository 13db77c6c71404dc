"""Sending what has been decided and committed: over a few reused connections, each letter at most once.

One thread claims and writes letters, each connection has a thread that hands them over, and one pen (writer.py) commits for all.
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

from afiliacion.reminders import outbox
from afiliacion.reminders.models import Reminder
from afiliacion.reminders.outbox import Claimed, Closed
from afiliacion.reminders.pace import Pace
from afiliacion.reminders.smtp import Line, NoServer, Reply, Verdict, envelope_sender, mail_bytes
from afiliacion.reminders.writer import Note, Writer

log = logging.getLogger(__name__)

#: Rows claimed at a time: far fewer than fit into a lease, so that a dead sender holds up few.
BATCH: Final = 100
#: Of the first claim, so that the connections begin at once; also what a server that is not there puts off.
FIRST: Final = 20
#: A further connection is opened for each so many mails.
MAILS_PER_CONNECTION: Final = 100
#: A connection woken by the server must not wait five milliseconds for whoever is writing a letter.
_SWITCH_SECONDS: Final = 0.0005
_TICK_SECONDS: Final = 0.2


def never() -> bool:
    """Nobody asks to stop."""
    return False


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


def send_due(now: dt.datetime, budget: int, stop: Callable[[], bool] = never) -> SendReport:
    """Send at most `budget` of the mails that wait at `now`; return what came of them.

    Safe to call at any time and from several processes at once. A server that does not answer costs nobody a mail. Once `stop`
    says so, letters already begun are finished and the others given back.

    Raises:
        RuntimeError: called inside a transaction, where it could send what is then rolled back.
    """
    if connection.in_atomic_block:
        raise RuntimeError("mails are sent after the commit, never inside a transaction")
    report = SendReport(uncertain=outbox.give_up_expired(), dropped=outbox.drop_obsolete(now))
    closed, pace = Closed.at(now), Pace(settings.REMINDER_PER_MINUTE)
    most = min(budget, pace.a_minute) if pace.a_minute else budget
    todo = outbox.waiting(now, closed)[:most].count()
    lines = min(settings.REMINDER_CONNECTIONS, ceil(todo / MAILS_PER_CONNECTION))
    if lines:
        report += _Run(now, closed, pace, lines, stop).send(todo)
    return report


def waiting_for_their_hour(now: dt.datetime) -> int:
    """How many mails are decided and wait for a moment after `now`."""
    return Reminder.objects.filter(status=Reminder.Status.QUEUED, part_of=None, send_after__gt=now).count()


class _Run:
    """One run of a few connections."""

    def __init__(self, now: dt.datetime, closed: Closed, pace: Pace, lines: int, stop: Callable[[], bool]) -> None:
        self.now, self.closed, self.pace, self.stop = now, closed, pace, stop
        self.lines = lines
        self.letters: queue.Queue[tuple[Claimed, bytes] | None] = queue.Queue(maxsize=2 * BATCH)
        self.trouble: list[str] = []
        self.over = threading.Event()

    def send(self, todo: int) -> SendReport:
        report = SendReport()
        with _nimble_threads(), Writer(self.now) as writer, ThreadPoolExecutor(self.lines, thread_name_prefix="mail") as pool:
            connections = [pool.submit(_Sender(self, writer).run) for _ in range(self.lines)]
            try:
                self._feed(todo)
            finally:
                self._no_more()
            for done in connections:
                report += done.result()
            self._drain()
        report.trouble = next(iter(self.trouble), "")
        return report

    @property
    def stopping(self) -> bool:
        return bool(self.trouble) or self.stop()

    def _feed(self, todo: int) -> None:
        """Claim, write and hand out letters; whatever was claimed and not handed out is given back."""
        # The first few go out while the next are still being written.
        most = max(FIRST, self.lines)
        while todo > 0 and not self.stop():
            batch = outbox.claim(min(most, todo, self.pace.batch), self.now, self.closed)
            most = BATCH
            if not batch:
                return
            todo -= len(batch)
            slots = self.pace.reserve(len(batch))
            for n, claimed in enumerate(batch):
                if not (self._wait_until(slots[n]) and self._hand_out(claimed)):
                    self._give_back(batch[n:])
                    return

    def _hand_out(self, claimed: Claimed) -> bool:
        content = mail_bytes(claimed.letter, recipient=claimed.row.recipient, message_id=claimed.row.message_id, now=self.now)
        while not self.stopping:
            try:
                self.letters.put((claimed, content), timeout=_TICK_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def _wait_until(self, moment: float) -> bool:
        """Wait for a letter's turn; False if the run stops first."""
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

    def _give_back(self, batch: list[Claimed]) -> None:
        rows = [claimed.row for claimed in batch]
        if self.trouble:
            outbox.put_off(rows, self.trouble[0], self.now)
        elif rows:
            outbox.release(rows)

    def next_letter(self) -> tuple[Claimed, bytes] | None:
        """The next letter to hand over, or None when there will be no more."""
        while not self.stopping:
            try:
                return self.letters.get(timeout=_TICK_SECONDS / 10 if self.over.is_set() else _TICK_SECONDS)
            except queue.Empty:
                if self.over.is_set():
                    return None
        return None


class _Sender:
    """One connection at work: what became of a letter and the announcement of the next one share a note."""

    def __init__(self, run: _Run, writer: Writer) -> None:
        self._run, self._writer = run, writer
        self._notes: list[Note] = []
        self._last: tuple[Claimed, Reply] | None = None

    def run(self) -> SendReport:
        with Line() as line:
            try:
                line.open()
                while letter := self._run.next_letter():
                    self._hand_over(line, *letter)
            except NoServer as error:
                self._run.trouble.append(str(error))
            finally:
                self._note(None).permit.exception()
        report = SendReport()
        for note in self._notes:
            if note.status:
                report.count(note.status)
        return report

    def _hand_over(self, line: Line, claimed: Claimed, content: bytes) -> None:
        note = self._note(claimed)
        reply = line.deliver(envelope_sender(), claimed.row.recipient, content, lambda: self._permitted(note))
        # Refused before its text: the permit, which nobody had to wait for, still says whether the row is ours to write.
        if reply.verdict is Verdict.NOT_OURS or not self._permitted(note):
            log.warning("reminder %s: claim lost before sending", claimed.row.pk)
            return
        self._last = (claimed, reply)
        if reply.verdict is Verdict.NO_SERVER:
            self._run.trouble.append(reply.words)

    def _note(self, coming: Claimed | None) -> Note:
        note = self._writer.post(Note(self._last, coming))
        self._last = None
        self._notes.append(note)
        return note

    def _permitted(self, note: Note) -> bool:
        try:
            return note.permit.result()
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
