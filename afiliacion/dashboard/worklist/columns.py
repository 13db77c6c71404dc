"""The columns a list can have: what each shows in a cell, and what it says in a file.

Cells are put together here and not in a template, and escaped by the standard library: fifty rows of template nodes, or of format_html,
cost more than everything else a list does. What comes from outside goes through `e`, here and nowhere else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape as e
from typing import Final

from django.urls import reverse

from afiliacion.cases.states import Coverage, Milestone, State, Turn, rests
from afiliacion.dashboard.templatetags.office import urgency, when
from afiliacion.dashboard.worklist.row import ListRow
from students import curp, nss

#: The HTML of a cell.
Cell = Callable[[ListRow, dt.date], str]


@dataclass(frozen=True, slots=True)
class ListColumn:
    """`cell`: what the list shows; `said`: (heading, text) of each column of a file it becomes."""

    slug: str
    label: str
    cell: Cell
    said: tuple[tuple[str, Callable[[ListRow], str]], ...]
    always: bool = False
    shown: bool = True
    #: Whether its cells say what they are without a heading, as they stand on a phone.
    plain: bool = True

    @property
    def heading(self) -> str:
        """The heading as an attribute of a cell that needs one."""
        return "" if self.plain else f' data-label="{e(self.label)}"'


def _name(case: ListRow, today: dt.date) -> str:
    before, _, after = _address()
    return f'<a class="cases-name" href="{before}{case.pk:d}{after}">{e(case.list_name)}</a>'


@cache
def _address() -> tuple[str, str, str]:
    """What comes before and after its id in the address of a case: looked up once, not for each row."""
    return reverse("case", args=[0]).rpartition("0")


def _matricula(case: ListRow, today: dt.date) -> str:
    group = f"{case.grupo or 'sin grupo'} · {case.ciclo}"
    return f'<span class="code">{e(case.matricula)}</span><span class="muted sub">{e(group)}</span>'


def _numbers(case: ListRow, today: dt.date) -> str:
    number = nss.masked(case.nss) or "sin NSS"
    return f'<span class="code">{e(curp.masked(case.curp))}</span><span class="code muted sub">{e(number)}</span>'


def _state(case: ListRow, today: dt.date) -> str:
    if rests(case.state, case.coverage):
        return f'<span class="state"><i class="dot"></i>{e(_STATES[case.state])}</span><span class="muted sub">con otra cobertura</span>'
    return f'<span class="state"><i class="dot dot-{e(case.state)}"></i>{e(_STATES[case.state])}</span>'


def _turn(case: ListRow, today: dt.date) -> str:
    return '<span class="muted">Nadie</span>' if case.turn == Turn.NADIE else e(_TURNS[case.turn])


def _due(case: ListRow, today: dt.date) -> str:
    if case.due_on and case.turn != Turn.NADIE:
        style, day, words = urgency(case.due_on, today), _day(case.due_on), when(case.due_on, today)
        return f'<span class="due due-{e(style)}">{e(day)}<span class="sub">{e(words)}</span></span>'
    if case.held_since:
        return f'<span class="due">En pausa<span class="sub">desde el {e(_day(case.held_since))}</span></span>'
    return '<span class="muted">Sin plazo</span>'


def _plain(said: Callable[[ListRow], str]) -> Cell:
    return lambda case, today: e(said(case))


def _day(day: dt.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


_STATES: Final = dict(State.choices)
_TURNS: Final = dict(Turn.choices)
_COVERAGES: Final = dict(Coverage.choices)
_MILESTONES: Final = dict(Milestone.choices)


def _simple(slug: str, label: str, said: Callable[[ListRow], str]) -> ListColumn:
    return ListColumn(slug, label, _plain(said), ((label, said),), shown=False, plain=False)


COLUMNS: Final[Sequence[ListColumn]] = (
    ListColumn("alumno", "Alumno", _name, (("Folio", lambda c: c.folio), ("Alumno", lambda c: c.list_name)), always=True),
    ListColumn(
        "matricula", "Matrícula y grupo", _matricula,
        (("Matrícula", lambda c: c.matricula), ("Grupo", lambda c: c.grupo), ("Ciclo", lambda c: c.ciclo)),
    ),
    ListColumn("plantel", "Plantel", _plain(lambda c: c.plantel), (("Plantel", lambda c: c.plantel),)),
    ListColumn(
        "numeros", "CURP y NSS", _numbers,
        (("CURP", lambda c: curp.masked(c.curp)), ("NSS", lambda c: nss.masked(c.nss) or "sin NSS")),
    ),
    ListColumn("estado", "Estado", _state, (("Estado", lambda c: _STATES[c.state]),)),
    ListColumn("turno", "Le toca a", _turn, (("Le toca a", lambda c: _TURNS[c.turn]),), plain=False),
    ListColumn("vence", "Vence", _due, (("Vence", lambda c: _day(c.due_on) if c.turn != Turn.NADIE else ""),)),
    _simple("paso", "Llegó a", lambda c: _MILESTONES[c.reached]),
    _simple("cobertura", "Cobertura", lambda c: _COVERAGES[c.coverage]),
    _simple("desde", "En ese estado desde", lambda c: _day(c.state_since)),
    _simple("inscripcion", "Inscripción", lambda c: _day(c.enrolled_on)),
    _simple("acuse", "Acuse", lambda c: _day(c.acuse_on)),
    _simple("alta", "Alta", lambda c: _day(c.alta_on)),
    _simple("vigencia", "Vigente desde", lambda c: _day(c.vigencia_on)),
    _simple("umf", "Clínica", lambda c: c.umf),
    _simple("correo", "Correo", lambda c: c.email),
    _simple("telefono", "Teléfono", lambda c: c.phone),
    _simple("asignado", "Asignado a", lambda c: c.assigned_to or ""),
)  # fmt: skip
BY_SLUG: Final = {column.slug: column for column in COLUMNS}
DEFAULT: Final = tuple(column.slug for column in COLUMNS if column.shown)


def offered(*, several: bool) -> list[ListColumn]:
    """The columns one can have or not; `several`: whether the plantel says anything."""
    return [c for c in COLUMNS if not c.always and (several or c.slug != "plantel")]


def chosen(slugs: Iterable[str], *, several: bool) -> list[ListColumn]:
    """The columns of these slugs (none: those everybody begins with), in their order; `several`: whether the plantel says anything."""
    wanted = (set(slugs) or set(DEFAULT)) & {column.slug for column in offered(several=several)}
    return [c for c in COLUMNS if c.always or c.slug in wanted]
