"""Keyset pages: the cost of a page does not grow with the list, nor with how far one has leafed.

A cursor is the due date and the id of the row at the edge of a page, as they were: a row that moves on meanwhile
keeps its place, and no name or number travels in the address.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.models import NEVER
from afiliacion.dashboard.worklist.list_query import Listing, Place
from afiliacion.dashboard.worklist.row import ListRow

SIZE: Final = 50
#: Beyond this many, a list the counters do not know says "more than": five million rows are not counted to draw one page.
COUNTED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the cursors of its neighbours ("": there is none)."""

    rows: list[ListRow]
    previous: str = ""
    next: str = ""


def page(listing: Listing, *, after: str = "", before: str = "", assigned: bool = False) -> Page:
    """The SIZE cases beyond the cursor `after`, or those that precede the cursor `before`; the first page without either.
    `assigned`: with who sees to each."""
    place = _place(before or after)
    back = place is not None and bool(before)
    rows = listing.page(place, back=back, size=SIZE + 1, assigned=assigned)
    rows, more = rows[:SIZE], len(rows) > SIZE
    if back:
        rows.reverse()
        return Page(rows, _cursor(rows[0]) if more else "", _cursor(rows[-1]) if rows else "")
    return Page(rows, _cursor(rows[0]) if place and rows else "", _cursor(rows[-1]) if more else "")


def total(listing: Listing, page: Page) -> tuple[int, bool]:
    """How many the list has, and whether that is all or only "more than so many"."""
    if not (page.previous or page.next):
        return len(page.rows), True
    if listing.is_vague:
        return SIZE, False
    n = listing.count(COUNTED + 1)
    return (n, True) if n <= COUNTED or listing.counted is not None else (COUNTED, False)


def _cursor(case: ListRow) -> str:
    return f"{case.due_on.isoformat() if case.due_on else ''}.{case.pk}"


_CURSOR: Final = re.compile(r"(\d{4}-\d{2}-\d{2})?\.(\d{1,18})", re.ASCII)


def _place(cursor: str) -> Place | None:
    """The place a cursor stands for; None for no cursor, and for one that means nothing."""
    found = _CURSOR.fullmatch(cursor)
    try:
        return Place(dt.date.fromisoformat(found[1]) if found[1] else NEVER, int(found[2])) if found else None
    except ValueError:
        return None
