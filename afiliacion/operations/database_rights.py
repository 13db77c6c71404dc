"""Give the application's database role its rights (sql/rights.sql) after each migration, as the owner of the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.sql import SQL, Identifier

_RIGHTS: Final = Path(__file__).parent / "sql" / "rights.sql"
#: Only migrations write them.
READ_ONLY: Final = ("django_migrations", "cases_transition")


def grant(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Give the role of DATABASE_APP_ROLE its rights. Return False if there is none or it owns the tables, and keeps all rights.

    Raises CommandError if the role does not exist or we may not give rights on the tables.
    """
    role = settings.DATABASE_APP_ROLE
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_user, to_regrole(%s) IS NOT NULL", [role or "-"])
        user, exists = cursor.fetchone()
        if not role or role == user:
            return False
        if not exists:
            raise CommandError(f"Falta el usuario «{role}» de DATABASE_URL en PostgreSQL. Créelo: vea docs/operations.md, «Servidores».")
        names = {"app": Identifier(role), "read_only": SQL(", ").join(map(Identifier, READ_ONLY))}
        cursor.execute(SQL(_RIGHTS.read_text(encoding="utf-8")).format(**names))
    return True


def grant_after_migration(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Receiver of post_migrate."""
    grant(using)
