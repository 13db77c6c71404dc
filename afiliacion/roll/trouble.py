"""Lists that did not go as they should: for whom brought them, the next morning."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count

from afiliacion.roll.models import Import, State

_WRONG = (State.FAILED, State.DONE_WITH_ERRORS)


def since_yesterday(now: dt.datetime) -> dict[int, int]:
    """How many lists of each plantel (id) failed, or left rows out, in the day before `now`."""
    wrong = Import.objects.filter(state__in=_WRONG, finished_at__gt=now - dt.timedelta(days=1), finished_at__lte=now)
    return dict(wrong.values_list("plantel").annotate(n=Count("pk")).order_by())
