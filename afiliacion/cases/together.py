"""Several questions to the database asked as one: a page that shows ten things need not wait ten times."""

from __future__ import annotations

import json
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import Model, QuerySet


def together(*questions: QuerySet[Any]) -> list[list[Any]]:
    """What each question finds, in its order. A question selects whole rows of one table; what it annotates is set as it came from JSON.

    Raises EmptyResultSet for a question that nothing could answer (`none()`, `pk__in=[]`).
    """
    asked = [_sql(question) for question in questions]
    parts = ", ".join(f"(SELECT jsonb_agg(to_jsonb(x)) FROM ({sql}) x)" for sql, _ in asked)  # noqa: S608 - as Django wrote it
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parts}", [param for _, params in asked for param in params])
        answers = cursor.fetchone()
    return [[_row(question, row) for row in json.loads(answer or "[]")] for question, answer in zip(questions, answers, strict=True)]


def _sql(question: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """As Django puts it; a question that is kept, like those of the rule book, is put together once."""
    if question not in _PUT:
        _PUT[question] = question.query.sql_with_params()
    return _PUT[question]


_PUT: Final[WeakKeyDictionary[QuerySet[Any], tuple[str, tuple[Any, ...]]]] = WeakKeyDictionary()


def _row(question: QuerySet[Any], values: dict[str, Any]) -> Model:
    fields = question.model._meta.concrete_fields
    said = [(f.output_field if f.generated else f).to_python(values[f.column]) for f in fields]
    row: Model = question.model.from_db(connection.alias, [f.attname for f in fields], said)
    for name in question.query.annotations:
        setattr(row, name, values[name])
    return row
