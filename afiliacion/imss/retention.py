"""The archive of raw answers does not grow for ever. What proves a fact is kept elsewhere, with its case (cases/evidence.py)."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import QuerySet

from afiliacion.imss.models import Answer, Manners

#: Rows deleted at a time: nobody waits for a night's worth of them.
_CHUNK: Final = 5_000


def clear_archive(now: dt.datetime) -> int:
    """Delete the answers that are `outdated`. Returns how many."""
    old, gone = outdated(Manners.objects.get().answers_kept_days, now).order_by("at"), 0
    while ids := list(old.values_list("pk", flat=True)[:_CHUNK]):
        gone += Answer.objects.filter(pk__in=ids).delete()[0]
    return gone


def outdated(days: int, now: dt.datetime) -> QuerySet[Answer]:
    """Answers older than that, except those in quarantine nobody has looked at."""
    old = Answer.objects.filter(at__lt=now - dt.timedelta(days=days))
    return old.exclude(verdict=Answer.Verdict.QUARANTINED, reviewed_at=None)
