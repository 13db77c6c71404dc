"""Reading cases: who may be seen, what is late, whose other cases there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Exists, F, OuterRef, QuerySet

from afiliacion.cases.models import Case
from afiliacion.cases.states import OPEN_STATES, Turn
from students.together import Given


def in_planteles(planteles: Iterable[int] | Given | None) -> QuerySet[Case]:
    """The cases of these planteles (ids); None means all of them. Every screen starts here."""
    if isinstance(planteles, Given):
        return Case.objects.filter(plantel__pk__among=planteles)
    return Case.objects.all() if planteles is None else Case.objects.filter(plantel__in=list(planteles))


def overdue(cases: QuerySet[Case], today: dt.date) -> QuerySet[Case]:
    """Cases somebody should have acted on before `today`. Overdue is computed, never stored."""
    return cases.filter(due_on__lt=today).exclude(turn=Turn.NADIE)


def open_rivals(case_ids: Sequence[int]) -> list[int]:
    """Of these cases, the ones whose student has another open case at the same plantel."""
    rivals = Case.objects.filter(student=OuterRef("student"), plantel=OuterRef("plantel"), state__in=OPEN_STATES).exclude(pk=OuterRef("pk"))
    return list(Case.objects.filter(Exists(rivals), pk__in=case_ids).values_list("pk", flat=True))


def siblings(case_ids: Sequence[int]) -> QuerySet[Case]:
    """The other cases of the same students, at any plantel, open or closed."""
    return Case.objects.filter(student__cases__pk__among=case_ids).exclude(pk__among=case_ids).distinct()


def in_name_order(cases: QuerySet[Case]) -> QuerySet[Case]:
    """As a Mexican list is ordered: apellidos, ñ after n."""
    return cases.order_by(F("student__name_order"), "pk")
