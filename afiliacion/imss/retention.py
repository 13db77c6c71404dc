"""The archive of raw answers does not grow for ever. What proves a fact is kept elsewhere, with its case (cases/evidence.py)."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.conf import settings

from afiliacion.imss.models import Answer

#: Rows deleted at a time: nobody waits for a night's worth of them.
_CHUNK: Final = 5_000


def clear_archive(now: dt.datetime) -> int:
    """Delete answers older than IMSS_ANSWERS_KEPT_DAYS, except those in quarantine nobody has looked at. Returns how many."""
    old = Answer.objects.filter(at__lt=now - dt.timedelta(days=settings.IMSS_ANSWERS_KEPT_DAYS))
    old = old.exclude(verdict=Answer.Verdict.QUARANTINED, reviewed_at=None).order_by("at")
    gone = 0
    while ids := list(old.values_list("pk", flat=True)[:_CHUNK]):
        gone += Answer.objects.filter(pk__in=ids).delete()[0]
    return gone
