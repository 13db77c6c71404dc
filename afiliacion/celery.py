"""The Celery app. Tasks are wake-ups: they carry no truth, may be lost, doubled or late (docs/adr/0004)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afiliacion.settings")

app = Celery("afiliacion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
