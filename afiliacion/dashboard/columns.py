"""The columns a list can have: what each shows in a cell, and what it says in a file.

Cells are put together here and not in a template: fifty rows of a dozen template nodes cost more than everything else a list does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from afiliacion.cases.models import Case
from afiliacion.cases.states import Coverage, Milestone, State, Turn
from afiliacion.dashboard.templatetags.office import urgency, when
from students import curp, nss

Cell = Callable[[Case, dt.date], SafeString]


@dataclass(frozen=True, slots=True)
class Column:
    """`cell`: what the list shows; `said`: (heading, text) of each column of a file it becomes."""

    slug: str
    label: str
    cell: Cell
    said: tuple[tuple[str, Callable[[Case], str]], ...]
    always: bool = False
    shown: bool = True


def _name(case: Case, today: dt.date) -> SafeString:
    return format_html('<a class="cases-name" href="{}">{}</a>', reverse("case", args=[case.pk]), case.student.list_name)


def _matricula(case: Case, today: dt.date) -> SafeString:
    group = f"{case.grupo or 'sin grupo'} · {case.enrolment.ciclo.clave}"
    return format_html('<span class="code">{}</span><span class="muted sub">{}</span>', case.enrolment.matricula, group)


def _numbers(case: Case, today: dt.date) -> SafeString:
    number = nss.masked(case.student.nss) or "sin NSS"
    return format_html('<span class="code">{}</span><span class="code muted sub">{}</span>', curp.masked(case.student.curp), number)


def _state(case: Case, today: dt.date) -> SafeString:
    return format_html('<span class="state"><i class="dot dot-{}"></i>{}</span>', case.state, _STATES[case.state])


def _turn(case: Case, today: dt.date) -> SafeString:
    return mark_safe('<span class="muted">Nadie</span>') if case.turn == Turn.NADIE else escape(_TURNS[case.turn])


def _due(case: Case, today: dt.date) -> SafeString:
    if case.due_on and case.turn != Turn.NADIE:
        style, day, words = urgency(case.due_on, today), _day(case.due_on), when(case.due_on, today)
        return format_html('<span class="due due-{}">{}<span class="sub">{}</span></span>', style, day, words)
    if case.held_since:
        return format_html('<span class="due">En pausa<span class="sub">desde el {}</span></span>', _day(case.held_since))
    return mark_safe('<span class="muted">Sin plazo</span>')


def _plain(said: Callable[[Case], str]) -> Cell:
    return lambda case, today: escape(said(case))


def _day(day: dt.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


_STATES: Final = dict(State.choices)
_TURNS: Final = dict(Turn.choices)
_COVERAGES: Final = dict(Coverage.choices)
_MILESTONES: Final = dict(Milestone.choices)


def _simple(slug: str, label: str, said: Callable[[Case], str]) -> Column:
    return Column(slug, label, _plain(said), ((label, said),), shown=False)


COLUMNS: Final[Sequence[Column]] = (
    Column("alumno", "Alumno", _name, (("Folio", lambda c: c.folio), ("Alumno", lambda c: c.student.list_name)), always=True),
    Column(
        "matricula", "Matrícula y grupo", _matricula,
        (("Matrícula", lambda c: c.enrolment.matricula), ("Grupo", lambda c: c.grupo), ("Ciclo", lambda c: c.enrolment.ciclo.clave)),
    ),
    Column("plantel", "Plantel", _plain(lambda c: c.plantel.name), (("Plantel", lambda c: c.plantel.name),)),
    Column(
        "numeros", "CURP y NSS", _numbers,
        (("CURP", lambda c: curp.masked(c.student.curp)), ("NSS", lambda c: nss.masked(c.student.nss) or "sin NSS")),
    ),
    Column("estado", "Estado", _state, (("Estado", lambda c: _STATES[c.state]),)),
    Column("turno", "Le toca a", _turn, (("Le toca a", lambda c: _TURNS[c.turn]),)),
    Column("vence", "Vence", _due, (("Vence", lambda c: _day(c.due_on) if c.turn != Turn.NADIE else ""),)),
    _simple("paso", "Llegó a", lambda c: _MILESTONES[c.reached]),
    _simple("cobertura", "Cobertura", lambda c: _COVERAGES[c.coverage]),
    _simple("desde", "En ese estado desde", lambda c: _day(c.state_since)),
    _simple("inscripcion", "Inscripción", lambda c: _day(c.enrolled_on)),
    _simple("acuse", "Acuse", lambda c: _day(c.acuse_on)),
    _simple("alta", "Alta", lambda c: _day(c.alta_on)),
    _simple("vigencia", "Vigente desde", lambda c: _day(c.vigencia_on)),
    _simple("umf", "Clínica", lambda c: c.umf),
    _simple("correo", "Correo", lambda c: c.student.email),
    _simple("telefono", "Teléfono", lambda c: c.student.phone),
    _simple("asignado", "Asignado a", lambda c: getattr(c, "assigned_to", None) or ""),
)  # fmt: skip
BY_SLUG: Final = {column.slug: column for column in COLUMNS}
DEFAULT: Final = tuple(column.slug for column in COLUMNS if column.shown)


def chosen(slugs: Iterable[str], *, several: bool) -> list[Column]:
    """The columns of these slugs (none: those everybody begins with), in their order; `several`: whether the plantel says anything."""
    wanted = set(slugs) or set(DEFAULT)
    return [c for c in COLUMNS if (c.slug in wanted or c.always) and (several or c.slug != "plantel")]
