"""Commit the results of all connections of a run, and their announcements, many to a commit, so that no connection waits for the database.

A connection announces its next letter while the server still reads the envelope; before the text goes out it waits for the permit.
"""

from __future__ import annotations

import datetime as dt
import logging
import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, Self

from django.db import DatabaseError, connection

from afiliacion.reminders.delivery.outbox import ClaimedMail
from afiliacion.reminders.delivery.pauses import NO_STREAK
from afiliacion.reminders.delivery.settle import settle
from afiliacion.reminders.delivery.smtp_replies import Reply
from afiliacion.reminders.models import MailPause, Reminder

log = logging.getLogger(__name__)

#: How long a record may wait for others to share its commit. An envelope takes longer.
_GATHER_SECONDS: Final = 0.004
_MOST: Final = 200
#: How long to wait for a database that restarts: the results of letters already handed over must not be lost.
_DATABASE_WAIT_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.5


@dataclass(slots=True)
class DeliveryRecord:
    """What one connection reports: the result of its last letter (if any), and which one comes next (if any)."""

    result: tuple[ClaimedMail, Reply] | None = None
    coming: ClaimedMail | None = None
    #: Whether the coming letter is still ours; set once committed.
    permit: Future[bool] = field(default_factory=Future)
    #: The status the last letter got; set once committed.
    status: Reminder.Status | None = None


class ResultWriter:
    """Commits records in the order they come, from a thread of its own; use it as a context manager."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self._streak = NO_STREAK
        #: The pause a result was reason for, if any; and how many letters it queued again that had been reported as failed.
        self.pause: MailPause | None = None
        self.put_back = 0
        self._records: queue.SimpleQueue[DeliveryRecord | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mail-writer")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._records.put(None)
        self._thread.join()

    def post(self, record: DeliveryRecord) -> DeliveryRecord:
        """Have `record` written soon; its permit says when."""
        self._records.put(record)
        return record

    def _run(self) -> None:
        try:
            while records := self._next_records():
                self._write(records)
        finally:
            connection.close()

    def _next_records(self) -> list[DeliveryRecord]:
        """Wait for a record and, a moment longer, for others to share its commit; empty when the run is over."""
        record = self._records.get()
        if record is None:
            return []
        records = [record]
        time.sleep(_GATHER_SECONDS)
        while len(records) < _MOST and not self._records.empty():
            following = self._records.get()
            if following is None:
                self._records.put(None)
                break
            records.append(following)
        return records

    def _write(self, records: list[DeliveryRecord]) -> None:
        try:
            ours = self._commit_with_retries(records)
        except DatabaseError as error:
            log.exception("what became of %s letters could not be written: they will be in doubt", len(records))
            for record in records:
                record.permit.set_exception(error)
            return
        for record in records:
            record.permit.set_result(record.coming is not None and record.coming.row.pk in ours)

    def _commit_with_retries(self, records: list[DeliveryRecord]) -> set[int]:
        until = time.monotonic() + _DATABASE_WAIT_SECONDS
        while True:
            try:
                return self._commit(records)
            except DatabaseError:
                connection.close()
                if time.monotonic() > until:
                    raise
                log.warning("the database does not answer; trying again", exc_info=True)
                time.sleep(_PAUSE_SECONDS)

    def _commit(self, records: list[DeliveryRecord]) -> set[int]:
        reporting = [record for record in records if record.result]
        coming = [record.coming for record in records if record.coming]
        settled = settle([record.result for record in reporting if record.result], coming, self._now, self._streak)
        for record, status in zip(reporting, settled.statuses, strict=True):
            record.status = status
        self._streak, self.pause, self.put_back = settled.streak, settled.pause or self.pause, self.put_back + settled.put_back
        return settled.ours
