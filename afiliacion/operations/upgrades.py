"""Refuse to upgrade a database from a version that is too old: one that lacks some migrations which no longer exist (docs/adr/0021)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

#: The last commit that has the migrations which were replaced.
LAST_WITH_THEM: Final = "3305cea"


@register(Tags.database)
def too_old(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Return an error for each migration that replaces some that a database has and some that it has not. `migrate` asks first.

    Django would leave such a migration out, and what the database lacks would be noticed by its absence, if at all.
    """
    replacements = MigrationLoader(None).replacements
    return [
        _told(app)
        for alias in databases or ()
        for applied in [MigrationRecorder(connections[alias]).applied_migrations()]
        for (app, _name), migration in replacements.items()
        if len({replaced in applied for replaced in migration.replaces}) > 1
    ]


def _told(app: str) -> CheckMessage:
    return Error(
        f"La base de datos es de una versión demasiado antigua: le faltan migraciones de «{app}» que ya no existen por separado.",
        hint=f"Actualice primero con la versión {LAST_WITH_THEM} (git checkout {LAST_WITH_THEM}; ./run manage migrate) y después con ésta.",
        id="operations.E001",
    )
