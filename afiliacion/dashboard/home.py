"""The morning: what waits, on whom, since when; and where every case stands. Each number links to the list it counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from afiliacion.cases.models import Case
from afiliacion.cases.states import State, Turn
from afiliacion.dashboard.access import OfficeRequest
from afiliacion.dashboard.filters import Due, Filters, due_condition
from afiliacion.operations.models import NightRun

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
class Standing:
    """The office's cases at one moment."""

    columns: list[Column]
    states: list[Tally]
    total: int


def standing(cases: QuerySet[Case], today: dt.date) -> Standing:
    """Count `cases` by whose turn, by due date and by state, in one query."""
    counts = {due.value: Count("pk", filter=due_condition(due, today)) for due in Due}
    groups = list(cases.order_by().values("state", "turn").annotate(n=Count("pk"), **counts))
    states = [Tally(s.label, s.value, _sum(groups, "n", state=s.value), Filters(estado=s.value).query) for s in State]
    return Standing([_column(turn, label, groups) for turn, label in TURNS], states, _sum(groups, "n"))


def _column(turn: Turn, label: str, groups: Iterable[Mapping[str, Any]]) -> Column:
    whole = Filters(turno=turn.value)
    parts = [Tally(d.label, d.value, _sum(groups, d.value, turn=turn.value), replace(whole, plazo=d.value).query) for d in Due]
    return Column(Tally(label, turn.value, _sum(groups, "n", turn=turn.value), whole.query), parts)


def _sum(groups: Iterable[Mapping[str, Any]], name: str, **where: str) -> int:
    return sum(group[name] for group in groups if where.items() <= group.items())


@require_safe
def home(request: OfficeRequest) -> HttpResponse:
    today = timezone.localdate()
    context = {"today": today, "standing": standing(request.scope.cases(), today), "night": NightRun.objects.order_by("-date").first()}
    return render(request, "dashboard/home.html", context)
