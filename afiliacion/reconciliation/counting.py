"""How many cases are in each difference, by registro patronal and ciclo: one statement, computed when it is asked."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Value

from afiliacion.cases.models import Case
from afiliacion.reconciliation.differences import OF_CASES, Difference, find
from afiliacion.reconciliation.ground import Ground


class Tally(NamedTuple):
    """So many of one difference under a registro patronal ("": the plantel has none), of cases of a ciclo (None: of no ciclo)."""

    what: Difference
    registro: str
    ciclo_id: int | None
    n: int


def count(cases: QuerySet[Case], ground: Ground) -> list[Tally]:
    """Count the differences of these cases."""
    first, *others = (_counted(what, cases, ground) for what in OF_CASES)
    rows = first.union(*others, all=True)
    return [
        Tally(Difference(what), under or ground.registros.on(plantel_id, ground.today), ciclo_id, n)
        for what, plantel_id, ciclo_id, under, n in rows
    ]


def _counted(what: Difference, cases: QuerySet[Case], ground: Ground) -> QuerySet[Any]:
    found = find(what, cases, ground).order_by().annotate(what=Value(what.value))
    grouped: QuerySet[Any] = found.values("what", "plantel_id", "ciclo_id", "under").annotate(n=Count("pk"))
    return grouped.values_list("what", "plantel_id", "ciclo_id", "under", "n")


def under(cases: QuerySet[Any], registro: str, ground: Ground) -> QuerySet[Any]:
    """Of the cases of a difference, those about one registro patronal ("": those of planteles without one)."""
    today = ground.registros.held(ground.today)
    planteles = [plantel_id for plantel_id, held in today.items() if held == registro]
    unknown = Q(under="", plantel__in=planteles) if registro else Q(under="") & ~Q(plantel__in=list(today))
    return cases.filter(Q(under=registro) & ~Q(under="") | unknown)
