"""The registry of what can be printed: of whom, when it makes sense, and who composes it. A new kind is one more entry here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from afiliacion.cases.facts import Facts
from afiliacion.cases.models import Case
from afiliacion.cases.states import OPEN_STATES, State
from afiliacion.documents.acuse import acuse
from afiliacion.documents.blocks import Paper
from afiliacion.documents.desk import Desk, NotPrintable
from afiliacion.documents.dossier import expediente
from afiliacion.documents.instructions import instrucciones
from afiliacion.documents.letters import manifestacion, renuncia
from afiliacion.documents.lists import lista
from afiliacion.documents.models import Kind
from afiliacion.documents.oficio import oficio


@dataclass(frozen=True, slots=True)
class Single:
    """A paper about one case. `when`: of which cases it makes sense; `otherwise` says so of the others."""

    kind: Kind
    compose: Callable[[Case, Desk], Paper]
    when: Callable[[Facts], bool]
    otherwise: str
    history: bool = False
    #: It shows CURP and NSS in full: who takes it is written down.
    discloses: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """A paper about many cases: one for each `key`, whose cases follow each other."""

    kind: Kind
    compose: Callable[[Sequence[Case], Desk], Paper]
    key: Callable[[Case], Hashable]
    when: Callable[[Facts], bool]
    otherwise: str
    history: bool = False
    discloses: bool = True


def _open(facts: Facts) -> bool:
    return facts.state in OPEN_STATES


def _had_acuse(facts: Facts) -> bool:
    return facts.acuse_on is not None


def _for_desk(facts: Facts) -> bool:
    return facts.state in (State.EN_SUBDELEGACION, State.SIN_VIGENCIA)


def _any(facts: Facts) -> bool:
    return True


_CLOSED: Final = "el expediente está cerrado."
SINGLES: Final = {
    entry.kind: entry
    for entry in (
        Single(Kind.INSTRUCCIONES, instrucciones, _open, _CLOSED, discloses=False),
        Single(Kind.MANIFESTACION, manifestacion, _open, _CLOSED),
        Single(Kind.RENUNCIA, renuncia, lambda facts: facts.state is not State.BAJA, _CLOSED),
        Single(Kind.ACUSE, acuse, _had_acuse, "no tiene un acuse entregado.", history=True, discloses=False),
        Single(Kind.EXPEDIENTE, expediente, _any, "", history=True),
    )
}
GROUPS: Final = {
    entry.kind: entry
    for entry in (
        Group(Kind.OFICIO, oficio, lambda case: case.plantel_id, _for_desk, "no está sin vigencia ni en la subdelegación.", history=True),
        Group(Kind.LISTA, lista, lambda case: (case.plantel_id, case.ciclo_id, case.grupo), _any, "", discloses=False),
    )
}
#: The kinds one can ask for about chosen cases.
ABOUT_CASES: Final = (*SINGLES, *GROUPS)


def entry_of(kind: Kind) -> Single | Group | None:
    """The entry of a kind that is about cases; None for the report of a ciclo, which counts them."""
    return SINGLES.get(kind) or GROUPS.get(kind)


def discloses(kind: Kind) -> bool:
    """Whether the papers of this kind show CURP and NSS in full."""
    entry = entry_of(kind)
    return bool(entry and entry.discloses)


def applicable(facts: Facts) -> list[Single]:
    """The papers about one case that make sense for these facts, in the order of the registry."""
    return [entry for entry in SINGLES.values() if entry.when(facts)]


def compose_one(kind: Kind, case: Case, desk: Desk) -> Paper:
    """The paper of this kind about `case` (read by `to_print`).

    Raises:
        NotPrintable: it makes no sense for the case as it stands.
    """
    entry = SINGLES[kind]
    _ask(entry, case)
    return entry.compose(case, desk)


def compose_groups(kind: Kind, cases: Iterable[Case], desk: Desk) -> Iterator[Paper]:
    """The papers of this kind about `cases`, one for each group, in the order given; the cases must all make sense for it."""
    entry = GROUPS[kind]
    for _, group in groupby(cases, entry.key):
        yield entry.compose(list(group), desk)


def objection(kind: Kind, case: Case) -> str:
    """Why this paper makes no sense for the case, in Spanish; empty if it does."""
    entry = entry_of(kind)
    return "" if entry is None or entry.when(case.facts) else entry.otherwise


def _ask(entry: Single, case: Case) -> None:
    if not entry.when(case.facts):
        raise NotPrintable(f"{entry.kind.label}: no se imprime para el expediente {case.folio} porque {entry.otherwise}")
