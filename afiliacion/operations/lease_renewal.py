"""Renewal of a lease while the work under it makes progress: work that hangs or dies loses the lease."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection

log = logging.getLogger(__name__)


class LeaseRenewal:
    """A thread that calls `renew` every so many seconds, if the work has reported progress since: `with LeaseRenewal(renew, 300) as it`."""

    def __init__(self, renew: Callable[[], object], every_seconds: float) -> None:
        """`renew` is called in the thread, on its own database connection; a lost connection is tried again the next time."""
        self._renew, self._every = renew, every_seconds
        self._progressed, self._ended = Event(), Event()
        self._thread = Thread(target=self._run, name="lease-renewal", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def progress(self) -> None:
        """Report progress. Cheap, and safe in any thread."""
        self._progressed.set()

    def watch(self, stop: Callable[[], bool]) -> Callable[[], bool]:
        """Return `stop` such that each call of it reports progress: work that asks whether to stop goes on."""

        def polled() -> bool:
            self.progress()
            return stop()

        return polled

    def _run(self) -> None:
        try:
            while not self._ended.wait(self._every):
                if self._progressed.is_set():
                    self._progressed.clear()
                    self._try_to_renew()
        finally:
            connection.close()

    def _try_to_renew(self) -> None:
        try:
            self._renew()
        except DatabaseError as error:
            log.warning("a lease was not renewed: %s", type(error).__name__)
            connection.close()
