"""The Celery app. Tasks only notify: they carry no data and may be lost, doubled or late (docs/adr/0004)."""

import os
from contextlib import suppress
from logging.config import dictConfig
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from afiliacion import broker
from afiliacion.environment import reading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afiliacion.settings")

#: Priority of a worker (nice: 0 like the web processes, 19 the lowest).
_NICE = 5

broker.install()
app = Celery("afiliacion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _log_as_the_office_does(**_: Any) -> None:
    """Log as settings.LOGGING says: Celery's own handlers would not mask personal data."""
    dictConfig(settings.LOGGING)


@celeryd_init.connect
@beat_init.connect
def _require_environment(**_: Any) -> None:
    """End a worker or beat that was started with settings no office may have."""
    reading.require(os.environ)


@celeryd_init.connect
def lower_priority(**_: Any) -> None:
    """Lower the priority of this process, of those it starts, and of their database backends.

    Loading a list or printing a thousand sheets would otherwise slow every page on a single machine.
    """
    _lower_priority_of(os.getpid())
    connection_created.connect(_lower_backend_priority)


def _lower_priority_of(process: int) -> None:
    os.setpriority(os.PRIO_PROCESS, process, max(_NICE, os.getpriority(os.PRIO_PROCESS, process)))
    if os.getsid(process) == process:
        # Linux may share the processor among sessions first, and the priority of a process counts only within its own: the session's is
        # then lowered too. Where there is no such thing, or it is not permitted, nothing is lost.
        with suppress(OSError):
            Path(f"/proc/{process}/autogroup").write_text(str(_NICE), encoding="ascii")


def _lower_backend_priority(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Lower the priority of this connection's backend, if it runs on this machine (as the embedded server does) and we may."""
    at = connection.connection.info
    with suppress(OSError):
        if at.host.startswith("/") and Path(f"/proc/{at.backend_pid}/comm").read_text(encoding="ascii") == "postgres\n":
            _lower_priority_of(at.backend_pid)
