"""When what the office holds of a registro patronal was last true: the last day of which IMSS told anything about it."""

from __future__ import annotations

import datetime as dt

from django.db.models import IntegerField, Max, QuerySet, Value

from afiliacion.cases.models import Case
from afiliacion.movements.models import Movement
from afiliacion.reconciliation.ground import Ground


def last_answers(cases: QuerySet[Case], ground: Ground) -> dict[str, dt.date]:
    """Of each registro patronal of these cases, the last day of an answer of IMSS: about a movement, or about vigencia.

    Of cases that do not know theirs, it is the one of their plantel today. One statement.
    """
    answered = Movement.objects.filter(case__in=cases.order_by(), answered_on__isnull=False).order_by()
    of_movements = answered.annotate(whose=Value(0, IntegerField())).values("registro", "whose").annotate(day=Max("answered_on"))
    checked = cases.order_by().filter(checked_on__isnull=False)
    of_cases = checked.values("registro", "plantel_id").annotate(day=Max("checked_on"))
    rows = of_movements.values_list("registro", "whose", "day").union(of_cases.values_list("registro", "plantel_id", "day"), all=True)
    found: dict[str, dt.date] = {}
    for registro, plantel_id, day in rows:
        under = registro or ground.registros.on(plantel_id, ground.today)
        found[under] = max(found.get(under, dt.date.min), day)
    return found
