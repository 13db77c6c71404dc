"""The morning: what waits, on whom, since when; and where every case stands. Each number links to the list it counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from afiliacion.cases import sheets, tally
from afiliacion.cases.models import FunnelDay
from afiliacion.cases.states import Milestone, State, Turn
from afiliacion.cases.together import together
from afiliacion.dashboard.access import OfficeRequest
from afiliacion.dashboard.banners import banners
from afiliacion.dashboard.filters import ME, Due, Filters
from afiliacion.dashboard.listing import is_due
from afiliacion.dashboard.models import Assignment
from afiliacion.imss import outage
from afiliacion.operations.models import NightRun
from students.models import Ciclo

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


def standing(places: Sequence[tally.Standing], dues: Sequence[tally.Due], today: dt.date) -> Standing:
    """The counters by whose turn, by due date and by state."""
    by_state, by_turn = _totals(places, "state"), _totals(places, "turn")
    states = [Tally(s.label, s.value, by_state[s.value], Filters(estado=s.value).query) for s in State]
    return Standing([_column(turn, label, by_turn[turn.value], dues, today) for turn, label in TURNS], states, sum(by_state.values()))


def _totals(places: Iterable[tally.Standing], name: str) -> Counter[str]:
    totals: Counter[str] = Counter()
    for place in places:
        totals[getattr(place, name)] += place.n
    return totals


def _column(turn: Turn, label: str, total: int, dues: Iterable[tally.Due], today: dt.date) -> Column:
    whole, own = Filters(turno=turn.value), [due for due in dues if due.turn == turn]
    parts = [
        Tally(part.label, part.value, sum(due.n for due in own if is_due(part, due, today)), replace(whole, plazo=part.value).query)
        for part in Due
    ]
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


def _then(ciclo: Ciclo, planteles: frozenset[int] | None, into: dt.timedelta) -> list[int] | None:
    """How many had reached each milestone of `ciclo` on the same day of the term, or the last day noted before it."""
    days = FunnelDay.objects.filter(ciclo=ciclo, date__lte=ciclo.starts_on + into)
    if planteles is not None:
        days = days.filter(plantel__in=planteles)
    rows = list(days.filter(date=Subquery(days.order_by("-date").values("date")[:1])).values_list("reached", flat=True))
    return [sum(column) for column in zip(*rows, strict=True)] if rows else None


def _counts(*rows: QuerySet[Any]) -> list[int]:
    """How many each of these has, in one question."""
    counted = [each.values("pk").query.sql_with_params() for each in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(f'(SELECT count(*) FROM ({sql}) x)' for sql, _ in counted)}",  # noqa: S608 - as Django wrote it
            [param for _, params in counted for param in params],
        )
        return list(cursor.fetchone())


@require_safe
def home(request: OfficeRequest) -> HttpResponse:
    today, scope = timezone.localdate(), request.scope
    places, dues = tally.standing(scope.plantel_ids), tally.due(scope.plantel_ids)
    begun, nights, outages = together(
        Ciclo.objects.filter(starts_on__lte=today).order_by("-starts_on")[:2], NightRun.objects.order_by("-date")[:1], outage.going_on()
    )
    own, to_review = _counts(Assignment.objects.filter(user=scope.user, case__in=scope.cases()), sheets.to_review(scope.cases()))
    context = {
        "today": today, "standing": standing(places, dues, today), "funnel": funnel(begun, places, scope.plantel_ids, today),
        "banners": banners(scope), "night": next(iter(nights), None), "outage": next(iter(outages), None), "sheets": to_review,
        "own": Tally("Asignados a usted", "own", own, Filters(asignado=ME).query),
    }  # fmt: skip
    return render(request, "dashboard/home.html", context)
