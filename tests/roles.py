"""As whom the tests use the database: all of them with the rights of the application's role, what prepares and clears with the owner's.

The session logs in as the owner (or, on a server that was named, as the user of its URL) and takes the application's role.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Identifier

from afiliacion.operations.servers.roles import APP

_AS_APP = f"-c role={APP}"


def act_as_application() -> None:
    """From now on, every connection of the tests has the application's rights."""
    connection.close()
    options = connection.settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} {_AS_APP}".strip()


def owners(settings: dict[str, Any]) -> dict[str, Any]:
    """A connection's settings, with the owner's rights."""
    options = dict(settings["OPTIONS"])
    options["options"] = str(options.get("options", "")).replace(_AS_APP, "").strip()
    return {**settings, "OPTIONS": options}


@contextmanager
def as_owner() -> Iterator[Any]:
    """Give a cursor with the owner's rights, in the test's own transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        try:
            yield cursor
        finally:
            # Rolled back, the session has its role again by itself.
            if connection.connection.info.transaction_status != TransactionStatus.INERROR:
                cursor.execute(SQL("SET ROLE {}").format(Identifier(APP)))


@contextmanager
def histories_open(tables: Iterable[str]) -> Iterator[Any]:
    """Give an owner's cursor for which the triggers of `tables` do not fire. In a transaction."""
    with as_owner() as cursor:
        switch = "ALTER TABLE {} {} TRIGGER USER"
        for what in ("DISABLE", "ENABLE"):
            for table in tables:
                cursor.execute(SQL(switch).format(Identifier(table), SQL(what)))
            if what == "DISABLE":
                yield cursor


def histories() -> list[str]:
    """The tables to which rows are only added."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'cases_append_only'::regproc")
        return [table for (table,) in cursor.fetchall()]
