"""What follows from a document, by its kind, what it says and where the student's case is."""

from __future__ import annotations

from typing import Final

from afiliacion.cases.states import TRANSITIONS, State, Verb
from afiliacion.papers_in.judged import KnownStudent, Proposal
from afiliacion.papers_in.saying import Doubt, Said
from paper_reader.reading import Field, Kind
from students.registro_patronal import is_same

Proposed = tuple[Proposal, list[Doubt]]
_STUDENT: Final = "ES"


def proposed(said: Said, known: KnownStudent | None) -> Proposed:
    """Return what follows from a document if it is right, and what speaks against it by where the case is."""
    kind = said.reading.kind
    if kind is Kind.VIGENCIA:
        return _of_constancia(said, known)
    if kind in {Kind.CLINIC, Kind.SAV_002}:
        return Proposal.NOTE_CLINIC, _not_known(known)
    return _of_sheet(known, card=kind is Kind.NSS_CARD)


def _of_sheet(known: KnownStudent | None, *, card: bool) -> Proposed:
    """A sheet gives the number and is the acuse; a card gives the number, and is the acuse where the school says so."""
    if known is None or known.state == State.SIN_NSS:
        return Proposal.OBTAIN_NSS if card else Proposal.OBTAIN_AND_DELIVER, []
    if known.state == State.NSS_OBTENIDO:
        return Proposal.DELIVER_ACUSE, [Doubt("card")] if card else []
    return Proposal.NOTHING, [Doubt("nothing_new")]


def _of_constancia(said: Said, known: KnownStudent | None) -> Proposed:
    if said[Field.RIGHT] == "NO":
        missed = known is None or _may(Verb.MISS_VIGENCIA, known)
        return (Proposal.NOT_VIGENTE, [Doubt("no_right")]) if missed else (Proposal.NOTHING, [Doubt("no_alta")])
    if not said[Field.RIGHT] or not said[Field.REGISTRO_PATRONAL]:
        lacking = [] if said[Field.REGISTRO_PATRONAL] else [Doubt("missing", {"field": "el registro patronal"})]
        return Proposal.NOTHING, lacking
    if known is None or not known.registros:
        return Proposal.NOTHING, [Doubt("no_own_registro")] if known else []
    ours = any(is_same(said[Field.REGISTRO_PATRONAL], own) for own in known.registros)
    suffix, doubts = said[Field.AGREGADO_MEDICO][-2:], _not_known(known)
    if not ours:
        return Proposal.OTHER_COVER, doubts + (
            [Doubt("student_elsewhere", {"said": said[Field.AGREGADO_MEDICO]})] if suffix == _STUDENT else []
        )
    if suffix not in {_STUDENT, ""}:
        doubts.append(Doubt("worker", {"said": said[Field.AGREGADO_MEDICO]}))
    if not _may(Verb.CONFIRM_VIGENCIA, known):
        doubts.append(Doubt("not_yet", {"said": State(known.state).label}))
    return Proposal.CONFIRM_VIGENCIA, doubts


def _not_known(known: KnownStudent | None) -> list[Doubt]:
    return [Doubt("nss_unknown")] if known and not known.nss else []


def _may(verb: Verb, known: KnownStudent) -> bool:
    return State(known.state) in TRANSITIONS[verb]
