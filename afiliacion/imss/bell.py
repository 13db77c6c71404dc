"""What one worker must hear at once from the others: a pause IMSS asked for, the kill switch, a newcomer. The database rings (NOTIFY).

Only for speed: whoever misses it reads the same in the rows before the next claim.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import psycopg
from django.db import connection

log = logging.getLogger(__name__)

CHANNEL: Final = "imss"
#: What is rung: stop asking until the rows have been read again; or only read them again.
STOP, LOOK = "stop", "look"
_AGAIN_SECONDS: Final = 1.0


@asynccontextmanager
async def listening(stop: Callable[[], None], look: Callable[[], None]) -> AsyncIterator[None]:
    """Call `stop` or `look` whenever another worker (or an officer) gives cause, until the end of the block."""
    ear = asyncio.create_task(_listen(stop, look))
    try:
        yield
    finally:
        ear.cancel()
        with suppress(asyncio.CancelledError):
            await ear


async def _listen(stop: Callable[[], None], look: Callable[[], None]) -> None:
    """Again and again, should the line break: the rows say the same, only up to a claim's time later."""
    while True:
        try:
            await _hear(stop, look)
        except psycopg.OperationalError as error:
            log.warning("the bell is not heard: %s", type(error).__name__)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _hear(stop: Callable[[], None], look: Callable[[], None]) -> None:
    """Until the line breaks. Read from its socket as it comes: psycopg's own `notifies()` can swallow that we want to stop."""
    loop = asyncio.get_running_loop()
    broken = loop.create_future()
    line = await psycopg.AsyncConnection.connect(autocommit=True, **_where())
    socket = line.fileno()

    def read() -> None:
        try:
            line.pgconn.consume_input()
        except psycopg.OperationalError as error:
            loop.remove_reader(socket)
            broken.set_exception(error)
        while rung := line.pgconn.notifies():
            (stop if rung.extra.decode() == STOP else look)()

    try:
        line.pgconn.exec_(f"LISTEN {CHANNEL}".encode())
        loop.add_reader(socket, read)
        await broken
    finally:
        loop.remove_reader(socket)
        await line.close()


def _where() -> dict[str, Any]:
    known = connection.get_connection_params()
    return {name: known[name] for name in ("dbname", "user", "password", "host", "port", "options") if known.get(name)}
