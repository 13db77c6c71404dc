"""Write down what the steps of cases say of covers: which cover each is about, and what happened to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.engine import Move
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Coverage, Verb
from afiliacion.cases.steps.effects import about_former
from afiliacion.insurance.facts import CoverHappening, CoverOwner
from afiliacion.insurance.known import Known, KnownCover
from afiliacion.insurance.log import Entry, append
from afiliacion.insurance.settle import settle_known
from students.registros import plain


def record(verb: Verb, moves: Sequence[Move], known: Known, act: Act) -> None:
    """Write down what these steps of one verb mean for the covers of their persons, who are locked."""
    if verb in _WRITERS:
        append([entry for move in moves for entry in _WRITERS[verb](known, verb, move)], act)


@dataclass(frozen=True, slots=True)
class MovementNote:
    """What IMSS says of an alta, though its case had moved on: the number and registro it went under, the fact's date, the evidence."""

    student_id: int
    case_id: int
    nss: str
    registro: str
    what: CoverHappening
    on: dt.date
    evidence: str = ""


def note(movements: Sequence[MovementNote], act: Act) -> None:
    """Write down what IMSS says of altas that their cases could not be told: what IMSS has in its register, it has. Persons are locked."""
    known = Known({row.student_id for row in movements})
    entries = []
    for row in movements:
        live = (cover for cover in known.live(row.student_id) if cover.whose == CoverOwner.OURS)
        cover = next((cover for cover in live if (cover.nss, cover.registro) == (row.nss, row.registro)), None)
        if cover is None and row.what is CoverHappening.SENT:
            cover = known.begin(row.student_id, row.nss, row.registro, CoverOwner.OURS)
        if cover:
            entries.append(Entry(cover, row.what, row.on, row.case_id, row.evidence))
    append(entries, act)
    settle_known(known, act)


def _find(known: Known, move: Move, *, create: bool = False) -> KnownCover | None:
    """The cover of the case's alta; with `create`, a new one if there is none."""
    student_id, nss = move.case.student_id, move.case.nss or ""
    registro = (move.facts if move.facts.registro else move.case.facts).registro
    # The registro of an alta is in the facts of its case, and a step may take it away; where it is not known, it is one of the plantel's.
    under = {registro} if registro else known.registros_ever(move.case.plantel_id) or {""}
    for cover in known.live(student_id):
        if cover.nss == nss and cover.whose == CoverOwner.OURS and cover.registro in under:
            return cover
    return known.begin(student_id, nss, min(under), CoverOwner.OURS) if create else None


def _others(known: Known, move: Move) -> list[KnownCover]:
    """Cover of the person that is not ours."""
    return [cover for cover in known.live(move.case.student_id) if cover.whose != CoverOwner.OURS]


Writer = Callable[[Known, Verb, Move], Iterator[Entry]]


def _entry(move: Move, cover: KnownCover, what: CoverHappening) -> Entry:
    return Entry(cover, what, move.happening.on, move.case.id, move.happening.evidence)


def _alta(known: Known, verb: Verb, move: Move) -> Iterator[Entry]:
    what = _OF_ALTA[verb]
    cover = _find(known, move, create=verb in (Verb.SEND_ALTA, Verb.CONFIRM_VIGENCIA))
    if cover:
        yield _entry(move, cover, what)
    if verb is Verb.CONFIRM_VIGENCIA:
        yield from _end_others(known, move)
    if verb is Verb.MISS_VIGENCIA:
        yield from _other_cover(known, move)


def _end_others(known: Known, move: Move) -> Iterator[Entry]:
    """IMSS names one cover, the one that prevails."""
    yield from (_entry(move, cover, CoverHappening.LOST) for cover in _others(known, move))


def _other_cover(known: Known, move: Move) -> Iterator[Entry]:
    whose = _WHOSE.get(move.facts.coverage)
    if whose is None:
        yield from _end_others(known, move)
        return
    registro = plain(str(move.happening.data.get("registro_patronal", "")))
    same = next((cover for cover in _others(known, move) if (cover.whose, cover.registro) == (whose, registro)), None)
    yield from (_entry(move, cover, CoverHappening.LOST) for cover in _others(known, move) if cover is not same)
    yield _entry(move, same or known.begin(move.case.student_id, move.case.nss or "", registro, whose), CoverHappening.PROVED)


