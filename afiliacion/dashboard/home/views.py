"""Inicio: what is pending, with whose turn and since when, and the counts by state. Each number links to the list it counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from afiliacion.cases import counters
from afiliacion.cases.queries import visible_cases
from afiliacion.cases.states import Milestone, State, Turn, rests
from afiliacion.dashboard.home import banners
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.assignees import ME, lapsed
from afiliacion.dashboard.without_curp import listing as without_curp
from afiliacion.dashboard.worklist.due_ranges import dues
from afiliacion.dashboard.worklist.filters import AT_REST, DueFilter, Filters, Flag
from afiliacion.database.batch_queries import Batch, Parameter, RowCount, together
from afiliacion.imss.models import Outage
from afiliacion.imss.rate import circuit_breaker
from afiliacion.operations.models import NightRun
from afiliacion.papers_in.waiting import on_paper_alone, waiting
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
class HomeColumn:
    """Whose turn: everything that waits there, parted by when it is due."""

    total: Tally
    parts: list[Tally]


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """A milestone of a term's funnel: who reached it, the list of them, and how many had last term by the same day (None: not known)."""

    tally: Tally
    share: int
    before: int | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far a term's cases have come, and the same day of the term before."""

    ciclo: Ciclo
    stages: list[FunnelStage]
    before: Ciclo | None


@dataclass(frozen=True, slots=True)
class HomeCounts:
    """The office's cases at one moment."""

    columns: list[HomeColumn]
    states: list[Tally]
    total: int
    at_rest: Tally


def standing(places: Sequence[counters.StateCount], counted: Sequence[counters.DueCount], today: dt.date) -> HomeCounts:
    """The counters by whose turn, by due date and by state."""
    by_state, by_turn = _totals(places, "state"), _totals(places, "turn")
    states = [Tally(s.label, s.value, by_state[s.value], Filters(estado=s.value).query) for s in State]
    waiting = Counter[tuple[str, DueFilter]]()
    for each in counted:
        for part in dues(each, today):
            waiting[each.turn, part] += each.n
    resting = sum(place.n for place in places if rests(place.state, place.coverage))
    at_rest = Tally("Con otra cobertura", AT_REST, resting, Filters(cobertura=AT_REST).query)
    columns = [_column(turn, label, by_turn[turn.value], waiting) for turn, label in TURNS]
    return HomeCounts(columns, states, sum(by_state.values()), at_rest)


def _totals(places: Iterable[counters.StateCount], name: str) -> Counter[str]:
    totals: Counter[str] = Counter()
    for place in places:
        totals[getattr(place, name)] += place.n
    return totals


def _column(turn: Turn, label: str, total: int, waiting: Counter[tuple[str, DueFilter]]) -> HomeColumn:
    whole = Filters(turno=turn.value)
    parts = [Tally(part.label, part.value, waiting[turn.value, part], replace(whole, plazo=part.value).query) for part in DueFilter]
    return HomeColumn(Tally(label, turn.value, total, whole.query), parts)


def funnel(
    begun: Sequence[Ciclo], places: Sequence[counters.StateCount], planteles: frozenset[int] | None, today: dt.date
) -> Funnel | None:
    """The funnel of the term that runs, the last of those `begun` (newest first), beside the one before; None before any has begun."""
    if not begun:
        return None
    ciclo, before = _running(begun, places)
    reached = [sum(p.n for p in places if p.ciclo_id == ciclo.pk and p.reached >= m) for m in Milestone]
    then = _then(before, planteles, today - ciclo.starts_on) if before else None
    stages = [
        FunnelStage(
            Tally(m.label, m.name, reached[m], Filters(ciclo=str(ciclo.pk), paso=str(m.value)).query),
            round(100 * reached[m] / reached[0]) if reached[0] else 0,
            then[m] if then else None,
        )
        for m in Milestone
    ]
    return Funnel(ciclo, stages, before if then else None)


def _running(begun: Sequence[Ciclo], places: Sequence[counters.StateCount]) -> tuple[Ciclo, Ciclo | None]:
    """The ciclo that began last, and the one before it. Several may begin on one day: with the most cases; as long as the one that runs."""
    cases = Counter[int]()
    for place in places:
        cases[place.ciclo_id] += place.n
    latest = [ciclo for ciclo in begun if ciclo.starts_on == begun[0].starts_on]
    ciclo = max(latest, key=lambda each: cases[each.pk])
    earlier = begun[len(latest) :]
    ended = [each for each in earlier if each.starts_on == earlier[0].starts_on]
    return ciclo, min(ended, key=lambda each: abs(_length(each) - _length(ciclo)), default=None)


def _length(ciclo: Ciclo) -> dt.timedelta:
    return ciclo.ends_on - ciclo.starts_on


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


#: Ciclos looked at to find the one that runs and the one before, as several may begin on one day.
BEGUN: Final = 12


class _HomeRows(NamedTuple):
    """What the page shows besides the counters: the ciclos begun, the last night, the outage going on, the number of the person's own
    cases, of those whose assignee works there no longer, of sheets to review that came on paper alone, of documents that wait, of students
    without CURP (and of those late), and the banners."""

    begun: list[Ciclo]
    nights: list[NightRun]
    outages: list[Outage]
    own: int
    left: int
    to_review: int
    papers: int
    no_curp: int
    no_curp_late: int
    banners: banners.BannerRows


@cache
def _queries(*, everywhere: bool) -> Batch[_HomeRows]:
    cases = visible_cases(None if everywhere else Parameter("planteles"))
    return Batch(
        _HomeRows,
        begun=Ciclo.objects.filter(starts_on__lte=Parameter("today")).order_by("-starts_on", "clave")[:BEGUN],
        nights=NightRun.objects.order_by("-date")[:1],
        outages=circuit_breaker.going_on(),
        own=RowCount(cases.filter(assignments__user=Parameter("user"))),
        left=RowCount(cases.filter(Exists(lapsed().filter(case=OuterRef("pk"))))),
        to_review=RowCount(on_paper_alone(cases)),
        papers=RowCount(waiting(None if everywhere else Parameter("planteles"), Parameter("user"))),
        no_curp=without_curp.waiting(everywhere=everywhere),
        no_curp_late=without_curp.waiting(everywhere=everywhere, late=True),
        banners=banners.queries(everywhere=everywhere),
    )


@require_safe
def home(request: OfficeRequest) -> HttpResponse:
    today, scope = timezone.localdate(), request.scope
    places, dues = counters.standing(scope.plantel_ids), counters.due(scope.plantel_ids)
    batch = _queries(everywhere=scope.plantel_ids is None)
    rows = together(batch, user=scope.user.pk, planteles=sorted(scope.plantel_ids or ()), today=today)
    context = {
        "today": today, "standing": standing(places, dues, today), "funnel": funnel(rows.begun, places, scope.plantel_ids, today),
        "banners": banners.banners(rows.banners, now=timezone.now(), everywhere=scope.plantel_ids is None),
        "night": next(iter(rows.nights), None), "outage": next(iter(rows.outages), None), "sheets": rows.to_review + rows.papers,
        "no_curp": rows.no_curp, "no_curp_late": rows.no_curp_late, "consents_waiting": rows.banners.asked,
        "own": Tally("Asignados a usted", "own", rows.own, Filters(asignado=ME).query),
        "left": Tally("A cargo de quien ya no trabaja aquí", "left", rows.left, Filters(bandera=Flag.LEFT).query),
    }  # fmt: skip
    return render(request, "dashboard/home/page.html", context)
