"""Select cases: those a person may see, those that are late, the other cases of a student."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet

from afiliacion.cases.models import BAJA_OWED, BAJA_UNSENT, COUNTED, Case
from afiliacion.cases.states import OPEN_STATES, Turn
from afiliacion.database.batch_queries import Parameter
from students.models import Enrolment

#: Bajas that IMSS is owed: not sent yet, and sent without its answer (in SQL: the flags of the work list).
BAJA_TO_SEND: Final = BAJA_OWED & BAJA_UNSENT
BAJA_SENT: Final = BAJA_OWED & ~BAJA_UNSENT


def visible_cases(planteles: Iterable[int] | Parameter | None) -> QuerySet[Case]:
    """The cases of these planteles (ids); None means all of them. Every screen, file, paper and mail starts from it.

    Not those a list opened that was undone: they are in no list, number or report; their history is at their own address.
    """
    return cases_of(planteles).filter(COUNTED)


def cases_of(planteles: Iterable[int] | Parameter | None) -> QuerySet[Case]:
    """Every case of these planteles (ids; None: all), those of undone lists too: for a case by its own address."""
    if isinstance(planteles, Parameter):
        return Case.objects.filter(plantel__pk__among=planteles)
    return Case.objects.all() if planteles is None else Case.objects.filter(plantel__in=list(planteles))


def overdue(cases: QuerySet[Case], today: dt.date) -> QuerySet[Case]:
    """Cases with a step due before `today`. Computed, never stored."""
    return cases.filter(due_on__lt=today).exclude(turn=Turn.NADIE)


def open_rivals(case_ids: Sequence[int]) -> list[int]:
    """Of these cases, the ones whose student has another open case at the same plantel."""
    rivals = Case.objects.filter(student=OuterRef("student"), plantel=OuterRef("plantel"), state__in=OPEN_STATES).exclude(pk=OuterRef("pk"))
    return list(Case.objects.filter(Exists(rivals), pk__in=case_ids).values_list("pk", flat=True))


def running_enrolments(case_ids: Sequence[int], today: dt.date) -> dict[int, int]:
    """For each of these cases whose student is enrolled at its plantel in a ciclo that is not over: the enrolment (id) it would go on in.

    The case's own whatever its status; else the last one with the right to cover.
    """
    enrolled = Case.objects.filter(
        pk__among=case_ids, student__enrolments__plantel=F("plantel"), student__enrolments__ciclo__ends_on__gte=today
    ).order_by("student__enrolments__ciclo__starts_on", "student__enrolments")
    found: dict[int, int] = {}
    rows = enrolled.values_list("pk", "enrolment", "student__enrolments", "student__enrolments__status")
    for case_id, own, enrolment, status in rows:
        if enrolment == own or (status in Enrolment.ENTITLED and found.get(case_id) != own):
            found[case_id] = enrolment
    return found


def pursued(cases: Iterable[Case]) -> Case | None:
    """Of one student's cases, the one being pursued; else the last. None of none."""
    return max(cases, key=lambda case: (case.state in OPEN_STATES, case.enrolled_on, case.pk), default=None)


def siblings(case_ids: Sequence[int]) -> QuerySet[Case]:
    """The other cases of the same students, at any plantel, open or closed."""
    return Case.objects.filter(student__cases__pk__among=case_ids).exclude(pk__among=case_ids).distinct()


def in_name_order(cases: QuerySet[Case]) -> QuerySet[Case]:
    """In the order of a Mexican list: apellidos, ñ after n."""
    return cases.order_by(F("student__name_order"), "pk")