def _declared(known: Known, verb: Verb, move: Move) -> Iterator[Entry]:
    """A cover that exists since the day declared, not since it was declared."""
    cover = _find(known, move, create=True)
    if cover:
        yield Entry(cover, CoverHappening.DECLARED, dt.date.fromisoformat(move.happening.data["since"]), move.case.id)


def _retracted(known: Known, verb: Verb, move: Move) -> Iterator[Entry]:
    """Of the cases taken back together, the first ends the cover."""
    cover = _find(known, move) if move.case.facts.alta_on and not move.facts.alta_on else None
    if cover:
        yield _entry(move, cover, CoverHappening.RETRACTED)
        known.end(cover)


def _coverage(known: Known, verb: Verb, move: Move) -> Iterator[Entry]:
    if move.facts.coverage == Coverage.OURS:
        return
    ours = _find(known, move)
    if ours and move.facts.coverage == Coverage.OTHER:
        yield _entry(move, ours, CoverHappening.PREVAILED)
    yield from _other_cover(known, move)


def _unify(known: Known, verb: Verb, move: Move) -> Iterator[Entry]:
    """The covers under the number that is given up go on under the one IMSS keeps; where one is there already, it is the same."""
    kept = move.happening.data["nss"] or ""
    ours = [cover for cover in known.live(move.case.student_id) if cover.whose == CoverOwner.OURS]
    there = {cover.registro for cover in ours if cover.nss == kept}
    for cover in ours:
        if cover.nss == move.case.nss:
            cover.nss = kept if cover.registro not in there else cover.nss
            yield _entry(move, cover, CoverHappening.UNIFIED if cover.nss == kept else CoverHappening.LOST)


def _baja(known: Known, verb: Verb, move: Move) -> Iterator[Entry]:
    cover = _owed_cover(known, verb, move)
    if cover:
        yield _entry(move, cover, _OF_BAJA[verb])


def _owed_cover(known: Known, verb: Verb, move: Move) -> KnownCover | None:
    """The cover a movement is about: as it says, else one of those that the case owes, of its own alta or under another number."""
    covers, named = known.live(move.case.student_id), move.happening.data.get("cover")
    if named:
        return next((cover for cover in covers if cover.id == named), None)
    if about_former(move.case.facts, verb, move.happening):
        return next((cover for cover in covers if cover.id == move.case.facts.former_cover), None)
    return _find(known, move)


_WHOSE: Final[Mapping[str, CoverOwner]] = {Coverage.OTHER.value: CoverOwner.OTHER, Coverage.OTHER_SCHOOL.value: CoverOwner.OTHER_SCHOOL}
_OF_ALTA: Final[Mapping[Verb, CoverHappening]] = {
    Verb.SEND_ALTA: CoverHappening.SENT, Verb.CONFIRM_VIGENCIA: CoverHappening.PROVED,
    Verb.MISS_VIGENCIA: CoverHappening.DENIED, Verb.REJECT_ALTA: CoverHappening.REJECTED,
}  # fmt: skip
_OF_BAJA: Final[Mapping[Verb, CoverHappening]] = {
    Verb.SEND_BAJA: CoverHappening.BAJA_SENT, Verb.OPERATE_BAJA: CoverHappening.BAJA_OPERATED,
    Verb.REJECT_BAJA: CoverHappening.BAJA_REJECTED, Verb.DROP_BAJA: CoverHappening.LOST,
}  # fmt: skip
_WRITERS: Final[Mapping[Verb, Writer]] = {
    **dict.fromkeys(_OF_ALTA, _alta), **dict.fromkeys(_OF_BAJA, _baja), Verb.NOTE_COVERAGE: _coverage, Verb.UNIFY_NSS: _unify,
    Verb.DECLARE_COVER: _declared, Verb.RETRACT_COVER: _retracted,
}  # fmt: skip
