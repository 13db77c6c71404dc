"""Send several queries to the database as one statement: a page that shows ten things waits for one round trip, not for ten.

A `Batch` names its queries and gets their results under the same names. A query kept as a constant is compiled to SQL once, because Django
takes longer to compile most of them than the database takes to run them; values that differ from call to call are left open as `Parameter`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import Any, Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    Expression,
    Field,
    IntegerField,
    JSONField,
    Model,
    QuerySet,
    TextField,
)
from django.db.transaction import TransactionManagementError

from afiliacion.database.arrays import literal

#: The results of a batch: a NamedTuple class.
R = TypeVar("R", bound=tuple[Any, ...])
M = TypeVar("M", bound=Model)


class Parameter(Expression):
    """A value left open in a query and given by name when it runs: `Case.objects.filter(pk=Parameter("case"))`, run with `case=7`."""

    def __init__(self, name: str, output_field: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # it is its own parameter
        return "%s", [self]


@dataclass(frozen=True, eq=False)
class RowCount:
    """A query whose result is the number of its rows."""

    rows: QuerySet[Any]


class Batch(Generic[R]):
    """Queries that run as one statement. `results` is a NamedTuple class; each of its fields has the query (or batch) of that name.

    A query selects rows of one model, whole or `only` some columns; what it annotates is set on the rows as JSON holds it. A `values_list`
    gives tuples, which thousands of rows want: an instance takes longer than the rest of its way.

    Raises:
        TypeError: the names of the queries are not those of `results`.
    """

    def __init__(self, results: type[R], **queries: QuerySet[Any] | RowCount | Batch[Any]) -> None:
        names: tuple[str, ...] = getattr(results, "_fields", ())
        if set(queries) != set(names):
            raise TypeError(f"{results.__name__} has {', '.join(names)}; queries are given for {', '.join(queries)}")
        self._results, self._parts = results, [queries[name] for name in names]

    def queries(self) -> Iterator[QuerySet[Any] | RowCount]:
        """The queries of this batch and of those within it, in the order `read` takes their results."""
        for part in self._parts:
            if isinstance(part, Batch):
                yield from part.queries()
            else:
                yield part

    def read(self, values: Iterator[Any]) -> R:
        """The named results, from those of `queries()` in order."""
        return self._results(*(part.read(values) if isinstance(part, Batch) else next(values) for part in self._parts))


def together(batch: Batch[R], **given: Any) -> R:
    """Run the queries of `batch` in one statement: under each name a list of rows, a number, or the results of an inner batch.

    `given`: the value of each `Parameter`; a list is one of ids.

    Raises:
        EmptyResultSet: a query can find nothing whatever is stored (`none()`, `pk__in=[]`).
        KeyError: a parameter is not given.
    """
    return batch.read(iter(_run([_prepared(query) for query in batch.queries()], given)))


def rows_of(query: QuerySet[M], **given: Any) -> list[M]:
    """The rows of one kept query; its parameters as for `together`."""
    (rows,) = _run([_prepared(query)], given)
    return list(rows)


def tuples_of(query: QuerySet[Any, Any], **given: Any) -> list[tuple[Any, ...]]:
    """The rows of one kept `values_list` as the database gives them (JSON as text); its parameters as for `together`. May lock them.

    Raises:
        TransactionManagementError: it locks, and there is no transaction that would hold the lock.
    """
    kept = _prepared(query)
    if query.query.select_for_update and connection.get_autocommit():
        raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
    with connection.cursor() as cursor:
        cursor.execute(kept.alone, _arguments(kept.params, given))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _run(queries: Sequence[_Prepared], given: dict[str, Any]) -> list[Any]:
    params = [param for query in queries for param in query.params]
    with connection.cursor() as cursor:
        # Saves a round trip per query and Django's compilation of each.
        cursor.execute(f"SELECT {', '.join(query.sql for query in queries)}", _arguments(params, given))
        results = cursor.fetchone()
    return [query.read(result) for query, result in zip(queries, results, strict=True)]


def _arguments(params: Sequence[Any], given: dict[str, Any]) -> list[Any]:
    # An array is written out once, not at each place it is used.
    given = {name: literal(value) if isinstance(value, list) else value for name, value in given.items()}
    return [given[param.name] if isinstance(param, Parameter) else param for param in params]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A query compiled to SQL, as a value of a larger statement and `alone`, and how that value is read."""

    sql: str
    params: tuple[Any, ...]
    read: Callable[[Any], Any]
    alone: str


