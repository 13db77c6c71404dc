"""SQL put together from pieces, values always apart from the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and its parameters."""

    text: str
    params: tuple[Any, ...] = ()

    def __add__(self, other: Sql) -> Sql:
        return Sql(f"{self.text} {other.text}", self.params + other.params)

    def run(self, cursor: Any) -> None:
        cursor.execute(self.text, self.params)


def fetched(question: Sql) -> list[tuple[Any, ...]]:
    """What the database answers."""
    with connection.cursor() as cursor:
        question.run(cursor)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def joined(word: str, pieces: Iterable[Sql]) -> Sql:
    """The pieces (at least one) with `word` between them."""
    given = list(pieces)
    return Sql(f" {word} ".join(each.text for each in given), tuple(param for each in given for param in each.params))


def all_of(conditions: Iterable[Sql]) -> Sql:
    """True where every condition is."""
    return joined("AND", [Sql("TRUE"), *conditions])


def any_of(conditions: Iterable[Sql]) -> Sql:
    """True where one of the conditions (at least one) is."""
    return Sql("(") + joined("OR", conditions) + Sql(")")
