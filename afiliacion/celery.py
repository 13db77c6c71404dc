"""The Celery app. Tasks are wake-ups: they carry no truth, may be lost, doubled or late (docs/adr/0004)."""

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afiliacion.settings")

app = Celery("afiliacion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _log_as_the_office_does(**_: Any) -> None:
    """Celery's own handlers would not mask what personal data a line holds."""
    dictConfig(settings.LOGGING)
