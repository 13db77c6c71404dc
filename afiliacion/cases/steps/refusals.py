"""Pure: why a verb cannot happen to a case with these facts, in Spanish. Whether the table has the step is asked there (states.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from afiliacion.cases.facts import ACUSE_PAPER, Facts, Happening
from afiliacion.cases.states import TRANSITIONS, BajaKind, Coverage, State, Verb


def refusal(facts: Facts, verb: Verb, happening: Happening) -> str:
    """Why `verb` cannot happen to a case with these facts, in Spanish; empty if it can."""
    if facts.state not in TRANSITIONS[verb]:
        return f"El expediente está en «{facts.state.label}» y ese paso no procede desde ahí."
    guard = _GUARDS.get(verb)
    return guard(facts, happening) if guard else ""


def _confirms(facts: Facts, h: Happening) -> str:
    if not h.evidence:
        return "La vigencia solo se confirma con la respuesta del IMSS o una constancia."
    return "" if facts.nss_on else "El alumno no tiene NSS registrado: regístrelo primero."


def _needs_reason(facts: Facts, h: Happening) -> str:
    return "" if h.reason.strip() else "Escriba el motivo."


def _needs_owed_baja(facts: Facts, h: Happening) -> str:
    """What IMSS says of a movement (`cover`) is noted even if the student came back meanwhile."""
    return "" if facts.baja_owed or h.data.get("cover") else "El IMSS no tiene un alta nuestra pendiente de baja."


def _can_rejoin(facts: Facts, h: Happening) -> str:
    if facts.baja_kind == BajaKind.DESHECHA:
        return "No cuenta: lo abrió una lista que se deshizo, o era repetido. Para que vuelva, cargue la lista que trae al alumno."
    # Who was away for a time comes back as foreseen; any other baja is taken back because it was wrong or things changed.
    return "" if facts.baja_kind == BajaKind.TEMPORAL else _needs_reason(facts, h)


def _can_reopen(facts: Facts, h: Happening) -> str:
    return "" if facts.baja_kind == BajaKind.DESHECHA else "No lo abrió una lista que se haya deshecho: use «Reingreso»."


def _corrects(facts: Facts, h: Happening) -> str:
    return _needs_reason(facts, h) or ("" if h.evidence else "Adjunte el documento que prueba el NSS correcto.")


def _files(facts: Facts, h: Happening) -> str:
    if facts.filed_on:
        return f"Ya se presentó el {facts.filed_on:%d/%m/%Y}: anote qué respondieron o, si fue un error, deshaga la presentación."
    if facts.wanted_on and h.on < facts.wanted_on:
        return f"El {facts.wanted_on:%d/%m/%Y} la subdelegación pidió algo más: no pudo presentarse otra vez antes de ese día."
    return ""


def _answers(facts: Facts, h: Happening) -> str:
    if facts.filed_on and h.on < facts.filed_on:
        return f"El caso se presentó el {facts.filed_on:%d/%m/%Y}: no pudieron responder antes de ese día."
    return ""


def _wants_more(facts: Facts, h: Happening) -> str:
    return _answers(facts, h) or ("" if h.reason.strip() else "Escriba qué faltó.")


def _retracts_filing(facts: Facts, h: Happening) -> str:
    return _needs_reason(facts, h) if facts.filed_on else "El caso no está anotado como presentado: no hay nada que deshacer."


def _retracts_want_more(facts: Facts, h: Happening) -> str:
    if facts.filed_on or not facts.wanted_on:
        return "Lo último no fue que faltara algo: no hay nada que deshacer."
    return _needs_reason(facts, h)


def _undoes_leave(facts: Facts, h: Happening) -> str:
    if facts.baja_kind == BajaKind.DESHECHA:
        return "No tiene una baja que deshacer."
    if facts.baja_sent_on:
        return "La baja ya se envió al IMSS: ya no se deshace."
    return _needs_reason(facts, h)


def _corrects_person(facts: Facts, h: Happening) -> str:
    proved = h.evidence or not h.data.get("curp")
    return _needs_reason(facts, h) or ("" if proved else "Adjunte el documento que prueba la CURP correcta.")


def _merges(facts: Facts, h: Happening) -> str:
    return _needs_reason(facts, h) or ("" if h.evidence else "Adjunte el documento que prueba que son la misma persona.")


def _declares(facts: Facts, h: Happening) -> str:
    if not h.data.get("registro"):
        return "El plantel no tiene registro patronal: captúrelo en Ajustes."
    since = dt.date.fromisoformat(h.data["since"])
    return "No puede estar asegurado desde una fecha futura." if since > h.on else ""


def _retracts_papers(facts: Facts, h: Happening) -> str:
    if facts.acuse_on and ACUSE_PAPER in h.data.get("papers", ()):
        return "El acuse ya cuenta como entregado: deshaga su entrega."
    return _needs_reason(facts, h)


def _notes_coverage(facts: Facts, h: Happening) -> str:
    """The end of our own cover is an answer of IMSS or a constancia (MISS_VIGENCIA), with which the case goes on; a note would hide it."""
    ends_ours = facts.state is State.VIGENTE and facts.coverage == Coverage.OURS and h.data.get("coverage") == Coverage.NONE
    return "Está vigente por esta escuela: si el IMSS dice que ya no, use «Anotar constancia sin derecho»." if ends_ours else ""


def _disowns(facts: Facts, h: Happening) -> str:
    return _needs_reason(facts, h) if facts.nss_on else "El alumno no tiene NSS registrado."


_GUARDS: Final[Mapping[Verb, Callable[[Facts, Happening], str]]] = {
    Verb.CONFIRM_VIGENCIA: _confirms,
    Verb.CORRECT_NSS: _corrects,
    Verb.UNIFY_NSS: _corrects,
    Verb.CORRECT_PERSON: _corrects_person,
    Verb.RETRACT_CORRECTION: _needs_reason,
    Verb.MERGE: _merges,
    Verb.RETRACT_MERGE: _needs_reason,
    Verb.RETRACT_ANSWER: _needs_reason,
    Verb.DISOWN_NSS: _disowns,
    Verb.NOTE_COVERAGE: _notes_coverage,
    Verb.DECLARE_COVER: _declares,
    Verb.RETRACT_COVER: _needs_reason,
    Verb.RETRACT_MOVE: _needs_reason,
    Verb.ESCALATE: _needs_reason,
    Verb.FILE_AT_DESK: _files,
    Verb.RETURN: _answers,
    Verb.WANT_MORE: _wants_more,
    Verb.RETRACT_FILING: _retracts_filing,
    Verb.RETRACT_WANT_MORE: _retracts_want_more,
    Verb.REJECT_PAPERS: _needs_reason,
    Verb.RETRACT_ACUSE: _needs_reason,
    Verb.RETRACT_PAPERS: _retracts_papers,
    Verb.SEND_BAJA: _needs_owed_baja,
    Verb.OPERATE_BAJA: _needs_owed_baja,
    Verb.REJECT_BAJA: _needs_owed_baja,
    Verb.DROP_BAJA: _needs_owed_baja,
    Verb.REJOIN: _can_rejoin,
    Verb.UNDO_LEAVE: _undoes_leave,
    Verb.REOPEN: _can_reopen,
    Verb.HOLD: lambda f, h: "El plazo ya está en pausa." if f.held_since else _needs_reason(f, h),
    Verb.RELEASE: lambda f, h: "" if f.held_since else "El plazo no está en pausa.",
}
