"""Erase what people and IMSS wrote in the history of cases, the former values of their persons and what lists noted of them before they had
a CURP; that there was a text, and the hash chain, stay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from afiliacion.cases.models import EventDetail, WithoutCurp
from students.models import FormerValue, Student

#: Forget what is kept of these records (ids), which were merged into those of erased persons: for what a room above keeps.
FOLLOWERS: Final[list[Callable[[Collection[int]], None]]] = []
#: Forget what IMSS said of these cases (ids): for what a room above keeps.
OF_CASES: Final[list[Callable[[Collection[int]], None]]] = []


def erase(case_ids: Iterable[int]) -> int:
    """Erase the texts of all events of these cases (NSS, reasons, names, messages) and return how many events had any.

    With them go what was on record of their persons before it was corrected (FormerValue), what records that were merged into theirs
    said, and what was noted of them without CURP.

    Screens and papers show ERASED in their place. For the retention of personal data; the caller decides which cases, and records why.
    """
    ids = list(case_ids)
    with transaction.atomic():
        return _erase(ids)


def _erase(ids: list[int]) -> int:
    erased, _ = EventDetail.objects.filter(case__in=ids).delete()
    for forget in OF_CASES:
        forget(ids)
    FormerValue.objects.filter(student__cases__in=ids).delete()
    _forget_merged(ids)
    _forget(WithoutCurp.objects.filter(enrolment__student__cases__in=ids))
    return erased


def _forget_merged(case_ids: Iterable[int]) -> None:
    """What a record that was merged into the person's said, others may keep too (FOLLOWERS); its dates are the person's from now on.

    A merge is not taken back any more: the former values it needs are gone.
    """
    into = dict(Student.objects.filter(cases__in=case_ids).values_list("pk", "pk"))
    found = dict(into)
    while found:
        merged_into = Student.objects.filter(merged_into__in=found).values_list("pk", "merged_into")
        found = {pk: into[via] for pk, via in merged_into if via}
        into |= found
    merged = {pk: person for pk, person in into.items() if pk != person}
    people = Student.objects.in_bulk(merged.values())
    for record in Student.objects.filter(pk__in=merged).order_by("pk").select_for_update():
        person = people[merged[record.pk]]
        record.nombre = record.primer_apellido = record.segundo_apellido = record.email = record.phone = ""
        record.birth_date, record.sex, record.entity = person.birth_date, person.sex, person.entity
        record.save()
    for follow in FOLLOWERS:
        follow(merged.keys())


def erase_without_curp(without_ids: Iterable[int]) -> int:
    """Delete what lists noted of students without CURP (WithoutCurp ids), of whom there is no case; return how many rows went.

    A list that still brings one notes them again. The caller decides who, and records why, as above.
    """
    return _forget(WithoutCurp.objects.filter(pk__in=list(without_ids), enrolment=None))


def _forget(noted: QuerySet[WithoutCurp]) -> int:
    """Delete these, and what was noted of the same students in other ciclos: at the plantel, by matrícula and name."""
    same = noted.filter(plantel=OuterRef("plantel"), matricula=OuterRef("matricula"))
    named = same.filter(Q(name_search=OuterRef("name_search")) | Q(enrolment__student__name_search=OuterRef("name_search")))
    gone = WithoutCurp.objects.filter(Exists(named), enrolment=None).values("pk").union(noted.values("pk"))
    return WithoutCurp.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).delete()[0]
