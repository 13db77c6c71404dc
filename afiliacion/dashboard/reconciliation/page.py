"""Conciliación: what does not agree between the school, the office and IMSS, counted now; it ends at zero."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from afiliacion.cases.identity import without_curp
from afiliacion.dashboard.reconciliation.asked import NONE, Asked
from afiliacion.dashboard.reconciliation.remedies import MEANINGS
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.reconciliation import strangers, truth
from afiliacion.reconciliation.counting import Tally, count
from afiliacion.reconciliation.differences import Difference
from students.registro_patronal import with_dashes

#: Registros patronales shown, those with most differences first.
SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One difference and how many it has."""

    what: Difference
    meaning: str
    n: int


class RegistroLine(NamedTuple):
    """A registro patronal: its differences, and of when what is held of it is."""

    registro: str
    told: str
    n: int
    answered_on: dt.date | None
    listed_on: dt.date | None


@require_safe
def page(request: OfficeRequest) -> HttpResponse:
    """Every difference with its number, and every registro patronal with the day of what IMSS last told of it."""
    asked = Asked.of(request.GET, request.scope)
    tallies = [tally for tally in _tallies(asked) if asked.holds(tally.registro, tally.ciclo_id)]
    registros = _registros(asked, tallies)
    waiting = without_curp.visible(request.scope.plantel_ids).filter(closed_at=None)
    context = {
        "asked": asked, "lines": _lines(tallies), "total": sum(tally.n for tally in tallies), "registros": registros[:SHOWN],
        "hidden": len(registros) - SHOWN, "choices": [(registro, with_dashes(registro)) for registro in asked.registros], "none": NONE,
        "computed_at": timezone.localtime(), "without_curp": (waiting.filter(ciclo=asked.ciclo) if asked.ciclo else waiting).count(),
    }  # fmt: skip
    return render(request, "dashboard/reconciliation/page.html", context)


def _tallies(asked: Asked) -> list[Tally]:
    """All that the person sees, whatever is asked for."""
    of_nobody = strangers.counted(asked.answered_for, asked.ground.lists) if asked.answered_for else []
    return [*count(asked.scope.cases(), asked.ground), *(Tally(what, registro, None, n) for what, registro, n in of_nobody)]


def _lines(tallies: Iterable[Tally]) -> list[Line]:
    counts: Counter[Difference] = Counter()
    for tally in tallies:
        counts[tally.what] += tally.n
    return [Line(what, MEANINGS[what], counts[what]) for what in Difference]


def _registros(asked: Asked, tallies: Iterable[Tally]) -> list[RegistroLine]:
    """Those asked for that have differences, or of which IMSS ever told something."""
    counts: Counter[str] = Counter()
    for tally in tallies:
        counts[tally.registro] += tally.n
    answered = truth.last_answers(asked.scope.cases(), asked.ground)
    listed = {registro: on for registro, on in asked.ground.lists.items() if registro in asked.registros}
    known = {registro for registro in {*counts, *answered, *listed, *asked.registros} if asked.holds(registro, None)}
    lines = [RegistroLine(each or NONE, with_dashes(each), counts[each], answered.get(each), listed.get(each)) for each in known]
    return sorted(lines, key=lambda line: (-line.n, line.registro))
