"""Pure: what an answer means for a case and for its errand. Nothing is written here (apply.py does).

The rules are those of docs/domain.md, 8.4: SI under a registro patronal that the plantel has or had is vigencia; SI under another is cover
elsewhere; NO counts only when the weeks are over, or when it was SI before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

from afiliacion.cases.facts import Details
from afiliacion.cases.models import Case
from afiliacion.cases.states import Coverage, State, Verb, awaits_cover, rests
from afiliacion.imss.client.port import (
    ImssError,
    ImssRefusal,
    MovementAnswer,
    MovementStatus,
    NssAnswer,
    RawAnswer,
    UnknownMovement,
    VigenciaAnswer,
    WrongPerson,
)
from afiliacion.imss.models import Answer, Errand, KnownRefusal
from students.registro_patronal import is_of_students, is_same


class NextAction(Enum):
    """What becomes of the errand."""

    LATER = auto()  # asked again by the cadence of its case, if that still calls for it
    DONE = auto()
    PARK = auto()  # a person must look at it
    RETRY = auto()  # there was no answer: asked again after a delay
    ANEW = auto()  # IMSS surely has no such movement: whether and how it is sent is decided anew, at once


@dataclass(frozen=True, slots=True)
class VerbCall:
    """A verb to call on the case, dated `on`; `proof` is kept as evidence."""

    verb: Verb
    on: dt.date
    data: Details = field(default_factory=Details)
    proof: RawAnswer | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What one result means: the errand's next action, the verdict, code and Spanish message to note, and the verb to call, if any.

    `receipt`: the answer by which IMSS received the movement; `resolution`: the one that says what it made of it, and when.
    """

    action: NextAction
    verdict: Answer.Verdict
    code: str
    message: str
    verb_call: VerbCall | None = None
    receipt: MovementAnswer | None = None
    resolution: MovementAnswer | None = None


@dataclass(frozen=True, slots=True)
class AskedErrand:
    """The errand that was asked about, its case as it is now, the date of this chase, and the registros patronales of the school."""

    errand: Errand
    case: Case
    today: dt.date
    ours: Collection[str]


Refusals = Mapping[str, KnownRefusal]
_APPLIED: Final = Answer.Verdict.APPLIED


def interpret(asked: AskedErrand, result: object, refusals: Refusals) -> Interpretation:
    """Return what `result` (an answer or an error of the port) means. `refusals`: the office's table, by code."""
    if isinstance(result, ImssRefusal):
        return _refused(asked, result, refusals)
    if isinstance(result, ImssError):
        verdict = Answer.Verdict.QUARANTINED if isinstance(result, WrongPerson) else Answer.Verdict.UNREADABLE
        return Interpretation(NextAction.RETRY, verdict, type(result).__name__, str(result))
    return _BY_ANSWER[type(result)](asked, result)


def _nss(asked: AskedErrand, answer: NssAnswer) -> Interpretation:
    message = "El IMSS asignó un NSS nuevo." if answer.assigned else "El IMSS localizó el NSS."
    data: Details = {"nss": answer.nss, "folio": answer.folio}
    return Interpretation(
        NextAction.LATER, _APPLIED, "", message, VerbCall(Verb.OBTAIN_NSS, _day(answer.on, asked), data, proof=answer.raw)
    )


def _vigencia(asked: AskedErrand, answer: VigenciaAnswer) -> Interpretation:
    if _is_stale(asked.case, answer.on):
        return Interpretation(NextAction.LATER, Answer.Verdict.LATE, "", "El IMSS respondió con una constancia de antes del alta.")
    if not answer.insured:
        return _nothing(asked, answer)
    ours = next((registro for registro in sorted(asked.ours) if is_same(registro, answer.registro_patronal)), "")
    if ours and _is_former(asked.case, ours):
        return _not_covered(asked, answer, Coverage.NONE, "El IMSS todavía responde con el registro patronal anterior, cuya baja se debe.")
    if ours:
        data: Details = {"umf": _umf(answer.umf), "registro": ours}
        call = VerbCall(Verb.CONFIRM_VIGENCIA, _day(answer.on, asked), data, proof=answer.raw)
        return Interpretation(NextAction.LATER, _APPLIED, "", "El IMSS responde que está vigente por esta escuela.", call)
    return _covered_elsewhere(asked, answer)


