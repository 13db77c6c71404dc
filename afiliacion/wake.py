"""A wake-up for the workers: best effort, after the commit. Lost, the sweep of the next minute finds the row all the same.

Every room may use it; it knows none of them.
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
#: Whoever asked is waiting for a page: the broker gets one second and no second chance.
SECONDS: Final = 1


def after_commit(task: str = SWEEP) -> None:
    """Have a worker look for what is due as soon as this transaction is committed. Never raises, never holds up the caller."""
    transaction.on_commit(partial(publish, task))


def publish(task: str = SWEEP) -> bool:
    """Send the wake-up now; whether it was handed over."""
    try:
        with current_app.connection_for_write(connect_timeout=SECONDS, transport_options=_impatient()) as broker:
            current_app.send_task(task, connection=broker, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("no wake-up was published: %s", type(error).__name__)
        return False
    return True


def _impatient() -> dict[str, object]:
    """kombu tries for ever to connect unless told how often, even with retry=False."""
    return {
        **current_app.conf.broker_transport_options,
        "max_retries": 0,
        "connect_retries_timeout": SECONDS,
        "socket_connect_timeout": SECONDS,
        "socket_timeout": SECONDS,
    }
