"""Keyset pages: the cost of a page does not grow with the list, nor with how far one has leafed.

A cursor is the due date and the id of the row at the edge of a page, as they were: a row that moves on meanwhile
keeps its place, and no name or number travels in the address.
"""

from __future__ import annotations

import datetime as dt
import re
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
    """Rows of one page and the cursors of its neighbours ("": there is none)."""

    rows: list[Case]
    previous: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class _Keyset:
    """An order as the database sees it, and what lies beyond or before a place in it."""

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
    Order.DUE: _Keyset((F("due_on").asc(nulls_last=True), F("pk").asc()), _after_due, _before_due),
    Order.NAME: _Keyset(
        (F(_NAME).asc(), F("pk").asc()),
        lambda name, row: Q(**{f"{_NAME}__gt": name}) | Q(**{_NAME: name, "pk__gt": row}),
        lambda name, row: Q(**{f"{_NAME}__lt": name}) | Q(**{_NAME: name, "pk__lt": row}),
    ),
}
_CURSOR: Final = re.compile(r"(\d{4}-\d{2}-\d{2})?\.(\d{1,18})", re.ASCII)


def page(cases: QuerySet[Case], order: Order, anchors: QuerySet[Case], *, after: str = "", before: str = "") -> Page:
    """The SIZE cases beyond the cursor `after`, or those that precede the cursor `before`; the first page without either.

    `anchors`: the cases whose place in the order of names the reader may ask for (all that they may see).
    """
    keyset = _KEYSETS[order]
    place = _place(before or after, order, anchors)
    if place is None:
        rows, more = _cut(cases.order_by(*keyset.ordering))
        return Page(rows, next=_cursor(rows[-1]) if more else "")
    if before:
        rows, more = _cut(cases.filter(keyset.before(*place)).order_by(*keyset.ordering).reverse())
        rows.reverse()
        return Page(rows, _cursor(rows[0]) if more else "", _cursor(rows[-1]) if rows else "")
    rows, more = _cut(cases.filter(keyset.beyond(*place)).order_by(*keyset.ordering))
    return Page(rows, _cursor(rows[0]) if rows else "", _cursor(rows[-1]) if more else "")


def count(cases: QuerySet[Case]) -> int:
    """How many, up to COUNTED + 1."""
    return cases.order_by()[: COUNTED + 1].count()


def _cursor(case: Case) -> str:
    return f"{case.due_on.isoformat() if case.due_on else ''}.{case.pk}"


def _place(cursor: str, order: Order, anchors: QuerySet[Case]) -> tuple[Any, int] | None:
    """The place a cursor stands for; None for no cursor, and for one that means nothing."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        return None
    if order is Order.NAME:
        return anchors.filter(pk=int(found[2])).values_list(_NAME, "pk").first()
    try:
        return dt.date.fromisoformat(found[1]) if found[1] else None, int(found[2])
    except ValueError:
        return None


def _cut(cases: QuerySet[Case]) -> tuple[list[Case], bool]:
    rows = list(cases[: SIZE + 1])
    return rows[:SIZE], len(rows) > SIZE
