"""LISTEN/NOTIFY: what a worker learns at once from the others: a pause IMSS asked for, the kill switch, a new worker.

Triggers of the database send the notifications. They are for speed only: a worker that misses one reads the same in the rows before its
next claim.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import psycopg

from afiliacion.database.connections import connection_parameters

log = logging.getLogger(__name__)

CHANNEL: Final = "imss"
#: Payloads. STOP: send no request until the rows have been read again; LOOK: read the rows again.
STOP, LOOK = "stop", "look"
_RECONNECT_SECONDS: Final = 1.0


@asynccontextmanager
async def listening(on_stop: Callable[[], None], on_look: Callable[[], None]) -> AsyncIterator[None]:
    """Call `on_stop` or `on_look` for every notification, until the end of the block. A lost connection is opened again."""
    listener = asyncio.create_task(_listen(on_stop, on_look))
    try:
        yield
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener


async def _listen(on_stop: Callable[[], None], on_look: Callable[[], None]) -> None:
    while True:
        try:
            await _receive(on_stop, on_look)
        except psycopg.OperationalError as error:
            log.warning("no notifications are received: %s", type(error).__name__)
        await asyncio.sleep(_RECONNECT_SECONDS)


async def _receive(on_stop: Callable[[], None], on_look: Callable[[], None]) -> None:
    """Receive notifications until the connection breaks (raises psycopg.OperationalError).

    Read from the socket as they come: psycopg's own `notifies()` can swallow a cancellation.
    """
    loop = asyncio.get_running_loop()
    broken = loop.create_future()
    line = await psycopg.AsyncConnection.connect(autocommit=True, **connection_parameters())
    socket = line.fileno()

    def read() -> None:
        try:
            line.pgconn.consume_input()
        except psycopg.OperationalError as error:
            loop.remove_reader(socket)
            broken.set_exception(error)
        while received := line.pgconn.notifies():
            (on_stop if received.extra.decode() == STOP else on_look)()

    try:
        line.pgconn.exec_(f"LISTEN {CHANNEL}".encode())
        loop.add_reader(socket, read)
        await broken
    finally:
        loop.remove_reader(socket)
        await line.close()
