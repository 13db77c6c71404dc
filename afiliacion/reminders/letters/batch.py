"""Compose many letters, reading what they need from the database once for all of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone

from afiliacion.cases import acuse_review
from afiliacion.reminders.letters import codes, links
from afiliacion.reminders.letters.compose import Letter, Links, compose
from afiliacion.reminders.letters.editions import Editions
from afiliacion.reminders.models import Reminder, ReminderKind
from afiliacion.reminders.models.reminder import RECEIPT


class LetterBatch:
    """Composes the letters of `rows` (with kind, and case with student, tutor and plantel); their links are valid from `now` (aware) on."""

    def __init__(self, rows: Sequence[Reminder], now: dt.datetime) -> None:
        today = timezone.localdate(now)
        by_origin: dict[links.Origin, set[int]] = defaultdict(set)
        for row in rows:
            if row.case_id and not row.kind.at_once:
                by_origin[_origin(row)].add(row.case_id)
        self._pages = {origin: links.urls(cases, today, origin=origin) for origin, cases in by_origin.items()}
        self._unsubscribe = links.urls({row.case_id for row in rows if row.kind.optional and row.case_id}, today, links.Purpose.UNSUBSCRIBE)
        self._words = Editions()
        self._parts: dict[int, list[Reminder]] = defaultdict(list)
        heads = [row.pk for row in rows if row.pk and row.case_id]
        included = Reminder.objects.filter(part_of__in=heads, status=Reminder.Status.QUEUED)
        for part in included.select_related("kind", "case__student", "case__plantel").order_by("-kind__urgency", "pk"):
            self._parts[part.part_of_id or 0].append(part)
        _add_codes(rows)
        _add_reasons([*rows, *(part for parts in self._parts.values() for part in parts)])

    def carries(self, row: Reminder) -> bool:
        """Whether other rows travel in the mail of `row`: another's reminders, or the cases a digest names."""
        return row.case_id is None or bool(self._parts.get(row.pk))

    def compose(self, row: Reminder) -> Letter:
        """Return the letter of one of the rows."""
        where = Links(self._pages.get(_origin(row), {}).get(row.case_id or 0, ""), self._unsubscribe.get(row.case_id or 0, ""))
        return compose(row, parts=self._parts.get(row.pk or 0, []), words=self._words, links=where)


def _add_reasons(rows: Sequence[Reminder]) -> None:
    """Give the rows about a refused sheet the reason, as it is now."""
    refused = [row for row in rows if row.kind.anchor == ReminderKind.Anchor.REFUSED]
    reasons = acuse_review.reasons(row.case_id for row in refused if row.case_id) if refused else {}
    for row in refused:
        row.data = {"motivo": reasons.get(row.case_id or 0, "")}


def _add_codes(rows: Sequence[Reminder]) -> None:
    """Give the rows that carry a one-time code its digits; what the database has of the rows stays without them."""
    for row in rows:
        if row.kind.key == codes.KIND:
            row.data = {**row.data, "codigo": codes.code_of(row)}


def _origin(row: Reminder) -> links.Origin:
    """Return the origin of the links in a mail: on whose order it goes out."""
    channel = links.LinkChannel.RECEIPT if row.kind.key == RECEIPT else links.LinkChannel.MAIL
    return links.Origin(channel, row.data.get("issuer"))
