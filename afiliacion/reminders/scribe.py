"""Many letters at once: what they need of the database is read once for all of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone

from afiliacion.cases import sheets
from afiliacion.reminders import links
from afiliacion.reminders.letter import Letter, Links, compose
from afiliacion.reminders.models import Reminder, ReminderKind
from afiliacion.reminders.words import Editions


class Scribe:
    """Writes the letters of `rows` (with kind, and case with student, tutor and plantel); the links in them begin at `now` (aware)."""

    def __init__(self, rows: Sequence[Reminder], now: dt.datetime) -> None:
        cases = {row.case_id for row in rows if row.case_id}
        today = timezone.localdate(now)
        self._pages = links.urls(cases, today)
        self._unsubscribe = links.urls({row.case_id for row in rows if row.kind.optional and row.case_id}, today, links.Purpose.UNSUBSCRIBE)
        self._words = Editions()
        self._parts: dict[int, list[Reminder]] = defaultdict(list)
        heads = [row.pk for row in rows if row.pk and row.case_id]
        travelling = Reminder.objects.filter(part_of__in=heads, status=Reminder.Status.QUEUED)
        for part in travelling.select_related("kind", "case__student", "case__plantel").order_by("-kind__urgency", "pk"):
            self._parts[part.part_of_id or 0].append(part)
        _say_why([*rows, *(part for parts in self._parts.values() for part in parts)])

    def carries(self, row: Reminder) -> bool:
        """Whether other rows travel in the mail of `row`: another's reminders, or the cases a digest names."""
        return row.case_id is None or bool(self._parts.get(row.pk))

    def write(self, row: Reminder) -> Letter:
        """The letter of one of the rows."""
        where = Links(self._pages.get(row.case_id or 0, ""), self._unsubscribe.get(row.case_id or 0, ""))
        return compose(row, parts=self._parts.get(row.pk or 0, []), words=self._words, links=where)


def _say_why(rows: Sequence[Reminder]) -> None:
    """Give the rows about a sheet that was refused the reason, as it is now."""
    refused = [row for row in rows if row.kind.anchor == ReminderKind.Anchor.REFUSED]
    reasons = sheets.reasons(row.case_id for row in refused if row.case_id) if refused else {}
    for row in refused:
        row.data = {"motivo": reasons.get(row.case_id or 0, "")}
