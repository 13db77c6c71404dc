"""The Celery app. Tasks are wake-ups: they carry no truth, may be lost, doubled or late (docs/adr/0004)."""

import os
from contextlib import suppress
from logging.config import dictConfig
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afiliacion.settings")

#: How much a worker gives way to whoever serves people (nice: 0 as they, 19 the most).
_NICE = 5

app = Celery("afiliacion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _log_as_the_office_does(**_: Any) -> None:
    """Celery's own handlers would not mask what personal data a line holds."""
    dictConfig(settings.LOGGING)


@celeryd_init.connect
def give_way(**_: Any) -> None:
    """Let whoever serves people have the processor before this process, those it starts from now on, and what the database does for them.

    Loading a list or printing a thousand sheets would otherwise slow every page on a machine that does it all.
    """
    _let_others_first(os.getpid())
    connection_created.connect(_let_others_first_there)


def _let_others_first(process: int) -> None:
    os.setpriority(os.PRIO_PROCESS, process, max(_NICE, os.getpriority(os.PRIO_PROCESS, process)))
    if os.getsid(process) == process:
        # Linux may share the processor among sessions first, where the priority of a process counts only within its own: its session
        # then gives way as a whole. Where there is no such thing, or we may not, nothing is lost.
        with suppress(OSError):
            Path(f"/proc/{process}/autogroup").write_text(str(_NICE), encoding="ascii")


def _let_others_first_there(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """The database's own process for this connection, if it runs beside ours, as the embedded one does; if it may be told."""
    at = connection.connection.info
    with suppress(OSError):
        if at.host.startswith("/") and Path(f"/proc/{at.backend_pid}/comm").read_text(encoding="ascii") == "postgres\n":
            _let_others_first(at.backend_pid)
