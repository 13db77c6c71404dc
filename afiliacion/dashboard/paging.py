"""Keyset pages: the cost of a page does not grow with the list, nor with how far one has leafed.

A cursor is the id of the row at the edge of a page: no name, date or number travels in the address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, Q, QuerySet, TextChoices

from afiliacion.cases.models import Case

SIZE: Final = 50
#: Beyond this many, a list says "more than": nobody counts five million rows to draw one page.
COUNTED: Final = 1_000


class Order(TextChoices):
    DUE = "vence", "Plazo"
    NAME = "nombre", "Nombre"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the cursors of its neighbours (None: there is none)."""

    rows: list[Case]
    previous: int | None
    next: int | None


@dataclass(frozen=True, slots=True)
class _Keyset:
    """An order as the database sees it: its key, and what lies beyond a row (key, id) in either direction."""

    key: str
    ordering: tuple[Any, ...]
    beyond: Callable[[Any, int], Q]
    before: Callable[[Any, int], Q]


def _after_due(day: dt.date | None, row: int) -> Q:
    if day is None:
        return Q(due_on__isnull=True, pk__gt=row)
    return Q(due_on__gt=day) | Q(due_on=day, pk__gt=row) | Q(due_on__isnull=True)


def _before_due(day: dt.date | None, row: int) -> Q:
    if day is None:
        return Q(due_on__isnull=False) | Q(pk__lt=row)
    return Q(due_on__lt=day) | Q(due_on=day, pk__lt=row)


_NAME: Final = "student__name_order"
_KEYSETS: Final[Mapping[Order, _Keyset]] = {
    Order.DUE: _Keyset("due_on", (F("due_on").asc(nulls_last=True), F("pk").asc()), _after_due, _before_due),
    Order.NAME: _Keyset(
        _NAME,
        (F(_NAME).asc(), F("pk").asc()),
        lambda name, row: Q(**{f"{_NAME}__gt": name}) | Q(**{_NAME: name, "pk__gt": row}),
        lambda name, row: Q(**{f"{_NAME}__lt": name}) | Q(**{_NAME: name, "pk__lt": row}),
    ),
}


def page(cases: QuerySet[Case], order: Order, anchors: QuerySet[Case], *, after: int | None = None, before: int | None = None) -> Page:
    """The SIZE cases that follow the case `after`, or precede `before`; the first page without either.

    `anchors`: the cases a cursor may name (all that the reader may see). One that left the list meanwhile keeps its place.
    """
    keyset = _KEYSETS[order]
    cursor = before if before is not None else after
    anchor = None if cursor is None else anchors.filter(pk=cursor).values_list(keyset.key, "pk").first()
    if anchor is None:
        rows, more = _cut(cases.order_by(*keyset.ordering))
        return Page(rows, None, rows[-1].pk if more else None)
    if before is not None:
        rows, more = _cut(cases.filter(keyset.before(*anchor)).order_by(*keyset.ordering).reverse())
        rows.reverse()
        return Page(rows, rows[0].pk if more else None, rows[-1].pk if rows else None)
    rows, more = _cut(cases.filter(keyset.beyond(*anchor)).order_by(*keyset.ordering))
    return Page(rows, rows[0].pk if rows else None, rows[-1].pk if more else None)


def count(cases: QuerySet[Case]) -> int:
    """How many, up to COUNTED + 1."""
    return cases.order_by()[: COUNTED + 1].count()


def _cut(cases: QuerySet[Case]) -> tuple[list[Case], bool]:
    rows = list(cases[: SIZE + 1])
    return rows[:SIZE], len(rows) > SIZE
