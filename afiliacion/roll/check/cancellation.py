"""Cancels the statements of an import that is not wanted any more, so that the person who cancels it does not wait for them."""

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


class CancellationWatch:
    """Looks every second, on a connection of its own, whether an import is still wanted."""

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id
        self._connections: list[psycopg.Connection[object]] = []
        self._over = threading.Event()

    def cancel_this_connection_on_abort(self) -> None:
        """Break off what this thread's connection does, once the import is not wanted any more."""
        connection.ensure_connection()
        self._connections.append(connection.connection)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the context lasts; this thread's statements are cancelled. Inside a transaction no other connection can see the
        import, so nothing is watched."""
        if connection.in_atomic_block:
            yield
            return
        self.cancel_this_connection_on_abort()
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
                    for each in list(self._connections):
                        each.cancel_safe(timeout=_PATIENCE)
        except (OperationalError, InterfaceError, psycopg.Error):
            # The database went away: the worker on the import finds out, too.
            log.warning("import %s is not watched any more", self._job_id, exc_info=True)
        finally:
            connection.close()
