"""Statements of our own over whole sets of rows: run, read, streamed, and the settings of the planner that large ones need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, transaction

_FETCHED: Final = 2000


def rows_of(sql: str, parameters: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows a statement gives, all at once."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or {})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def stream(sql: str, parameters: dict[str, Any] | None = None) -> Iterator[tuple[Any, ...]]:
    """The rows a statement gives, however many; inside a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters or {})
        while found := cursor.fetchmany(_FETCHED):
            yield from found


def run(sql: str, parameters: dict[str, Any] | None = None) -> int:
    """How many rows a statement wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or {})
        return int(cursor.rowcount)


@contextmanager
def whole_list() -> Iterator[None]:
    """Inside, a transaction: what is joined is a whole list with itself or with a whole table, by hash.

    Right after a large load the statistics are old, and the planner's choice then takes minutes.
    """
    with transaction.atomic():
        # Compiling these statements takes longer than running them (0.6 s against 0.1 s at 20,000 rows).
        run("SET LOCAL jit = off; SET LOCAL enable_nestloop = off")
        yield
        run("SET LOCAL enable_nestloop = DEFAULT")


def analyze(table: str) -> None:
    """Statistics of a table (and its columns) that has just been filled: rough ones, the number of its rows is what matters."""
    run(f"SET LOCAL default_statistics_target = 10; ANALYZE {table}; SET LOCAL default_statistics_target = DEFAULT")
