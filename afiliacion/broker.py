"""What the office asks more of the broker than Celery does: unreadable messages end no worker, and wake-ups do not pile up.

Anything may be written into the broker's list. kombu decodes a message in the worker's event loop, where an error ends the process.
"""

from __future__ import annotations

import logging
from queue import Empty
from typing import Any, Final

from celery.beat import PersistentScheduler
from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

#: What decoding raises: no text, no JSON, no object, a field missing, a body that is not Base64.
_UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError)
#: How many of the oldest waiting messages the clock looks at.
_LOOKED_AT: Final = 100


class Channel(redis.Channel):
    """A channel that discards what it cannot read. Its content is not logged: it may hold personal data."""

    def _brpop_read(self, **options: Any) -> bool:
        try:
            return bool(super()._brpop_read(**options))  # type: ignore[misc]  # unknown to kombu's types
        except _UNREADABLE as error:
            # It has been taken off the list already. To the event loop it is as if nothing had come.
            log.warning("an unreadable message of the broker was discarded: %s", type(error).__name__)
            raise Empty from error


class Transport(redis.Transport):
    """kombu's transport with that channel."""

    Channel = Channel


def install() -> None:
    """Have URLs redis:, rediss: and redis+socket: use this transport."""
    TRANSPORT_ALIASES.update(redis=f"{__name__}:Transport", rediss=f"{__name__}:Transport")


class BeatScheduler(PersistentScheduler):
    """Sends no wake-up of which one waits already: while no worker takes them, they do not pile up.

    Not Celery's `expires`, which the worker's clock decides: a worker whose clock is ahead would discard all of them.
    """

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        """Send the entry's message, unless one waits; return Celery's result, or None."""
        if not self._is_waiting(entry.task):
            return super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        if advance:
            self.reserve(entry)
        return None

    def _is_waiting(self, task: str) -> bool:
        """Whether a message of this task is among the oldest in the queue."""
        try:
            with self.app.connection_for_read() as connection:
                channel: Any = connection.default_channel
                waiting = channel.client.lrange(self.app.conf.task_default_queue, -_LOOKED_AT, -1)
        except (OperationalError, RedisError, OSError):
            # Sending fails as well, and says so.
            return False
        return any(task.encode() in message for message in waiting)
