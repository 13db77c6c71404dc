"""When what the office holds of a registro patronal was last true: the last day of which IMSS told anything about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Max, QuerySet

from afiliacion.cases.models import Case
from afiliacion.movements.models import Movement
from afiliacion.reconciliation.ground import Ground


def last_answers(cases: QuerySet[Case], ground: Ground) -> dict[str, dt.date]:
    """Of each registro patronal of these cases, the last day of an answer of IMSS: about a movement, or about vigencia.

    Of cases that do not know theirs, it is the one of their plantel today.
    """
    found: dict[str, dt.date] = {}
    answered = Movement.objects.filter(case__in=cases, answered_on__isnull=False).values("registro").annotate(day=Max("answered_on"))
    checked = cases.order_by().filter(checked_on__isnull=False).values("registro", "plantel_id").annotate(day=Max("checked_on"))
    _latest(found, answered.order_by().values_list("registro", "day"))
    rows = checked.values_list("registro", "plantel_id", "day")
    _latest(found, ((registro or ground.registros.on(plantel_id, ground.today), day) for registro, plantel_id, day in rows))
    return found


def _latest(found: dict[str, dt.date], rows: Iterable[Any]) -> None:
    for registro, day in rows:
        found[registro] = max(found.get(registro, dt.date.min), day)
