"""Which movements IMSS turned down, of which family, counted, and by which codes of which nothing is told yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from afiliacion.cases.models import Case
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import Movement, RejectionCode
from afiliacion.movements.rejections.families import SYSTEM, UNKNOWN
from afiliacion.movements.rejections.holding import last_of_their_case
from afiliacion.movements.wanted import owing_baja, wanting_alta

#: Texts of IMSS that are shown of one code.
_TEXTS: Final = 3
_TOLD: Final = RejectionCode.objects.filter(code=OuterRef("code"))


def rejected(cases: QuerySet[Case]) -> QuerySet[Any]:
    """The movements of these cases that IMSS turned down, each with its `family` (key). What its system failed at is none."""
    family = Coalesce(Subquery(_TOLD.values("family")[:1]), Value(UNKNOWN))
    turned_down = Movement.objects.filter(case__in=cases, status__in=Movement.TURNED_DOWN)
    return turned_down.annotate(family=family).exclude(family=SYSTEM)


def pending(cases: QuerySet[Case]) -> QuerySet[Any]:
    """Of `rejected`, what was not let go and is still wanted: nothing was sent for it since."""
    altas = Q(type=MovementType.ALTA.value, case__in=wanting_alta(cases).values("pk"))
    bajas = Q(type=MovementType.BAJA.value, case__in=owing_baja(cases).values("pk"))
    return last_of_their_case(rejected(cases).filter(altas | bajas, cleared_at=None))


class RejectionCount(NamedTuple):
    """How many altas and bajas were rejected with one code ("": IMSS gave none) of a family (key)."""

    family: str
    code: str
    altas: int
    bajas: int


def counted(rows: QuerySet[Any]) -> list[RejectionCount]:
    """These movements (of `rejected`) counted by family and code, those of which there are most first."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for family, code, kind, n in rows.order_by().values_list("family", "code", "type").annotate(n=Count("pk")):
        found.setdefault((family, code), {})[kind] = n
    counts = [RejectionCount(*key, n.get("08", 0), n.get("02", 0)) for key, n in found.items()]
    return sorted(counts, key=lambda each: (-each.altas - each.bajas, each.family, each.code))


class UntoldCode(NamedTuple):
    """A code that came and of which the office has told nothing: how many movements have it, and how IMSS put it."""

    code: str
    movements: int
    texts: Sequence[str]


def untold(code: str = "") -> list[UntoldCode]:
    """The codes of which nothing is told yet, or that one if it is one; those that came most often first."""
    rows = Movement.objects.filter(status__in=Movement.TURNED_DOWN).exclude(code="")
    rows = rows.exclude(code__in=RejectionCode.objects.values("code"))
    counts = (rows.filter(code=code) if code else rows).order_by().values_list("code")
    found = counts.annotate(n=Count("pk"), texts=ArrayAgg("message", distinct=True)).order_by("-n", "code")
    return [UntoldCode(each, n, [text for text in texts if text][:_TEXTS]) for each, n, texts in found]
