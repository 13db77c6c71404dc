"""Who sends a large body: asked in a thread of the web server, before the body is read."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import close_old_connections


def is_user(session_key: str) -> bool:
    """Return whether this is the session of a user who is logged in."""
    close_old_connections()
    try:
        return SESSION_KEY in import_module(settings.SESSION_ENGINE).SessionStore(session_key).load()
    finally:
        close_old_connections()
