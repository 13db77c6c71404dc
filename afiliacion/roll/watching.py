"""Whoever cancels an import does not wait for its statements: what the database is doing for it is broken off."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from django.db import InterfaceError, OperationalError, connection

from afiliacion.roll.models import AT_WORK, Import

log = logging.getLogger(__name__)

#: Seconds between two looks, and how long the database may take to be told.
EVERY: Final = 1.0
_PATIENCE: Final = 5.0


class Watch:
    """Looks every second, on a connection of its own, whether an import is still wanted."""

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id
        self._minded: list[psycopg.Connection[object]] = []
        self._over = threading.Event()

    def mind(self) -> None:
        """Break off what this thread's connection does, once the import is not wanted any more."""
        connection.ensure_connection()
        self._minded.append(connection.connection)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Watch while the context lasts; this thread's connection is minded. Inside a transaction nobody else sees the import."""
        if connection.in_atomic_block:
            yield
            return
        self.mind()
        thread = threading.Thread(target=self._look, name="roll-watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _look(self) -> None:
        try:
            while not self._over.wait(EVERY):
                if not Import.objects.filter(pk=self._job_id, state__in=AT_WORK).exists():
                    for minded in list(self._minded):
                        minded.cancel_safe(timeout=_PATIENCE)
        except (OperationalError, InterfaceError, psycopg.Error):
            # The database went away: whoever works on the import finds out, too.
            log.warning("import %s is not watched any more", self._job_id, exc_info=True)
        finally:
            connection.close()
