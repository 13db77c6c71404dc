"""Which ciclos are over for which planteles: who is enrolled in one of them only is not enrolled any more.

A ciclo that ended is not over at once: between two of them students stay covered (docs/domain.md, 4.3). It is over for a plantel that has
cases in a later one which has begun, and for every plantel once a whole later ciclo has gone by.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Q, QuerySet, Sum

from afiliacion.cases.models import StandingTally
from students.models import Ciclo

#: (id, first day, last day, clave) of every ciclo, the newest first.
CICLOS: Final = Ciclo.objects.values_list("pk", "starts_on", "ends_on", "clave")
#: (plantel id, ciclo id) wherever there are cases: from the counters, which are few rows.
TAUGHT: Final[QuerySet[Any]] = (
    StandingTally.objects.filter(plantel__isnull=False)
    .values("plantel_id", "ciclo_id")
    .annotate(n_cases=Sum("n"))
    .filter(n_cases__gt=0)
    .order_by()
    .values_list("plantel_id", "ciclo_id")
)


class Terms:
    """The ciclos as they stand on a day. Built from the rows of CICLOS and TAUGHT."""

    def __init__(self, ciclos: Iterable[tuple[int, dt.date, dt.date, str]], taught: Iterable[tuple[int, int]], today: dt.date) -> None:
        known = {pk: (starts_on, ends_on) for pk, starts_on, ends_on, _ in ciclos}
        newest: dict[int, dt.date] = defaultdict(lambda: dt.date.min)
        for plantel_id, ciclo_id in taught:
            if (begun := known[ciclo_id][0]) <= today:
                newest[plantel_id] = max(newest[plantel_id], begun)
        #: Ciclo -> the planteles (ids) for which it is over; None: for all.
        self._over: Mapping[int, frozenset[int] | None] = {
            pk: None if any(starts_on > ended and ends_on < today for starts_on, ends_on in known.values())
            else frozenset(plantel_id for plantel_id, latest in newest.items() if latest > began)
            for pk, (began, ended) in known.items() if ended < today
        }  # fmt: skip

    def is_over(self, plantel_id: int, ciclo_id: int) -> bool:
        """Whether a ciclo is over for a plantel."""
        planteles = self._over.get(ciclo_id, frozenset())
        return planteles is None or plantel_id in planteles

    def over(self) -> Q:
        """The same of rows that have a plantel and a ciclo."""
        found = Q(ciclo__in=[pk for pk, planteles in self._over.items() if planteles is None])
        for pk, planteles in self._over.items():
            if planteles:
                found |= Q(ciclo=pk, plantel__in=sorted(planteles))
        return found
