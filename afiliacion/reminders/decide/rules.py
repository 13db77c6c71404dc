"""Pure: on which night a step of a kind is due, and why a kind says nothing. due_sql.py has the same rules in SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from afiliacion.cases.baja_kinds import SILENT
from afiliacion.cases.clock import long_date
from afiliacion.cases.facts import ACUSE_PAPER, Facts
from afiliacion.cases.states import BajaKind, Coverage, Turn, rests
from afiliacion.reminders.models import ReminderKind
from afiliacion.reminders.silent_students import WHY

_LATER: Final = 10_000


@dataclass(frozen=True, slots=True)
class KindStep:
    """Step `n` (from 1) of a kind goes out tonight for the cases whose anchor date lies between `first` and `last`."""

    kind: ReminderKind
    n: int
    first: dt.date
    last: dt.date


def steps(kind: ReminderKind, night: dt.date) -> Iterator[KindStep]:
    """The steps of `kind` with the anchor dates they reach on `night`: each from its day until its window or the next step."""
    for n, (day, following) in enumerate(pairwise([*kind.days, _LATER]), 1):
        end = min(day + kind.window, following) - 1
        yield KindStep(kind, n, night - dt.timedelta(days=end), night - dt.timedelta(days=day))


def step_due(kind: ReminderKind, facts: Facts, due_on: dt.date | None, night: dt.date) -> KindStep | None:
    """The step of `kind` that falls on `night` for a case with these facts, if any."""
    anchor = _anchor(kind, facts, due_on)
    return next((step for step in steps(kind, night) if anchor and step.first <= anchor <= step.last), None)


def steps_reached(kind: ReminderKind, facts: Facts, due_on: dt.date | None, night: dt.date) -> int:
    """How many steps of `kind` have had their day by `night`, whether they are still worth a mail of their own or not."""
    anchor = _anchor(kind, facts, due_on)
    return sum(anchor + dt.timedelta(days=day) <= night for day in kind.days) if anchor else 0


def silence(kind: ReminderKind, facts: Facts, turn: Turn, due_on: dt.date | None, night: dt.date) -> str:
    """Why `kind` has nothing to say on `night` to the student of a case with these facts, in Spanish; empty if it has."""
    if silent := quiet(kind, facts, turn, due_on, night):
        return silent
    return "" if step_due(kind, facts, due_on, night) else _untimely(kind, facts, due_on, night)


def concerns(kind: ReminderKind, facts: Facts) -> bool:
    """Whether `kind` is about cases with such facts at all: their state, of a refused sheet only if one is, of a rest only at rest."""
    if kind.turn == Turn.NADIE and not rests(facts.state, facts.coverage):
        return False
    return facts.state in kind.states and (kind.anchor != ReminderKind.Anchor.REFUSED or facts.sheet_refused_on is not None)


def quiet(kind: ReminderKind, facts: Facts, turn: Turn, due_on: dt.date | None, night: dt.date) -> str:
    """Why `kind` is not about a case with these facts, whatever its days, in Spanish; empty if it is."""
    if not kind.active:
        return "este aviso está desactivado."
    if why := _about_baja(facts):
        return why
    if facts.state not in kind.states:
        return f"el expediente está en «{facts.state.label}» y este aviso es para otro estado."
    if kind.turn and turn != kind.turn:
        return f"el turno es de «{turn.label}», no de «{Turn(kind.turn).label}»."
    if facts.held_since:
        return "el plazo está en pausa, y mientras tanto no se avisa nada."
    return _stopped(kind, facts, due_on, night)


def _about_baja(facts: Facts) -> str:
    if facts.baja_kind in SILENT:
        return WHY
    return "el expediente no cuenta: lo abrió una lista que se deshizo, o era repetido." if facts.baja_kind == BajaKind.DESHECHA else ""


def step_name(step: KindStep, facts: Facts) -> str:
    """Return the name of `step` in the ledger, within an enrolment: each refused sheet is a step of its own."""
    return f"{step.n}-{facts.sheet_refused_on:%Y%m%d}" if step.kind.anchor == ReminderKind.Anchor.REFUSED else str(step.n)


def _anchor(kind: ReminderKind, facts: Facts, due_on: dt.date | None) -> dt.date | None:
    anchors = {"due": due_on, "since": facts.state_since, "refused": facts.sheet_refused_on}
    return anchors[kind.anchor]


def _stopped(kind: ReminderKind, facts: Facts, due_on: dt.date | None, night: dt.date) -> str:
    if kind.stop == ReminderKind.Stop.DUE and (due_on is None or due_on < night):
        return "el plazo ya venció, y este aviso solo se manda antes."
    if kind.stop == ReminderKind.Stop.CLINIC and (facts.clinic_on or facts.coverage != Coverage.OURS):
        return "ya se registró en su clínica o lo cubre otra institución."
    if kind.stops_with_sheet and ACUSE_PAPER in facts.papers_in:
        return "el alumno ya entregó su hoja y le toca a la escuela revisarla."
    return ""


def _untimely(kind: ReminderKind, facts: Facts, due_on: dt.date | None, night: dt.date) -> str:
    anchor = _anchor(kind, facts, due_on)
    if anchor is None:
        return "no corre ningún plazo." if kind.anchor == ReminderKind.Anchor.DUE else "no tiene ninguna hoja rechazada."
    days = (anchor + dt.timedelta(days=day) for day in kind.days)
    coming = next((day for day in days if day > night), None)
    if coming:
        return f"todavía no toca: el siguiente paso es el {long_date(coming)}."
    return "ya pasaron todos sus pasos."