def _is_stale(case: Case, answered_on: dt.date) -> bool:
    """Whether an answer is about the days before the alta that is asked about, as one that IMSS repeats may be."""
    return case.alta_on is not None and answered_on < case.alta_on


def _is_former(case: Case, registro: str) -> bool:
    """Whether a SI is about a cover that this case is to end, since its alta goes under another registro patronal."""
    return bool(case.former_owed_on and case.registro and not is_same(registro, case.registro))


def _covered_elsewhere(asked: AskedErrand, answer: VigenciaAnswer) -> Interpretation:
    """Cover through another registro patronal prevails over the student's, but is not this school's: noted, and no vigencia of ours."""
    coverage = Coverage.OTHER_SCHOOL if is_of_students(answer.registro_patronal) else Coverage.OTHER
    message = f"El IMSS responde que está vigente, pero por otro registro patronal: {coverage.label.lower()}."
    if coverage is Coverage.OTHER_SCHOOL and _weeks_are_over(asked):
        return _not_covered(asked, answer, coverage, message)
    if asked.case.coverage == coverage and asked.case.state != State.VIGENTE and not _cover_due(asked):
        return Interpretation(NextAction.LATER, _APPLIED, "", message)
    return _noted(asked, answer, {"coverage": coverage.value, "registro_patronal": answer.registro_patronal}, message)


def _noted(asked: AskedErrand, answer: VigenciaAnswer, data: Details, message: str) -> Interpretation:
    call = VerbCall(Verb.NOTE_COVERAGE, _day(answer.on, asked), data, proof=answer.raw)
    return Interpretation(NextAction.LATER, _APPLIED, "", message, call)


def _cover_due(asked: AskedErrand) -> bool:
    """The clock of a cover by another has run out: that it goes on is noted, and the clock begins anew."""
    case = asked.case
    return awaits_cover(case.state, case.coverage) and case.due_on is not None and asked.today >= case.due_on


def _nothing(asked: AskedErrand, answer: VigenciaAnswer) -> Interpretation:
    """IMSS says NO. Of a case that awaited the end of another cover, this is the end: it goes on from today."""
    if asked.case.state != State.VIGENTE and awaits_cover(asked.case.state, asked.case.coverage):
        return _noted(asked, answer, {"coverage": Coverage.NONE.value}, "El IMSS responde que ya no tiene la otra cobertura.")
    return _not_covered(asked, answer, Coverage.NONE, "El IMSS responde que no tiene vigencia.")


def _not_covered(asked: AskedErrand, answer: VigenciaAnswer, coverage: Coverage, message: str) -> Interpretation:
    """A NO before the weeks are over proves nothing yet."""
    if not (_weeks_are_over(asked) or asked.case.state == State.VIGENTE):
        return Interpretation(NextAction.LATER, _APPLIED, "", message)
    call = VerbCall(Verb.MISS_VIGENCIA, _day(answer.on, asked), {"coverage": coverage.value}, proof=answer.raw, reason=message)
    return Interpretation(NextAction.LATER, _APPLIED, "", message, call)


def _weeks_are_over(asked: AskedErrand) -> bool:
    due_on = asked.case.due_on
    return asked.case.state == State.ALTA_ENVIADA and due_on is not None and asked.today > due_on


def _movement(asked: AskedErrand, answer: MovementAnswer) -> Interpretation:
    if not asked.errand.received_on:
        return _received(asked, answer)
    if answer.status is MovementStatus.RECEIVED:
        return Interpretation(NextAction.LATER, _APPLIED, "", "El IMSS todavía no resuelve el movimiento.")
    return _MOVEMENT_RESULTS[Errand.Kind(asked.errand.kind), answer.status](asked, answer)


def _received(asked: AskedErrand, answer: MovementAnswer) -> Interpretation:
    """Received is a step of its own; its result, even if already known, is asked for again."""
    verb = Verb.SEND_ALTA if asked.errand.kind == Errand.Kind.SEND_ALTA else Verb.SEND_BAJA
    data: Details = {"lote": answer.lote, "recibo": answer.recibo, **_about(asked)}
    message = f"El IMSS recibió el movimiento (lote {answer.lote})."
    return Interpretation(NextAction.LATER, _APPLIED, "", message, VerbCall(verb, _day(answer.on, asked), data), answer)


