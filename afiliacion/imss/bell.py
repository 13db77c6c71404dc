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
    try:
        async with await psycopg.AsyncConnection.connect(autocommit=True, **_where()) as line:
            await line.execute(f"LISTEN {CHANNEL}")
            async for rung in line.notifies():
                (stop if rung.payload == STOP else look)()
    except psycopg.OperationalError as error:
        # The rows say the same; only up to a claim's time later.
        log.warning("the bell is not heard: %s", type(error).__name__)


def _where() -> dict[str, Any]:
    known = connection.get_connection_params()
    return {name: known[name] for name in ("dbname", "user", "password", "host", "port", "options") if known.get(name)}
