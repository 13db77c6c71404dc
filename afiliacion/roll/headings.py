"""Which column each heading of a list is: found, shown, said otherwise by the officer, and remembered for the next list like it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db import transaction

from afiliacion.roll import jobs
from afiliacion.roll.columns import bind, recognised, shape
from afiliacion.roll.models import Headings, Import

#: Rows kept as examples of what each heading stands over.
EXAMPLES: Final = 3
_NAME: Final = 160


def given(job: Import) -> dict[str, int] | None:
    """What an officer said of these headings, now or of an earlier list of the plantel; None if nobody did."""
    if job.mapping is not None:
        return dict(job.mapping)
    said = Headings.objects.filter(plantel=job.plantel_id, shape=shape(job.headers)).values_list("mapping", flat=True).first()
    return None if said is None else dict(said)


def found(headers: Sequence[str]) -> dict[str, int]:
    """What the headings say by themselves, as far as they do: of two that say the same, the first."""
    return {name: positions[0] for name, positions in recognised(headers).items()}


def can_say(job: Import) -> bool:
    """Whether a list can still be read otherwise: it has been read once, and nobody confirmed it."""
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


def example(job: Import, position: int) -> str:
    """What stands under a heading, in the first row that has something there."""
    return next((cells[position].strip() for cells in job.examples if position < len(cells) and cells[position].strip()), "")