def _alta_operated(asked: AskedErrand, answer: MovementAnswer) -> Interpretation:
    """Operated is not vigencia yet: only an answer about the person's cover is (docs/invariants.md, 2)."""
    return Interpretation(NextAction.DONE, _APPLIED, "", "El IMSS operó el alta; falta que reporte la vigencia.", resolution=answer)


def _alta_rejected(asked: AskedErrand, answer: MovementAnswer) -> Interpretation:
    data: Details = {"code": answer.code, "text": answer.message, "register_name": answer.register_name}
    if rests(asked.case.state, asked.case.coverage):
        # A rejected alta says nothing about the cover by another.
        data["coverage"] = asked.case.coverage
    call = VerbCall(Verb.REJECT_ALTA, _resolved(answer, asked), data, proof=answer.raw, reason=f"{answer.code}: {answer.message}")
    return Interpretation(NextAction.DONE, _APPLIED, answer.code, f"El IMSS rechazó el alta: {answer.message}", call, resolution=answer)


def _baja_operated(asked: AskedErrand, answer: MovementAnswer) -> Interpretation:
    call = VerbCall(Verb.OPERATE_BAJA, _resolved(answer, asked), {"lote": answer.lote, **_about(asked)}, proof=answer.raw)
    return Interpretation(NextAction.DONE, _APPLIED, "", "El IMSS operó la baja.", call, resolution=answer)


def _baja_rejected(asked: AskedErrand, answer: MovementAnswer) -> Interpretation:
    """The baja is still owed; a person sees why, and whether to send it again."""
    data: Details = {"code": answer.code, "text": answer.message, **_about(asked)}
    call = VerbCall(Verb.REJECT_BAJA, _resolved(answer, asked), data, proof=answer.raw, reason=f"{answer.code}: {answer.message}")
    message = f"El IMSS rechazó la baja: {answer.message}"
    return Interpretation(NextAction.PARK, Answer.Verdict.REFUSED, answer.code, message, call, resolution=answer)


def _about(asked: AskedErrand) -> Details:
    """The cover a baja is of, or the registro patronal an alta went under."""
    errand = asked.errand
    if errand.cover_id:
        return {"cover": errand.cover_id}
    return {"registro": errand.registro} if errand.registro and errand.kind == Errand.Kind.SEND_ALTA else {}


_Interpreter = Callable[[AskedErrand, Any], Interpretation]
_BY_ANSWER: Final[Mapping[type, _Interpreter]] = {NssAnswer: _nss, VigenciaAnswer: _vigencia, MovementAnswer: _movement}
_MOVEMENT_RESULTS: Final[Mapping[tuple[Errand.Kind, MovementStatus], _Interpreter]] = {
    (Errand.Kind.SEND_ALTA, MovementStatus.OPERATED): _alta_operated,
    (Errand.Kind.SEND_ALTA, MovementStatus.REJECTED): _alta_rejected,
    (Errand.Kind.SEND_BAJA, MovementStatus.OPERATED): _baja_operated,
    (Errand.Kind.SEND_BAJA, MovementStatus.REJECTED): _baja_rejected,
}


def _refused(asked: AskedErrand, result: ImssRefusal, refusals: Refusals) -> Interpretation:
    known = refusals.get(result.code)
    do = known.do if known else KnownRefusal.Do.PARK
    verdict, message = Answer.Verdict.REFUSED, str(result)
    if isinstance(result, UnknownMovement) and not asked.errand.received_on:
        # Looked up because it was in doubt: it never arrived. By now another case may need the cover that a baja would end.
        return Interpretation(NextAction.ANEW, verdict, result.code, message)
    if do == KnownRefusal.Do.ESCALATE:
        call = VerbCall(Verb.ESCALATE, asked.today, {"code": result.code}, proof=result.raw, reason=message)
        return Interpretation(NextAction.LATER, verdict, result.code, message, call)
    return Interpretation(NextAction.LATER if do == KnownRefusal.Do.WAIT else NextAction.PARK, verdict, result.code, message)


def _day(answered_on: dt.date, asked: AskedErrand) -> dt.date:
    """Return the fact's own date, unless IMSS' calendar is ahead of ours."""
    return min(answered_on, asked.today)


def _resolved(answer: MovementAnswer, asked: AskedErrand) -> dt.date:
    return _day(answer.resolved_on or asked.today, asked)


def _umf(number: str) -> str:
    """Return «005» as people write it: «UMF 5»; anything else as received."""
    return f"UMF {int(number)}" if number.isascii() and number.isdigit() else number
