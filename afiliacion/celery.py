"""The Celery app. Tasks are wake-ups: they carry no truth, may be lost, doubled or late (docs/adr/0004)."""

import os
from contextlib import suppress
from logging.config import dictConfig
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging
from django.conf import settings

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
    """Let whoever serves people have the processor before this process and those it starts from now on.

    Loading a list or printing a thousand sheets would otherwise slow every page on a machine that does it all.
    """
    os.setpriority(os.PRIO_PROCESS, 0, max(_NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    if os.getsid(0) == os.getpid():
        # Linux may share the processor among sessions first, where the priority of a process counts only within its own: ours then
        # gives way as a whole. Where there is no such thing, or we may not, nothing is lost.
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(_NICE), encoding="ascii")
