"""What the migrations leave in the database, and how a test that committed is followed by it again."""

from __future__ import annotations

from django.db import connection, transaction
from psycopg.sql import SQL, Composable, Identifier

from tests import roles


class Sown:
    """The rows of a database just migrated."""

    def __init__(self) -> None:
        self._tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self._histories = roles.histories()
        self._rows = {table: _rows(table) for table in _with_rows(self._tables)}

    def clear(self) -> None:
        """Give every table a file of its own, in the transaction of a test that is not to see what others left: dead rows, statistics."""
        with roles.histories_open(self._histories) as cursor:
            cursor.execute(_truncate(self._tables))
        self._refill()

    def restore(self) -> None:
        """Leave these rows in the database and no others. Tables nothing was written to are not touched."""
        full = _with_rows(self._tables)
        changed = [table for table in full if table not in self._rows or _rows(table) != self._rows[table]]
        with transaction.atomic():
            if changed:
                with roles.histories_open(self._histories) as cursor:
                    cursor.execute(_truncate(changed))
            self._refill()

    def _refill(self) -> None:
        full = _with_rows([*self._rows])
        with roles.as_owner() as cursor:
            for table in [table for table in self._rows if table not in full]:
                with cursor.copy(SQL("COPY {} FROM STDIN").format(Identifier(table))) as copy:
                    copy.write(self._rows[table])


def _truncate(tables: list[str]) -> Composable:
    # What refers to them is empty, or is refilled.
    return SQL("TRUNCATE {} CASCADE").format(SQL(", ").join(map(Identifier, tables)))


def _with_rows(tables: list[str]) -> list[str]:
    asked = [SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(table, Identifier(table)) for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(SQL(" UNION ALL ").join(asked))
        return [table for [table] in cursor.fetchall()]


def _rows(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(SQL("COPY {} TO STDOUT").format(Identifier(table))) as copy:
        return b"".join(map(bytes, copy))
