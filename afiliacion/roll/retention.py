"""Personal data that has served is let go: a list that was not confirmed, and the rows and the file of one that is long over."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from afiliacion.cases import consent
from afiliacion.roll.check import staging
from afiliacion.roll.models import OPEN, File, Import, ImportState, Opening, OpeningRow, OpeningState


def forget(now: dt.datetime) -> int:
    """Cancel what waited too long for its confirmation, and empty what is over, requests too (UPLOADS_KEPT_HOURS, ROLL_KEPT_DAYS).

    Who brought which file, when, and what it did stays. Returns how many imports were emptied.
    """
    patience, kept = now - dt.timedelta(hours=settings.UPLOADS_KEPT_HOURS), now - dt.timedelta(days=settings.ROLL_KEPT_DAYS)
    Import.objects.filter(state=ImportState.CHECKED, checked_at__lt=patience).update(
        state=ImportState.CANCELLED, error="Nadie la confirmó a tiempo y su archivo se borró: vuelva a subirla.", finished_at=now
    )
    served = Q(confirmed_at=None, uploaded_at__lt=patience) | Q(finished_at__lt=kept)
    over = list(Import.objects.filter(served, forgotten_at=None).exclude(state__in=OPEN).values_list("pk", flat=True))
    for job_id in over:
        with transaction.atomic():
            staging.forget(job_id)
            Import.objects.filter(pk=job_id).update(forgotten_at=now, examples=[])
    _forget_openings(now, patience, kept)
    consent.forget(kept)
    File.objects.exclude(sha256__in=Import.objects.filter(forgotten_at=None).values("sha256")).delete()
    return len(over)


def _forget_openings(now: dt.datetime, patience: dt.datetime, kept: dt.datetime) -> None:
    """The same of lists of covers that exist already: what they declared stays, and cannot be undone any more."""
    Opening.objects.filter(state=OpeningState.CHECKED, brought_at__lt=patience).update(state=OpeningState.CANCELLED)
    served = Q(confirmed_at=None, brought_at__lt=patience) | Q(confirmed_at__lt=kept)
    over = list(Opening.objects.filter(served, forgotten_at=None).values_list("pk", flat=True))
    OpeningRow.objects.filter(job__in=over).delete()
    Opening.objects.filter(pk__in=over).update(forgotten_at=now)
