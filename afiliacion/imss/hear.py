"""Pure: what an answer means for a case and for its errand. Nothing is written here (apply.py does).

The reading rules are those of the domain notes, 6.3: SI under our registro patronal is vigencia; SI under another is cover
elsewhere; NO counts only when the weeks are over, or when it was SI before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

from afiliacion.cases.models import Case
from afiliacion.cases.states import Coverage, State, Verb
from afiliacion.imss.models import Answer as Archived
from afiliacion.imss.models import Errand, KnownRefusal
from afiliacion.imss.port import Fate, ImssError, MovementAnswer, NssAnswer, Raw, Refused, UnknownMovement, VigenciaAnswer, WrongPerson
from afiliacion.imss.reading import plain_registro


class Then(Enum):
    """What becomes of the errand."""

    LATER = auto()  # by the cadence of its case, if that still calls for it
    DONE = auto()
    PARK = auto()  # a person must look
    RETRY = auto()  # there was no answer: after a pause


@dataclass(frozen=True, slots=True)
class Act:
    """A verb to perform on the case; `proof` is kept as evidence."""

    verb: Verb
    on: dt.date
    data: Mapping[str, Any] = field(default_factory=dict)
    proof: Raw | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What to do about one thing heard."""

    then: Then
    verdict: Archived.Verdict
    code: str
    message: str
    act: Act | None = None
    receipt: MovementAnswer | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The errand that was asked about, its case as it stands now, and the date of this chase."""

    errand: Errand
    case: Case
    today: dt.date


Refusals = Mapping[str, KnownRefusal]
_APPLIED: Final = Archived.Verdict.APPLIED
#: Positions 9 and 10 of a registro patronal are the modality; 32 is student (and other special) cover (domain notes, 3.7).
_MODALITY: Final = slice(8, 10)
_STUDENTS: Final = "32"


def step(asked: Asked, said: object, refusals: Refusals) -> Step:
    """What `said` (an answer or an error of the port) means."""
    if isinstance(said, Refused):
        return _refused(asked, said, refusals)
    if isinstance(said, ImssError):
        verdict = Archived.Verdict.QUARANTINED if isinstance(said, WrongPerson) else Archived.Verdict.UNREADABLE
        return Step(Then.RETRY, verdict, type(said).__name__, str(said))
    return _READ[type(said)](asked, said)


def _nss(asked: Asked, answer: NssAnswer) -> Step:
    message = "El IMSS asignó un NSS nuevo." if answer.assigned else "El IMSS localizó el NSS."
    data = {"nss": answer.nss, "folio": answer.folio}
    return Step(Then.LATER, _APPLIED, "", message, Act(Verb.OBTAIN_NSS, _day(answer.on, asked), data, answer.raw))


def _vigencia(asked: Asked, answer: VigenciaAnswer) -> Step:
    if not answer.insured:
        return _not_covered(asked, answer, Coverage.NONE, "El IMSS responde que no tiene vigencia.")
    if answer.registro_patronal == plain_registro(asked.case.plantel.registro_patronal):
        data = {"umf": _umf(answer.umf)}
        act = Act(Verb.CONFIRM_VIGENCIA, _day(answer.on, asked), data, answer.raw)
        return Step(Then.LATER, _APPLIED, "", "El IMSS responde que está vigente por esta escuela.", act)
    return _covered_elsewhere(asked, answer)


def _covered_elsewhere(asked: Asked, answer: VigenciaAnswer) -> Step:
    """Cover by others prevails and is nobody's fault, but it is not ours: noted, and no vigencia of ours."""
    coverage = Coverage.OTHER_SCHOOL if answer.registro_patronal[_MODALITY] == _STUDENTS else Coverage.OTHER
    message = f"El IMSS responde que está vigente, pero por otro registro patronal: {coverage.label.lower()}."
    if _weeks_are_over(asked):
        return _not_covered(asked, answer, coverage, message)
    if asked.case.coverage == coverage and asked.case.state != State.VIGENTE:
        return Step(Then.LATER, _APPLIED, "", message)
    data = {"coverage": coverage.value, "registro_patronal": answer.registro_patronal}
    return Step(Then.LATER, _APPLIED, "", message, Act(Verb.NOTE_COVERAGE, _day(answer.on, asked), data, answer.raw))


def _not_covered(asked: Asked, answer: VigenciaAnswer, coverage: Coverage, message: str) -> Step:
    """A NO before its time says nothing yet."""
    if not (_weeks_are_over(asked) or asked.case.state == State.VIGENTE):
        return Step(Then.LATER, _APPLIED, "", message)
    act = Act(Verb.MISS_VIGENCIA, _day(answer.on, asked), {"coverage": coverage.value}, answer.raw, message)
    return Step(Then.LATER, _APPLIED, "", message, act)


