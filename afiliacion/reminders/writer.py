"""The one pen of a run: what became of letters and which go out next, many to a commit, while the connections wait for nobody.

A connection announces its next letter while the server still reads the envelope; before the text goes out it asks for the permit.
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

from afiliacion.reminders import outbox
from afiliacion.reminders.models import Reminder
from afiliacion.reminders.outbox import Claimed
from afiliacion.reminders.smtp import Reply

log = logging.getLogger(__name__)

#: How long a note may wait for others to share its commit. An envelope takes longer.
_GATHER_SECONDS: Final = 0.004
_MOST: Final = 200
#: A database that restarts is waited for: what we know of letters already handed over is worth more than a lease.
_PATIENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.5


@dataclass(slots=True)
class Note:
    """What one connection has to say: what became of its last letter (if any), and which one comes next (if any)."""

    told: tuple[Claimed, Reply] | None = None
    coming: Claimed | None = None
    #: Whether the coming letter is still ours; set once committed.
    permit: Future[bool] = field(default_factory=Future)
    #: The status the last letter got; set once committed.
    status: Reminder.Status | None = None


class Writer:
    """Commits notes in the order they come, from a thread of its own; use it as a context manager."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self._notes: queue.SimpleQueue[Note | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mail-writer")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._notes.put(None)
        self._thread.join()

    def post(self, note: Note) -> Note:
        """Have `note` written soon; its permit says when."""
        self._notes.put(note)
        return note

    def _run(self) -> None:
        try:
            while notes := self._some():
                self._write(notes)
        finally:
            connection.close()

    def _some(self) -> list[Note]:
        """The notes that wait, after a moment for others to come; none when the run is over."""
        note = self._notes.get()
        if note is None:
            return []
        notes = [note]
        time.sleep(_GATHER_SECONDS)
        while len(notes) < _MOST and not self._notes.empty():
            following = self._notes.get()
            if following is None:
                self._notes.put(None)
                break
            notes.append(following)
        return notes

    def _write(self, notes: list[Note]) -> None:
        try:
            ours = self._persistently(notes)
        except DatabaseError as error:
            log.exception("what became of %s letters could not be written: they will be in doubt", len(notes))
            for note in notes:
                note.permit.set_exception(error)
            return
        for note in notes:
            note.permit.set_result(note.coming is not None and note.coming.row.pk in ours)

    def _persistently(self, notes: list[Note]) -> set[int]:
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return self._commit(notes)
            except DatabaseError:
                connection.close()
                if time.monotonic() > until:
                    raise
                log.warning("the database does not answer; trying again", exc_info=True)
                time.sleep(_PAUSE_SECONDS)

    def _commit(self, notes: list[Note]) -> set[int]:
        reporting = [note for note in notes if note.told]
        coming = [note.coming for note in notes if note.coming]
        statuses, ours = outbox.settle([note.told for note in reporting if note.told], coming, self._now)
        for note, status in zip(reporting, statuses, strict=True):
            note.status = status
        return ours
