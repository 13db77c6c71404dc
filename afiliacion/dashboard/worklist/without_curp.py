"""Who has no CURP yet is in no list of cases: a search offers them beside the cases it finds, with the way to their page."""

from __future__ import annotations

from typing import Final

from django.db.models import F, QuerySet

from afiliacion.cases.models import WithoutCurp
from afiliacion.dashboard.shared.access import Scope
from afiliacion.dashboard.shared.sql import Sql, all_of, fetched
from afiliacion.dashboard.worklist.search import Search

#: Offered at most; the page «Sin CURP» has them all.
MOST: Final = 5
# As both indexes have it: one whose CURP came is found by their case.
_IDS: Final = Sql("SELECT w.id FROM cases_withoutcurp w WHERE w.enrolment_id IS NULL AND")
_FIRST: Final = Sql("ORDER BY w.closed_at NULLS FIRST, w.name_order, w.id LIMIT %s", (MOST,))


def matching(scope: Scope, text: str, *, plantel: str = "", ciclo: str = "") -> list[WithoutCurp]:
    """The first of those whose name or matrícula (its beginning) was typed, of this person's planteles; those who wait come first.

    `plantel`, `ciclo`: ids to which a list is narrowed; "": all. Mostly none is found: then it is one question, of an index.
    """
    search = Search.of(text, scope.plantel_ids)
    if search is None:
        return []
    ways = [search.without_curp]
    if scope.plantel_ids is not None:
        ways.append(Sql("w.plantel_id = ANY(%s)", (sorted(scope.plantel_ids),)))
    ways += [Sql(f"w.{column} = %s", (int(said),)) for column, said in (("plantel_id", plantel), ("ciclo_id", ciclo)) if said]
    found = [pk for (pk,) in fetched(_IDS + all_of(ways) + _FIRST)]
    return list(_rows(found)) if found else []


def _rows(ids: list[int]) -> QuerySet[WithoutCurp]:
    rows = WithoutCurp.objects.filter(pk__in=ids).select_related("plantel", "ciclo")
    return rows.order_by(F("closed_at").asc(nulls_first=True), "name_order", "pk")
