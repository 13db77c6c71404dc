"""Which cover a case carries, which case owes its baja: what the cases of a person are to be told. Pure. Source: docs/domain.md, 4.

A case *carries* a cover while it is open and is under its NSS and registro patronal: then no baja is owed. A cover that no case carries is
owed by one case. What a case was told already is not told again, so that a person about whom nothing changed gives nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from afiliacion.cases.facts import Details, Facts, Happening
from afiliacion.cases.states import BajaKind, State, Verb
from afiliacion.insurance.facts import CoverHappening, CoverStatus


class CaseView(NamedTuple):
    """A case of the person."""

    id: int
    plantel_id: int
    facts: Facts


class CoverView(NamedTuple):
    """A cover of ours; `scope`: the planteles (ids) it may be told to, None: all."""

    id: int
    nss: str
    registro: str
    status: CoverStatus
    status_on: dt.date
    since: dt.date
    evidence: str
    baja_sent_on: dt.date | None
    ended_by: str
    scope: frozenset[int] | None
    owed_by: int | None


@dataclass(frozen=True, slots=True)
class InsuredPerson:
    """What is known about a person today: `registros` are those each plantel (id) has or had; `live` and `ended` the covers of ours."""

    nss: str | None
    cases: Sequence[CaseView]
    live: Sequence[CoverView]
    ended: Sequence[CoverView]
    registros: Mapping[int, frozenset[str]]
    #: Planteles (ids) that wait for the consent of others to enrol the person.
    pending: Collection[int]
    #: Until which day the list of the plantel the student changed to is awaited, by case.
    awaited_until: Mapping[int, dt.date]
    today: dt.date


class Tell(NamedTuple):
    """A step by which a case is told what became of a cover."""

    case_id: int
    verb: Verb
    happening: Happening


@dataclass(slots=True)
class Told:
    """What to tell, and which case (id, None: none) owes the baja of each cover (id) of which that changes."""

    tells: list[Tell] = field(default_factory=list)
    owed_by: dict[int, int | None] = field(default_factory=dict)


class _Duty(NamedTuple):
    """A case that owes a baja: of its own alta, or of one under another number or registro."""

    case_id: int
    is_own: bool


_SHARED: Final = "Por otro expediente del alumno bajo el mismo registro patronal."
_STILL_NEEDED: Final = "El alumno sigue asegurado bajo el mismo registro patronal: lo necesita otro expediente suyo, abierto o por abrirse."
_OWED_BY_ANOTHER: Final = "La baja le toca a otro expediente del alumno."
_GONE: Final = "El alta con que contaba el expediente ya no vale ante el IMSS: hay que volver a enviarla."


def is_under(person: InsuredPerson, case: CaseView, registro: str) -> bool:
    """Whether a case is under this registro: that of its alta, or, before it has one, any its plantel has or had."""
    return case.facts.registro == registro if case.facts.registro else registro in person.registros.get(case.plantel_id, ())


def carriers(person: InsuredPerson, cover: CoverView) -> list[CaseView]:
    """The open cases that need the cover."""
    if cover.nss != person.nss:
        return []
    return [case for case in person.cases if case.facts.is_open and is_under(person, case, cover.registro)]


def is_carried(person: InsuredPerson, cover: CoverView) -> bool:
    """Whether a baja would take the cover from a case that needs it, from one that another plantel is about to open, or from a student
    whose new plantel has not brought its list yet."""
    if carriers(person, cover):
        return True
    if cover.nss != person.nss or any(case.facts.baja_kind == BajaKind.DEFUNCION for case in person.cases):
        # Who has died is awaited nowhere.
        return False
    waiting = any(cover.registro in person.registros.get(plantel_id, ()) for plantel_id in person.pending)
    return waiting or any(_is_on_the_way(person, case, cover) for case in person.cases)


def _is_on_the_way(person: InsuredPerson, case: CaseView, cover: CoverView) -> bool:
    """Whether a case was closed by a change to a plantel under the same registro, and the student has not been there and left since."""
    if not (case.facts.keeps_cover and is_under(person, case, cover.registro)) or person.today > person.awaited_until[case.id]:
        return False
    others = [other for other in person.cases if other.id != case.id and is_under(person, other, cover.registro)]
    return all((other.facts.state_since, other.id) < (case.facts.state_since, case.id) for other in others)


def what_to_tell(person: InsuredPerson, *, first: Collection[int] = ()) -> Told:
    """What the person's cases are to be told. `first`: cases (ids) that owe a baja rather than others: those that have just left."""
    told, owing = Told(), set[_Duty]()
    for cover in sorted(person.live, key=lambda cover: (cover.baja_sent_on is None, cover.id)):
        _owe(person, cover, told, owing, first)
    told.tells += _nothing_owed(person, owing)
    told.tells += [tell for case in person.cases if case.facts.is_open and (tell := _of_alta(person, case))]
    return told


def _owe(person: InsuredPerson, cover: CoverView, told: Told, owing: set[_Duty], first: Collection[int]) -> None:
    """Find the case that owes the baja of a cover, if one is owed; `owing` gathers such cases: each owes one of its own and one other."""
    needed = cover.baja_sent_on is None and is_carried(person, cover)
    case = None if needed else _who_owes(person, cover, owing, first)
    if case:
        owing.add(_Duty(case.id, _is_own(person, cover, case)))
        told.tells += _owed(person, cover, case)
    owed_by = case.id if case else None
    if owed_by != cover.owed_by:
        told.owed_by[cover.id] = owed_by


