"""The morning: what waits, on whom, since when; and where every case stands. Each number links to the list it counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from afiliacion.cases import sheets, tally
from afiliacion.cases.queries import in_planteles
from afiliacion.cases.states import Milestone, State, Turn
from afiliacion.dashboard import banners
from afiliacion.dashboard.access import OfficeRequest
from afiliacion.dashboard.filters import ME, Due, Filters
from afiliacion.dashboard.listing import dues
from afiliacion.imss import outage
from afiliacion.operations.models import NightRun
from students.models import Ciclo
from students.together import Given, HowMany, together

#: In this order the columns stand, each with what it says above its number.
TURNS: Final = ((Turn.ALUMNO, "Le toca al alumno"), (Turn.ESCUELA, "Le toca a la escuela"), (Turn.IMSS, "Le toca al IMSS"))


@dataclass(frozen=True, slots=True)
class Tally:
    """A number and the list it counts."""

    label: str
    kind: str
    n: int
    query: str


@dataclass(frozen=True, slots=True)
class Column:
    """Whose turn: everything that waits there, parted by when it is due."""

    total: Tally
    parts: list[Tally]


@dataclass(frozen=True, slots=True)
class Stage:
    """A milestone of a term's funnel: who reached it, the list of them, and how many had last term by the same day (None: not known)."""

    tally: Tally
    share: int
    before: int | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far a term's cases have come, and the same day of the term before."""

    ciclo: Ciclo
    stages: list[Stage]
    before: Ciclo | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The office's cases at one moment."""

    columns: list[Column]
    states: list[Tally]
    total: int


def standing(places: Sequence[tally.Standing], counted: Sequence[tally.Due], today: dt.date) -> Standing:
    """The counters by whose turn, by due date and by state."""
    by_state, by_turn = _totals(places, "state"), _totals(places, "turn")
    states = [Tally(s.label, s.value, by_state[s.value], Filters(estado=s.value).query) for s in State]
    waiting = Counter[tuple[str, Due]]()
    for each in counted:
        for part in dues(each, today):
            waiting[each.turn, part] += each.n
    return Standing([_column(turn, label, by_turn[turn.value], waiting) for turn, label in TURNS], states, sum(by_state.values()))


def _totals(places: Iterable[tally.Standing], name: str) -> Counter[str]:
    totals: Counter[str] = Counter()
    for place in places:
        totals[getattr(place, name)] += place.n
    return totals


def _column(turn: Turn, label: str, total: int, waiting: Counter[tuple[str, Due]]) -> Column:
    whole = Filters(turno=turn.value)
    parts = [Tally(part.label, part.value, waiting[turn.value, part], replace(whole, plazo=part.value).query) for part in Due]
    return Column(Tally(label, turn.value, total, whole.query), parts)


def funnel(begun: Sequence[Ciclo], places: Sequence[tally.Standing], planteles: frozenset[int] | None, today: dt.date) -> Funnel | None:
    """The funnel of the term that runs, the first of those `begun`, beside the second; None before any has begun."""
    if not begun:
        return None
    ciclo, before = begun[0], begun[1] if len(begun) > 1 else None
    reached = [sum(p.n for p in places if p.ciclo_id == ciclo.pk and p.reached >= m) for m in Milestone]
    then = _then(before, planteles, today - ciclo.starts_on) if before else None
    stages = [
        Stage(
            Tally(m.label, m.name, reached[m], Filters(ciclo=str(ciclo.pk), paso=str(m.value)).query),
            round(100 * reached[m] / reached[0]) if reached[0] else 0,
            then[m] if then else None,
        )
        for m in Milestone
    ]
    return Funnel(ciclo, stages, before if then else None)


_THEN: Final = """
SELECT reached FROM cases_funnelday d WHERE ciclo_id = %(ciclo)s AND (%(own)s::bigint[] IS NULL OR plantel_id = ANY(%(own)s))
AND date = (SELECT max(date) FROM cases_funnelday WHERE ciclo_id = %(ciclo)s AND date <= %(day)s
            AND (%(own)s::bigint[] IS NULL OR plantel_id = ANY(%(own)s)))
"""


def _then(ciclo: Ciclo, planteles: frozenset[int] | None, into: dt.timedelta) -> list[int] | None:
    """How many had reached each milestone of `ciclo` on the same day of the term, or the last day noted before it."""
    with connection.cursor() as cursor:
        own = None if planteles is None else sorted(planteles)
        cursor.execute(_THEN, {"ciclo": ciclo.pk, "own": own, "day": ciclo.starts_on + into})
        rows = [reached for (reached,) in cursor.fetchall()]
    return [sum(column) for column in zip(*rows, strict=True)] if rows else None


@cache
def _questions(*, everywhere: bool) -> tuple[QuerySet[Any] | HowMany, ...]:
    """What the page shows besides the counters: terms, night, outage, the person's own cases, sheets to look at, banners."""
    cases = in_planteles(None if everywhere else Given("planteles"))
    return (
        Ciclo.objects.filter(starts_on__lte=Given("today")).order_by("-starts_on")[:2], NightRun.objects.order_by("-date")[:1],
        outage.going_on(), HowMany(cases.filter(assignments__user=Given("user"))), HowMany(sheets.to_review(cases)),
        *banners.questions(everywhere=everywhere),
    )  # fmt: skip


@require_safe
def home(request: OfficeRequest) -> HttpResponse:
    today, scope = timezone.localdate(), request.scope
    places, dues = tally.standing(scope.plantel_ids), tally.due(scope.plantel_ids)
    begun, nights, outages, own, to_review, *rest = together(
        *_questions(everywhere=scope.plantel_ids is None), user=scope.user.pk, planteles=sorted(scope.plantel_ids or ()), today=today
    )
    context = {
        "today": today, "standing": standing(places, dues, today), "funnel": funnel(begun, places, scope.plantel_ids, today),
        "banners": banners.banners(*rest), "night": next(iter(nights), None), "outage": next(iter(outages), None), "sheets": to_review,
        "own": Tally("Asignados a usted", "own", own, Filters(asignado=ME).query),
    }  # fmt: skip
    return render(request, "dashboard/home.html", context)
