"""Retry of a transaction that the database interrupted: a deadlock, a timeout, or a server that went away for a moment."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, connection

log = logging.getLogger(__name__)
T = TypeVar("T")

#: How often a transaction is tried that the database interrupts while it is well: a deadlock, a timeout.
_TRIES: Final = 3
#: How long a database that went away is waited for, and how often it is tried.
_PATIENCE_SECONDS: Final = 30.0
_AGAIN_SECONDS: Final = 0.5


class _Interrupted(Exception):
    """The database interrupted a transaction, or is `gone`; the connection is closed."""

    def __init__(self, why: str, *, gone: bool) -> None:
        super().__init__(why)
        self.gone = gone


async def retry_interrupted(work: Callable[[], T]) -> T:
    """Return the result of `work`, a whole transaction, tried again if the database interrupts it: it must be safe to repeat.

    Raises:
        _Interrupted: interrupted `_TRIES` times, or the database stayed away for longer than `_PATIENCE_SECONDS`.
    """
    until, tries = time.monotonic() + _PATIENCE_SECONDS, 0
    while True:
        try:
            return await sync_to_async(_once)(work)
        except _Interrupted as error:
            tries += not error.gone
            if tries == _TRIES or time.monotonic() > until:
                raise
            log.warning("the database interrupted a transaction, trying again: %s", error)
            await asyncio.sleep(_AGAIN_SECONDS)


def _once(work: Callable[[], T]) -> T:
    try:
        return work()
    except (OperationalError, InterfaceError) as error:
        if connection.in_atomic_block:
            raise
        gone = connection.connection is None or connection.connection.closed
        connection.close()
        raise _Interrupted(type(error.__cause__ or error).__name__, gone=gone) from error
