"""A case that was closed because its person had another one at the plantel."""

from __future__ import annotations

from afiliacion.cases.models import Case
from afiliacion.cases.states import BajaKind, Verb


def goes_on(case: Case) -> Case:
    """The case that goes on instead of one that a merge of records closed, itself closed by a later merge or not; of any other, itself."""
    while case.baja_kind == BajaKind.DESHECHA and (other := _instead(case)):
        case = Case.objects.select_related("student", "plantel").get(pk=other)
    return case


def _instead(case: Case) -> int | None:
    """The case (id) that the last merge which stands closed this one for."""
    merges = case.events.filter(verb__in=[Verb.MERGE, Verb.RETRACT_MERGE]).order_by("seq").values_list("verb", "data")
    undone = {data["merge"] for verb, data in merges if verb == Verb.RETRACT_MERGE}
    return next((data["goes_on"] for _, data in reversed(merges) if "goes_on" in data and data["merge"] not in undone), None)