def _prepared(query: QuerySet[Any] | RowCount) -> _Prepared:
    """`query` compiled, once for a query that is kept. One thread at a time: compiling counts the tables inside the query object."""
    prepared = _KEPT.get(query)
    if prepared is None:
        with _COMPILING:
            prepared = _KEPT[query] = _number(query) if isinstance(query, RowCount) else _rows(query)
    return prepared


_KEPT: Final[WeakKeyDictionary[Any, _Prepared]] = WeakKeyDictionary()
_COMPILING: Final = Lock()


def _number(query: RowCount) -> _Prepared:
    sql, params = query.rows.values("pk").query.sql_with_params()
    return _Prepared(f"(SELECT count(*) FROM ({sql}) x)", params, int, sql)  # noqa: S608 - as Django compiled it


def _rows(query: QuerySet[Any]) -> _Prepared:
    if query.query.values_select:
        return _values(query)
    sql, params = query.query.sql_with_params()
    whole = f"(SELECT jsonb_agg(to_jsonb(x)) FROM ({sql}) x)"  # noqa: S608 - as Django compiled it
    return _Prepared(whole, params, partial(_instances, query.model, tuple(query.query.annotations)), sql)


def _values(query: QuerySet[Any, Any]) -> _Prepared:
    compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    names = ", ".join(f'x."{alias}"' for _, _, alias in compiler.select)
    # As text, which is parsed faster than what psycopg makes of JSON.
    whole = f"(SELECT json_agg(json_build_array({names}))::text FROM ({sql}) x)"  # noqa: S608 - as Django compiled it
    readers = [(place, read) for place, (column, _, _) in enumerate(compiler.select) if (read := _reader(column.output_field))]
    return _Prepared(whole, params, partial(_tuples, readers), sql)


def _tuples(readers: Sequence[tuple[int, Callable[[Any], Any]]], result: str | None) -> list[tuple[Any, ...]]:
    """The rows of a result, with the values converted that JSON has no kind for."""
    rows: list[list[Any]] = json.loads(result or "[]")
    for row in rows:
        for place, read in readers:
            row[place] = read(row[place])
    return [tuple(row) for row in rows]


def _instances(model: type[Model], annotations: Sequence[str], result: str | None) -> list[Model]:
    """The rows of a result as instances of `model`, with what was annotated set on them."""
    rows: list[dict[str, Any]] = json.loads(result or "[]")
    alias, fields = connection.alias, [(name, column, read) for name, column, read in _fields(model) if rows and column in rows[0]]
    names, instances = [name for name, *_ in fields], []
    for row in rows:
        instance = model.from_db(alias, names, [read(row[column]) if read else row[column] for _, column, read in fields])
        for name in annotations:
            setattr(instance, name, row[name])
        instances.append(instance)
    return instances


@cache
def _fields(model: type[Model]) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    """Of each field its name, its column, and the function that converts its value from JSON, if it needs one."""
    return [(field.attname, str(field.column), _reader(field)) for field in model._meta.concrete_fields]


def _reader(field: Any) -> Callable[[Any], Any] | None:
    kind = field.output_field if field.generated else field.target_field if field.is_relation else field
    if isinstance(kind, DateField) and not isinstance(kind, DateTimeField):
        return _day
    read: Callable[[Any], Any] = kind.to_python
    return None if isinstance(kind, _AS_IN_JSON) else read


def _day(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


_AS_IN_JSON: Final = (BooleanField, CharField, IntegerField, JSONField, TextField)