def _who_owes(person: InsuredPerson, cover: CoverView, owing: set[_Duty], first: Collection[int]) -> CaseView | None:
    if cover.baja_sent_on and cover.owed_by is not None:
        return next((case for case in person.cases if case.id == cover.owed_by), None)
    could = [case for case in person.cases if _may_owe(person, case, cover)]
    had = [case for case in could if _Duty(case.id, _is_own(person, cover, case)) not in owing]

    def order(case: CaseView) -> tuple[object, ...]:
        own = _is_own(person, cover, case)
        return case.id == cover.owed_by, own and case.facts.own_baja_owed, case.id in first, own, case.facts.state_since, case.id

    return max(had, key=order, default=None)


def _may_owe(person: InsuredPerson, case: CaseView, cover: CoverView) -> bool:
    undone = case.facts.baja_kind == BajaKind.DESHECHA and case.facts.alta_on is None
    return not undone and (case.facts.registro == cover.registro or cover.registro in person.registros.get(case.plantel_id, ()))


def _is_own(person: InsuredPerson, cover: CoverView, case: CaseView) -> bool:
    """Whether a cover is that of the closed case's own alta, and not one under another number or registro."""
    return not case.facts.is_open and cover.nss == person.nss and is_under(person, case, cover.registro)


def _owed(person: InsuredPerson, cover: CoverView, case: CaseView) -> Iterator[Tell]:
    if _is_own(person, cover, case):
        if not (case.facts.own_baja_owed or cover.baja_sent_on):
            yield Tell(case.id, Verb.OWE_BAJA, Happening(person.today, _about(cover) | {"since": cover.since.isoformat()}))
    elif case.facts.former_cover != cover.id:
        sent: Details = {"sent_on": cover.baja_sent_on.isoformat()} if cover.baja_sent_on else {}
        yield Tell(case.id, Verb.OWE_BAJA, Happening(person.today, _about(cover) | {"former": True} | sent))


def _nothing_owed(person: InsuredPerson, owing: set[_Duty]) -> Iterator[Tell]:
    """Of a baja that is owed no more and was not sent, the cases that still think it is."""
    for case in person.cases:
        facts = case.facts
        if facts.own_baja_owed and facts.baja_sent_on is None and _Duty(case.id, is_own=True) not in owing:
            own = next((cover for cover in person.live if _is_own(person, cover, case)), None)
            yield Tell(case.id, Verb.DROP_BAJA, Happening(person.today, reason=_why_dropped(person, own)))
        if facts.former_cover and facts.former_sent_on is None and _Duty(case.id, is_own=False) not in owing:
            former = next((cover for cover in person.live if cover.id == facts.former_cover), None)
            yield Tell(case.id, Verb.DROP_BAJA, Happening(person.today, {"cover": facts.former_cover}, reason=_why_dropped(person, former)))


def _why_dropped(person: InsuredPerson, cover: CoverView | None) -> str:
    """Why a baja is owed no more, in Spanish; empty if its cover ended."""
    if cover is None:
        return ""
    return _STILL_NEEDED if is_carried(person, cover) else _OWED_BY_ANOTHER


def _of_alta(person: InsuredPerson, case: CaseView) -> Tell | None:
    """What the cover under the person's number is to an open case."""
    cover = next((cover for cover in person.live if cover.nss == person.nss and is_under(person, case, cover.registro)), None)
    if cover is None or cover.baja_sent_on:
        return _without(person, case, cover)
    if cover.scope is not None and case.plantel_id not in cover.scope:
        return None
    return _with(person, case, cover)


_TOLD_ON_STATUS: Final[Mapping[CoverStatus, tuple[Verb, frozenset[State]]]] = {
    CoverStatus.SENT: (Verb.SEND_ALTA, frozenset({State.ACUSE_ENTREGADO, State.SIN_VIGENCIA})),
    CoverStatus.PROVED: (
        Verb.CONFIRM_VIGENCIA,
        frozenset({State.NSS_OBTENIDO, State.ACUSE_ENTREGADO, State.ALTA_ENVIADA, State.SIN_VIGENCIA, State.EN_SUBDELEGACION}),
    ),
    CoverStatus.DENIED: (Verb.MISS_VIGENCIA, frozenset({State.ALTA_ENVIADA, State.VIGENTE})),
}


def _with(person: InsuredPerson, case: CaseView, cover: CoverView) -> Tell | None:
    verb, states = _TOLD_ON_STATUS.get(cover.status, (None, frozenset()))
    # A case that was taken to the subdelegación for want of a number is told once it has come back and has one.
    if verb is None or case.facts.state not in states or case.facts.nss_on is None:
        return None
    on = min(max(cover.status_on, case.facts.state_since), person.today)
    return Tell(case.id, verb, Happening(on, _about(cover), cover.evidence, _SHARED))


def _without(person: InsuredPerson, case: CaseView, ending: CoverView | None) -> Tell | None:
    """An alta that a case counts on, and that IMSS rejected or a baja has ended."""
    if case.facts.state not in (State.ALTA_ENVIADA, State.VIGENTE):
        return None
    last = max((c for c in person.ended if is_under(person, case, c.registro)), key=lambda c: c.status_on, default=None)
    if ending is None and last and last.ended_by == CoverHappening.REJECTED and case.facts.state is State.ALTA_ENVIADA:
        return Tell(case.id, Verb.REJECT_ALTA, Happening(person.today, {}, last.evidence, _SHARED))
    return Tell(case.id, Verb.LOSE_ALTA, Happening(person.today, {}, reason=_GONE))


def _about(cover: CoverView) -> Details:
    return {"registro": cover.registro, "cover": cover.id}
