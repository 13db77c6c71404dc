"""Notify the workers, after the commit, that there is work.

Best effort: if the message is lost, the next sweep (each minute) finds the row.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Final

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

SWEEP: Final = "afiliacion.operations.tasks.sweep"
#: Time limit of the broker, in seconds, without a second attempt: a person waits for the page.
SECONDS: Final = 1


def after_commit(task: str = SWEEP) -> None:
    """Send `task` (a Celery task name) when this transaction commits. Never raises."""
    transaction.on_commit(partial(publish, task))


def publish(task: str = SWEEP) -> bool:
    """Send `task` now, in at most SECONDS; return whether the broker took it."""
    try:
        with current_app.connection_for_write(connect_timeout=SECONDS, transport_options=_one_attempt()) as broker:
            current_app.send_task(task, connection=broker, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("no wake-up was published: %s", type(error).__name__)
        return False
    return True


def _one_attempt() -> dict[str, object]:
    """kombu retries to connect without end unless limited here, even with retry=False."""
    return {
        **current_app.conf.broker_transport_options,
        "max_retries": 0,
        "connect_retries_timeout": SECONDS,
        "socket_connect_timeout": SECONDS,
        "socket_timeout": SECONDS,
    }
