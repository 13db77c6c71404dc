"""Reading cases: who may be seen, what is late, what matches a search."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from afiliacion.cases.models import Case
from afiliacion.cases.states import OPEN_STATES, Turn
from students.names import search_key


def in_planteles(planteles: Iterable[int] | None) -> QuerySet[Case]:
    """The cases of these planteles (ids); None means all of them. Every screen starts here."""
    return Case.objects.all() if planteles is None else Case.objects.filter(plantel__in=list(planteles))


def overdue(cases: QuerySet[Case], today: dt.date) -> QuerySet[Case]:
    """Cases somebody should have acted on before `today`. Overdue is computed, never stored."""
    return cases.filter(due_on__lt=today).exclude(turn=Turn.NADIE)


def matching(cases: QuerySet[Case], text: str) -> QuerySet[Case]:
    """Cases whose student has every word of `text` in the name, or whose CURP, NSS or matrícula begins with it."""
    words = search_key(text).split()
    if not words:
        return cases
    code = text.strip().upper()
    by_name = Q()
    for word in words:
        by_name &= Q(student__name_search__contains=word)
    return cases.filter(
        by_name | Q(student__curp__startswith=code) | Q(student__nss__startswith=code) | Q(enrolment__matricula__istartswith=code)
    )


def open_rivals(case_ids: Sequence[int]) -> list[int]:
    """Of these cases, the ones whose student has another open case at the same plantel."""
    rivals = Case.objects.filter(student=OuterRef("student"), plantel=OuterRef("plantel"), state__in=OPEN_STATES).exclude(pk=OuterRef("pk"))
    return list(Case.objects.filter(Exists(rivals), pk__in=case_ids).values_list("pk", flat=True))


def siblings(case_ids: Sequence[int]) -> QuerySet[Case]:
    """The other cases of the same students, at any plantel, open or closed."""
    return Case.objects.filter(student__cases__in=case_ids).exclude(pk__in=case_ids).distinct()


def in_name_order(cases: QuerySet[Case]) -> QuerySet[Case]:
    """As a Mexican list is ordered: apellidos, ñ after n."""
    return cases.order_by(F("student__name_order"), "pk")
