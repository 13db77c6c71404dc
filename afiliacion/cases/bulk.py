"""Set-based writes that Django's own are too slow for: COPY many rows in, UPDATE many rows each with its own values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from students.together import Given

if TYPE_CHECKING:
    Lookup = models.Lookup[Any]
else:
    # Generic for the type checker only.
    Lookup = models.Lookup


@models.Field.register_lookup
class Among(Lookup):
    """`pk__among=[…]`: what `__in` finds, the list being one parameter: hundreds of placeholders cost more than the query."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.rel_db_type(connection)
        values = self.rhs if isinstance(self.rhs, Given) else list(self.rhs)
        return f"{column} = ANY(%s::{kind}[])", (*parameters, values)


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model by COPY. Their keys, if the database gives them, are not read back."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not (field.generated or (field.primary_key and rows[0].pk is None))]
    copy_in(
        rows[0]._meta.db_table,
        [str(field.column) for field in fields],
        zip(*(_values(field, [getattr(row, field.attname) for row in rows]) for field in fields), strict=True),
    )


def copy_in(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows, given as the database takes them (JSON as text), into these columns of a table."""
    names = ", ".join(map(connection.ops.quote_name, columns))
    statement = f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN"
    # Django hands `copy` through as it is: without this, who catches its errors would miss psycopg's.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def update_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], *, guard: str = "") -> int:
    """Update `columns` (database names) of the rows whose id stands first in each of `rows`; return how many rows changed.

    `guard` is one more SQL condition over `t` (the table) and `v` (the new values): the compare of a compare-and-set.
    """
    if not rows:
        return 0
    by_column = {field.column: field for field in model._meta.concrete_fields}
    fields = [by_column[name] for name in ("id", *columns)]
    types = [str(field.rel_db_type(connection) if field.is_relation else field.db_type(connection)) for field in fields]
    names = [connection.ops.quote_name(name) for name in ("id", *columns)]
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    assignments = ", ".join(f"{name} = v.{name}" for name in names[1:])
    sql = (
        f"UPDATE {connection.ops.quote_name(model._meta.db_table)} AS t SET {assignments} "  # noqa: S608 - names come from the model
        f"FROM unnest({arrays}) AS v({', '.join(names)}) WHERE t.id = v.id{f' AND {guard}' if guard else ''}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [_values(field, column) for field, column in zip(fields, zip(*rows, strict=True), strict=True)])
        return int(cursor.rowcount)


def _values(field: Any, column: Iterable[Any]) -> list[Any]:
    return [json.dumps(value) for value in column] if isinstance(field, models.JSONField) else list(column)
