"""Several questions to the database asked as one: a page that shows ten things need not wait ten times.

A question that is kept (a constant of a module) is put into SQL once, for Django takes longer over that than the database over the
answer; what changes from one time to the next it leaves open as `Given`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import BooleanField, CharField, Expression, Field, IntegerField, JSONField, Model, QuerySet, TextField


class Given(Expression):
    """A value of a question that is said when it is asked: `together(Case.objects.filter(pk=Given("case")), case=7)`."""

    def __init__(self, name: str, output_field: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # it is its own parameter
        return "%s", [self]


@dataclass(frozen=True, eq=False)
class HowMany:
    """A question whose answer is the number of its rows."""

    rows: QuerySet[Any]


def together(*questions: QuerySet[Any] | HowMany, **given: Any) -> list[Any]:
    """What each question finds, in its order: a list of rows, or how many. `given`: what the questions left open; a list is one of ids.

    A question selects rows of one table, whole or `only` some columns; what it annotates is set as it came from JSON.
    Raises EmptyResultSet for a question that nothing could answer (`none()`, `pk__in=[]`).
    """
    asked = [_put(question) for question in questions]
    # An array is written once, not for each place it is asked at: psycopg takes its time over one.
    given = {name: f"{{{','.join(map(str, value))}}}" if isinstance(value, list) else value for name, value in given.items()}
    values = [given[param.name] if isinstance(param, Given) else param for each in asked for param in each.params]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(each.sql for each in asked)}", values)
        answers = cursor.fetchone()
    return [each.read(answer) for each, answer in zip(asked, answers, strict=True)]


@dataclass(frozen=True, slots=True)
class _Put:
    """A question as SQL, and how its answer is read."""

    sql: str
    params: tuple[Any, ...]
    read: Callable[[Any], Any]


def _put(question: QuerySet[Any] | HowMany) -> _Put:
    """As Django puts it, once for a question that is kept. One thread at a time: Django counts the tables of a question within it."""
    put = _KEPT.get(question)
    if put is None:
        with _PUTTING:
            put = _KEPT[question] = _number(question) if isinstance(question, HowMany) else _rows(question)
    return put


_KEPT: Final[WeakKeyDictionary[Any, _Put]] = WeakKeyDictionary()
_PUTTING: Final = Lock()


def _number(question: HowMany) -> _Put:
    sql, params = question.rows.values("pk").query.sql_with_params()
    return _Put(f"(SELECT count(*) FROM ({sql}) x)", params, int)  # noqa: S608 - as Django wrote it


def _rows(question: QuerySet[Any]) -> _Put:
    sql, params = question.query.sql_with_params()
    whole = f"(SELECT jsonb_agg(to_jsonb(x)) FROM ({sql}) x)"  # noqa: S608 - as Django wrote it
    return _Put(whole, params, partial(_made, question.model, tuple(question.query.annotations)))


def _made(model: type[Model], extra: Sequence[str], answer: str | None) -> list[Model]:
    """The rows of an answer, each as its model has it; `extra`: what is annotated."""
    rows: list[dict[str, Any]] = json.loads(answer or "[]")
    alias, fields = connection.alias, [(name, column, read) for name, column, read in _fields(model) if rows and column in rows[0]]
    names, made = [name for name, *_ in fields], []
    for row in rows:
        one = model.from_db(alias, names, [read(row[column]) if read else row[column] for _, column, read in fields])
        for name in extra:
            setattr(one, name, row[name])
        made.append(one)
    return made


@cache
def _fields(model: type[Model]) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    """Of each field its name, its column, and what makes its value out of that of JSON, if that is not it already."""
    return [(field.attname, str(field.column), _reader(field)) for field in model._meta.concrete_fields]


def _reader(field: Any) -> Callable[[Any], Any] | None:
    kind = field.output_field if field.generated else field.target_field if field.is_relation else field
    read: Callable[[Any], Any] = kind.to_python
    return None if isinstance(kind, _AS_IN_JSON) else read


_AS_IN_JSON: Final = (BooleanField, CharField, IntegerField, JSONField, TextField)
