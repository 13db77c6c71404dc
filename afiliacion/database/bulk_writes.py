"""Write many rows in one statement, where Django's bulk_create and bulk_update are too slow: COPY, or UPDATE with arrays of values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection, models

from afiliacion.database.arrays import literal


def new_keys(model: type[models.Model], n: int) -> list[int]:
    """Reserve the keys of `n` rows that are about to be inserted, for what must know them before."""
    if not n:
        return []
    with connection.cursor() as cursor:
        sequence = "pg_get_serial_sequence(%s, 'id')"
        cursor.execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [model._meta.db_table, n])  # noqa: S608 - ours
        return [key for (key,) in cursor.fetchall()]


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows by COPY; each of `rows` has the values of `columns` (database names). Instances take longer to make than to write."""
    if rows:
        json_columns = {field.column for field in model._meta.concrete_fields if isinstance(field, models.JSONField)}
        places = [place for place, name in enumerate(columns) if name in json_columns]
        copy_in(model._meta.db_table, columns, (_with_json(row, places) for row in rows) if places else rows)


#: Looking for circles would take half of its time.
_as_json: Final = json.JSONEncoder(check_circular=False).encode


def _with_json(row: Sequence[Any], places: Sequence[int]) -> list[Any]:
    values = list(row)
    for place in places:
        values[place] = _as_json(values[place])
    return values


def copy_in(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows, values as the database takes them (JSON as text), into these columns of a table."""
    names = ", ".join(map(connection.ops.quote_name, columns))
    statement = f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN"
    # Django passes `copy` through unwrapped: without wrap_database_errors a caller that catches Django's errors would miss psycopg's.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def update_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], *, guard: str = "") -> int:
    """Update `columns` (database names) of many rows; each of `rows` is an id followed by the values. Return how many rows changed.

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
        # bulk_update writes a CASE per column and a placeholder per value; arrays keep the statement the same size.
        cursor.execute(sql, [literal(_values(field, column)) for field, column in zip(fields, zip(*rows, strict=True), strict=True)])
        return int(cursor.rowcount)


def changed_places(before: Sequence[Sequence[Any]], now: Sequence[Sequence[Any]]) -> list[int]:
    """The places at which some of these rows differ: what is to be updated. By columns, as rows compared value by value take long."""
    columns = zip(zip(*before, strict=True), zip(*now, strict=True), strict=True)
    return [place for place, (old, new) in enumerate(columns) if old != new]


def _values(field: Any, column: Iterable[Any]) -> Iterable[Any]:
    return map(_as_json, column) if isinstance(field, models.JSONField) else column
