"""The office's settings, with the files of its screens as they are in the checkout: nothing need be collected for a test."""

from afiliacion.settings import *  # noqa: F403 - that is what the module is for
from afiliacion.settings import STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
