"""The registry of what can be printed: of whom, when it makes sense, and who composes it. A new kind is one more entry here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from afiliacion.cases.facts import Facts
from afiliacion.cases.models import Case
from afiliacion.cases.states import OPEN_STATES, State
from afiliacion.documents.context import NotPrintable, PrintContext
from afiliacion.documents.kinds.acuse import acuse
from afiliacion.documents.kinds.dossier import expediente
from afiliacion.documents.kinds.group_list import lista
from afiliacion.documents.kinds.instructions import instrucciones
from afiliacion.documents.kinds.letters import manifestacion, renuncia
from afiliacion.documents.kinds.oficio import oficio
from afiliacion.documents.layout.blocks import Paper
from afiliacion.documents.models import DocumentKind


@dataclass(frozen=True, slots=True)
class CasePaper:
    """A paper about one case. `when`: of which cases it makes sense; `otherwise` says so of the others."""

    kind: DocumentKind
    compose: Callable[[Case, PrintContext], Paper]
    when: Callable[[Facts], bool]
    otherwise: str
    history: bool = False
    #: It shows CURP and NSS in full: who takes it is recorded.
    discloses: bool = True
    #: It carries a link that acts as the student: who takes it is recorded.
    carries_link: bool = False


@dataclass(frozen=True, slots=True)
class GroupPaper:
    """A paper about many cases: one for each `key`, whose cases follow each other."""

    kind: DocumentKind
    compose: Callable[[Sequence[Case], PrintContext], Paper]
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


def _plantel(case: Case) -> int:
    return case.plantel_id


def _school_group(case: Case) -> tuple[int, int, str]:
    return case.plantel_id, case.ciclo_id, case.grupo


_CLOSED: Final = "el expediente está cerrado."
SINGLES: Final = {
    entry.kind: entry
    for entry in (
        CasePaper(DocumentKind.INSTRUCCIONES, instrucciones, _open, _CLOSED, discloses=False, carries_link=True),
        CasePaper(DocumentKind.MANIFESTACION, manifestacion, _open, _CLOSED),
        CasePaper(DocumentKind.RENUNCIA, renuncia, lambda facts: facts.state is not State.BAJA, _CLOSED),
        CasePaper(DocumentKind.ACUSE, acuse, _had_acuse, "no tiene un acuse entregado.", history=True, discloses=False),
        CasePaper(DocumentKind.EXPEDIENTE, expediente, _any, "", history=True),
    )
}
GROUPS: Final = {
    entry.kind: entry
    for entry in (
        GroupPaper(
            DocumentKind.OFICIO,
            oficio,
            lambda case: case.plantel_id,
            _for_desk,
            "no está sin vigencia ni en la subdelegación.",
            history=True,
        ),
        GroupPaper(DocumentKind.LISTA, lista, lambda case: (case.plantel_id, case.ciclo_id, case.grupo), _any, "", discloses=False),
    )
}
#: The kinds one can ask for about chosen cases.
ABOUT_CASES: Final = (*SINGLES, *GROUPS)


def entry_of(kind: DocumentKind) -> CasePaper | GroupPaper | None:
    """The entry of a kind that is about cases; None for the report of a ciclo, which counts them."""
    return SINGLES.get(kind) or GROUPS.get(kind)


def discloses(kind: DocumentKind) -> bool:
    """Whether the papers of this kind show CURP and NSS in full."""
    entry = entry_of(kind)
    return bool(entry and entry.discloses)


def carries_link(kind: DocumentKind) -> bool:
    """Whether the papers of this kind carry a link to the student's page."""
    return kind in SINGLES and SINGLES[kind].carries_link


def applicable(facts: Facts) -> list[CasePaper]:
    """The papers about one case that make sense for these facts, in the order of the registry."""
    return [entry for entry in SINGLES.values() if entry.when(facts)]


def compose_one(kind: DocumentKind, case: Case, context: PrintContext) -> Paper:
    """The paper of this kind about `case` (read by `to_print`).

    Raises:
        NotPrintable: it makes no sense for the case as it stands.
    """
    entry = SINGLES[kind]
    _ask(entry, case)
    return entry.compose(case, context)


def compose_groups(kind: DocumentKind, cases: Iterable[Case], context: PrintContext) -> Iterator[Paper]:
    """The papers of this kind about `cases`, one for each group, in the order given; the cases must all make sense for it."""
    entry = GROUPS[kind]
    for _, group in groupby(cases, entry.key):
        yield entry.compose(list(group), context)


def objection(kind: DocumentKind, case: Case) -> str:
    """Why this paper makes no sense for the case, in Spanish; empty if it does."""
    entry = entry_of(kind)
    return "" if entry is None or entry.when(case.facts) else entry.otherwise


def _ask(entry: CasePaper, case: Case) -> None:
    if not entry.when(case.facts):
        raise NotPrintable(f"{entry.kind.label}: no se imprime para el expediente {case.folio} porque {entry.otherwise}")
