"""Connections to the database beside Django's own: for LISTEN, which needs one for itself and asynchronously."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

#: What Django adds for its own cursors; the rest is libpq's.
_OF_DJANGO: Final = frozenset({"context", "cursor_factory", "prepare_threshold"})


def connection_parameters() -> dict[str, Any]:
    """Return the parameters Django connects with: server, role, and every option of the settings (sslmode, target_session_attrs, …)."""
    return {name: value for name, value in connection.get_connection_params().items() if name not in _OF_DJANGO}
