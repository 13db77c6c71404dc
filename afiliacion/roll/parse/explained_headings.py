"""Which column each heading of a list is: found, shown, said otherwise by the officer, and remembered for the next list like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from afiliacion.roll.models import Headings, Import
from afiliacion.roll.parse.columns import recognised, shape

#: Rows kept as examples of what each heading stands over.
EXAMPLES: Final = 3
_NAME: Final = 160


def given(job: Import) -> dict[str, int] | None:
    """What an officer said of these headings, now or of an earlier list of the plantel; None if none has."""
    if job.mapping is not None:
        return dict(job.mapping)
    said = Headings.objects.filter(plantel=job.plantel_id, shape=shape(job.headers)).values_list("mapping", flat=True).first()
    return None if said is None else dict(said)


def found(headers: Sequence[str]) -> dict[str, int]:
    """What the headings say by themselves, as far as they do: of two that say the same, the first."""
    return {name: positions[0] for name, positions in recognised(headers).items()}


def example(job: Import, position: int) -> str:
    """What stands under a heading, in the first row that has something there."""
    return next((cells[position].strip() for cells in job.examples if position < len(cells) and cells[position].strip()), "")
