"""An officer says which heading is which column: the list is checked again, and the choice is remembered for the plantel."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction

from afiliacion.roll.models import Headings, Import
from afiliacion.roll.parse.columns import bind, shape
from afiliacion.roll.upload import jobs

_NAME: Final = 160


def can_say(job: Import) -> bool:
    """Whether a list can still be read otherwise: it has been read once, and it is not confirmed."""
    return bool(job.headers) and jobs.can_check_again(job)


def say(job: Import, where: dict[str, int], *, enrolled_on: dt.date | None, name: str, now: dt.datetime) -> bool:
    """Have the list checked (again) with its columns where an officer (`name`) says, and remember it for the plantel.

    Whether it still could be: what has been confirmed is not read anew.

    Raises:
        WrongColumns: if something needed is still missing.
    """
    bind(job.headers, date_given=enrolled_on is not None, given=where)
    with transaction.atomic():
        if not jobs.check_again(job, mapping=where, enrolled_on=enrolled_on):
            return False
        Headings.objects.update_or_create(
            plantel=job.plantel, shape=shape(job.headers), defaults={"mapping": where, "said_by": name[:_NAME], "said_at": now}
        )
    return True
