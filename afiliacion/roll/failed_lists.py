"""Lists that did not go as they should: for whom brought them, the next morning."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q

from afiliacion.roll.models import Import, ImportState

_WRONG: Final = {
    ImportState.REFUSED: "Listas de inscritos cuyo archivo no sirvió, por traer otro",
    ImportState.FAILED: "Listas de inscritos que detuvo una falla, por reintentar",
    ImportState.DONE_WITH_ERRORS: "Listas de inscritos con filas sin cargar, por corregir",
}
#: What came in place of a file that was refused, and was read.
_READ: Final = (ImportState.CHECKED, ImportState.CONFIRMED, ImportState.RUNNING, ImportState.DONE, ImportState.DONE_WITH_ERRORS)


def since_yesterday(now: dt.datetime) -> dict[int, dict[str, int]]:
    """How many lists of each plantel (id) went wrong in the day before `now`, by what is to be done about them, in Spanish."""
    wrong = Import.objects.filter(state__in=_WRONG, finished_at__gt=now - dt.timedelta(days=1), finished_at__lte=now)
    same = Import.objects.filter(plantel=OuterRef("plantel"), ciclo=OuterRef("ciclo"), uploaded_at__gt=OuterRef("uploaded_at"))
    replaced = Q(state=ImportState.REFUSED) & Exists(same.filter(state__in=_READ))
    told: dict[int, dict[str, int]] = defaultdict(dict)
    for plantel_id, state, n in wrong.exclude(replaced).values_list("plantel", "state").annotate(n=Count("pk")).order_by("state"):
        told[plantel_id][_WRONG[ImportState(state)]] = n
    return dict(told)