def _weeks_are_over(asked: Asked) -> bool:
    due_on = asked.case.due_on
    return asked.case.state == State.ALTA_ENVIADA and due_on is not None and asked.today > due_on


def _movement(asked: Asked, answer: MovementAnswer) -> Step:
    if not asked.errand.received_on:
        return _received(asked, answer)
    if answer.fate is Fate.RECEIVED:
        return Step(Then.LATER, _APPLIED, "", "El IMSS todavía no resuelve el movimiento.")
    return _FATES[Errand.Kind(asked.errand.kind), answer.fate](asked, answer)


def _received(asked: Asked, answer: MovementAnswer) -> Step:
    """Received is a step of its own; what came of it, even if already known, is asked again."""
    verb = Verb.SEND_ALTA if asked.errand.kind == Errand.Kind.SEND_ALTA else Verb.SEND_BAJA
    data = {"lote": answer.lote, "recibo": answer.recibo}
    message = f"El IMSS recibió el movimiento (lote {answer.lote})."
    return Step(Then.LATER, _APPLIED, "", message, Act(verb, _day(answer.on, asked), data), answer)


def _alta_operated(asked: Asked, answer: MovementAnswer) -> Step:
    """Operated is not vigencia yet: only an answer about the person's cover is (design, rule 2)."""
    return Step(Then.DONE, _APPLIED, "", "El IMSS operó el alta; falta que reporte la vigencia.")


def _alta_rejected(asked: Asked, answer: MovementAnswer) -> Step:
    data = {"code": answer.code, "text": answer.message, "register_name": answer.register_name}
    act = Act(Verb.REJECT_ALTA, _resolved(answer, asked), data, answer.raw, f"{answer.code}: {answer.message}")
    return Step(Then.DONE, _APPLIED, answer.code, f"El IMSS rechazó el alta: {answer.message}", act)


def _baja_operated(asked: Asked, answer: MovementAnswer) -> Step:
    act = Act(Verb.OPERATE_BAJA, _resolved(answer, asked), {"lote": answer.lote}, answer.raw)
    return Step(Then.DONE, _APPLIED, "", "El IMSS operó la baja.", act)


def _baja_rejected(asked: Asked, answer: MovementAnswer) -> Step:
    return Step(Then.PARK, Archived.Verdict.REFUSED, answer.code, f"El IMSS rechazó la baja: {answer.message}")


_Reader = Callable[[Asked, Any], Step]
_READ: Final[Mapping[type, _Reader]] = {NssAnswer: _nss, VigenciaAnswer: _vigencia, MovementAnswer: _movement}
_FATES: Final[Mapping[tuple[Errand.Kind, Fate], _Reader]] = {
    (Errand.Kind.SEND_ALTA, Fate.OPERATED): _alta_operated,
    (Errand.Kind.SEND_ALTA, Fate.REJECTED): _alta_rejected,
    (Errand.Kind.SEND_BAJA, Fate.OPERATED): _baja_operated,
    (Errand.Kind.SEND_BAJA, Fate.REJECTED): _baja_rejected,
}


def _refused(asked: Asked, said: Refused, refusals: Refusals) -> Step:
    known = refusals.get(said.code)
    do = known.do if known else KnownRefusal.Do.PARK
    verdict, message = Archived.Verdict.REFUSED, str(said)
    if isinstance(said, UnknownMovement) and not asked.errand.received_on:
        # Only looked up because it was in doubt and is no longer wanted: it never arrived, and that is well.
        return Step(Then.DONE, verdict, said.code, message)
    if do == KnownRefusal.Do.ESCALATE:
        return Step(Then.LATER, verdict, said.code, message, Act(Verb.ESCALATE, asked.today, {"code": said.code}, said.raw, message))
    return Step(Then.LATER if do == KnownRefusal.Do.WAIT else Then.PARK, verdict, said.code, message)


def _day(said: dt.date, asked: Asked) -> dt.date:
    """The fact's own date, unless IMSS' calendar is ahead of ours."""
    return min(said, asked.today)


def _resolved(answer: MovementAnswer, asked: Asked) -> dt.date:
    return _day(answer.resolved_on or asked.today, asked)


def _umf(said: str) -> str:
    """«005» as people write it: «UMF 5»; anything else as it came."""
    return f"UMF {int(said)}" if said.isascii() and said.isdigit() else said
