"""Retention of the archive of raw answers. What proves a fact is kept elsewhere, with its case (cases/papers/evidence.py)."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import QuerySet

from afiliacion.imss.models import Answer, ImssSettings

#: Rows deleted at a time, so that no lock is held for long.
_CHUNK: Final = 5_000


def clear_archive(now: dt.datetime) -> int:
    """Delete the answers that are `outdated`; return how many."""
    old, gone = outdated(ImssSettings.objects.get().answers_kept_days, now).order_by("at"), 0
    while ids := list(old.values_list("pk", flat=True)[:_CHUNK]):
        gone += Answer.objects.filter(pk__in=ids).delete()[0]
    return gone


def outdated(days: int, now: dt.datetime) -> QuerySet[Answer]:
    """Return the answers older than `days`, except those in quarantine that have not been reviewed."""
    old = Answer.objects.filter(at__lt=now - dt.timedelta(days=days))
    return old.exclude(verdict=Answer.Verdict.QUARANTINED, reviewed_at=None)
