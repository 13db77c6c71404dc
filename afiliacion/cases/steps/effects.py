"""What each verb changes of what is known about a case. Pure: a case's columns are its events, folded by `after`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from afiliacion.cases.facts import ACUSE_PAPER, BLANK, Facts, Happening, changed, from_data
from afiliacion.cases.states import FOREIGN, TRANSITIONS, BajaKind, Coverage, PaperStatus, State, Verb

Effect = Callable[[Facts, Happening], dict[str, Any]]


def _enrolled(h: Happening) -> dict[str, Any]:
    recorded_on = h.data.get("recorded_on")
    return {"enrolled_on": h.on, "recorded_on": recorded_on and dt.date.fromisoformat(recorded_on)}


_NO_ALTA: Final[dict[str, Any]] = {
    "alta_on": None,
    "vigencia_on": None,
    "vigencia_evidence": "",
    "baja_sent_on": None,
    "baja_operada_on": None,
    "registro": "",
}


def _confirm(facts: Facts, h: Happening) -> dict[str, Any]:
    return {
        "vigencia_on": facts.vigencia_on if facts.state is State.VIGENTE else h.on,
        "vigencia_evidence": h.evidence,
        "checked_on": h.on,
        "coverage": Coverage.OURS.value,
        "alta_on": facts.alta_on or h.on,
        "registro": h.data.get("registro", facts.registro),
        "umf": h.data.get("umf") or facts.umf,
    }


def _uncovered(facts: Facts, h: Happening) -> dict[str, Any]:
    return {"checked_on": h.on, "coverage": h.data.get("coverage", Coverage.NONE.value), "vigencia_on": None, "vigencia_evidence": ""}


def _retract_want_more(facts: Facts, h: Happening) -> dict[str, Any]:
    """Presented again as it was before the answer, if it had been."""
    filed_on = h.data.get("filed_on")
    return {"filed_on": dt.date.fromisoformat(filed_on) if filed_on else None, "wanted_on": None}


def _return(facts: Facts, h: Happening) -> dict[str, Any]:
    changes: dict[str, Any] = {"filed_on": None, "wanted_on": None, "resumed_on": h.on}
    if h.data.get("nss"):
        changes["nss_on"] = h.on
    return changes | (_NO_ALTA if h.data.get("resend_alta") else {})


def _leave(facts: Facts, h: Happening) -> dict[str, Any]:
    changes = {"baja_kind": h.data["kind"], "filed_on": None, "wanted_on": None, "keeps_cover": h.data.get("keeps_cover", False)}
    return changes | (_NO_ALTA if h.data.get("same_registro_patronal") else {})


def _come_back(facts: Facts, h: Happening) -> dict[str, Any]:
    """An alta whose baja IMSS has received is over."""
    return {"keeps_cover": False, **(_NO_ALTA if facts.baja_sent_on else {})}


def _withdraw(facts: Facts, h: Happening) -> dict[str, Any]:
    # A withdrawal from before covers were kept did not look at the baja, and its event still says the state it led to.
    return _come_back(facts, h) if "keeps_cover" in h.data else {}


def about_former(facts: Facts, verb: Verb, h: Happening) -> bool:
    """Whether a step of a baja is about the former cover: as it says, else the one whose turn it is."""
    if cover := h.data.get("cover"):
        return cover == facts.former_cover
    if verb is Verb.SEND_BAJA:
        return facts.former_owed_on is not None and not (facts.own_baja_owed and facts.baja_sent_on is None)
    return facts.former_owed_on is not None and facts.baja_sent_on is None and not (verb is Verb.DROP_BAJA and facts.own_baja_owed)


_FORMER_ENDED: Final[dict[str, Any]] = {"former_cover": None, "former_owed_on": None, "former_sent_on": None}


def _send_baja(facts: Facts, h: Happening) -> dict[str, Any]:
    if about_former(facts, Verb.SEND_BAJA, h):
        return {"former_sent_on": h.on}
    return {} if facts.is_open else {"baja_sent_on": h.on}


def _operate_baja(facts: Facts, h: Happening) -> dict[str, Any]:
    if about_former(facts, Verb.OPERATE_BAJA, h):
        return _FORMER_ENDED
    return {} if facts.is_open else {"baja_operada_on": h.on, "coverage": Coverage.NONE.value}


def _reject_baja(facts: Facts, h: Happening) -> dict[str, Any]:
    return {"former_sent_on": None} if about_former(facts, Verb.REJECT_BAJA, h) else {"baja_sent_on": None}


def _owe_baja(facts: Facts, h: Happening) -> dict[str, Any]:
    if h.data.get("former"):
        sent_on = h.data.get("sent_on")
        return {
            "former_cover": h.data["cover"], "former_owed_on": h.on, "former_sent_on": dt.date.fromisoformat(sent_on) if sent_on else None,
        }  # fmt: skip
    since = dt.date.fromisoformat(h.data["since"])
    own = {"alta_on": facts.alta_on or since, "registro": h.data["registro"], "baja_sent_on": None, "baja_operada_on": None}
    return {**own, "keeps_cover": False, "owed_on": h.on}


def _drop_baja(facts: Facts, h: Happening) -> dict[str, Any]:
    """The cover is another case's affair from now on, or IMSS never had it."""
    return _FORMER_ENDED if about_former(facts, Verb.DROP_BAJA, h) else {**_NO_ALTA, "keeps_cover": False}


def _papers(facts: Facts, kinds: Collection[str], status: PaperStatus | None, *, refused_on: dt.date | None = None) -> dict[str, Any]:
    """The papers with these kinds at `status`; None forgets them."""
    known = dict(facts.papers) | dict.fromkeys(kinds, status.value if status else "")
    papers = {"papers": tuple(sorted(pair for pair in known.items() if pair[1]))}
    return papers | ({"sheet_refused_on": refused_on} if ACUSE_PAPER in kinds else {})


def _start_again(facts: Facts, h: Happening) -> dict[str, Any]:
    """Another NSS: the sheet handed in and the alta sent were for the wrong number."""
    told: dict[str, Any] = {"nss_on": h.on if h.data.get("nss") else None, "acuse_on": None}
    told |= {} if h.data.get("undoing") else {"corrected_on": h.on}
    told |= {"coverage": Coverage.NONE.value} if h.data.get("unproved") and facts.coverage == Coverage.OURS else {}
    return {**told, **_NO_ALTA, **_papers(facts, [ACUSE_PAPER], None)}


def _note_coverage(facts: Facts, h: Happening) -> dict[str, Any]:
    """A cover that prevails ends the vigencia through us (docs/domain.md, 4.2)."""
    ends = {"vigencia_on": None, "vigencia_evidence": ""} if h.data.get("prevails") and facts.state is State.VIGENTE else {}
    return {"coverage": h.data["coverage"], "checked_on": h.on, **ends}


def _release(facts: Facts, h: Happening) -> dict[str, Any]:
    since = facts.held_since or h.on
    return {"held_since": None, "pauses": (*facts.pauses, (since.isoformat(), h.on.isoformat()))}


def _undo_load(facts: Facts, h: Happening) -> dict[str, Any]:
    """As the list found it; a case the list opened is closed, and nothing it knew counts any more.

    But what IMSS insures under us must stay in sight until its baja is operated: such a case is left as any baja is.
    """
    if before := h.data["before"]:
        return from_data(before) | {"umf": h.data.get("umf_before", "")}
    if h.data.get("insured"):
        return {"state": State.BAJA, "baja_kind": BajaKind.DEFINITIVA.value, "filed_on": None}
    blank = {**BLANK, "enrolled_on": facts.enrolled_on} if h.data.get("whole") else {}
    return {**blank, "state": State.BAJA, "baja_kind": BajaKind.DESHECHA.value}


def _open(facts: Facts, h: Happening) -> dict[str, Any]:
    return {**_enrolled(h), "nss_on": h.on if h.data.get("nss") else None}


def _declare_cover(facts: Facts, h: Happening) -> dict[str, Any]:
    """The alta is as old as the school says; what IMSS is expected to answer counts from the declaration."""
    return {**_NO_ALTA, "alta_on": dt.date.fromisoformat(h.data["since"]), "registro": h.data["registro"], "resumed_on": h.on}


def _merge(facts: Facts, h: Happening) -> dict[str, Any]:
    """One of two open cases at a plantel is closed and counts no more; the other has what the records know together."""
    if h.data.get("goes_on"):
        return {**BLANK, "enrolled_on": facts.enrolled_on, "state": State.BAJA, "baja_kind": BajaKind.DESHECHA.value}
    enrolled_on = h.data.get("enrolled_on")
    enrolled: dict[str, Any] = {"enrolled_on": dt.date.fromisoformat(enrolled_on)} if enrolled_on else {}
    if h.data.get("nss"):
        enrolled |= {"nss_on": h.on, **({"state": State.NSS_OBTENIDO} if facts.state is State.SIN_NSS else {})}
    return enrolled


_EFFECTS: Final[Mapping[Verb, Effect]] = {
    Verb.OPEN: _open,
    # A list that was undone and loaded again leaves no trace in dates and clocks.
    Verb.REOPEN: lambda f, h: {**BLANK, **_open(f, h)},
    Verb.CONTINUE: lambda f, h: _enrolled(h),
    Verb.OBTAIN_NSS: lambda f, h: {"nss_on": h.on},
    Verb.CORRECT_NSS: _start_again,
    Verb.DISOWN_NSS: _start_again,
    Verb.DELIVER_ACUSE: lambda f, h: {"acuse_on": h.on, **_papers(f, h.data.get("papers", ()), PaperStatus.RECEIVED)},
    Verb.RETRACT_ACUSE: lambda f, h: {"acuse_on": None, **_papers(f, h.data["papers"], None)},
    Verb.RENOUNCE: lambda f, h: _papers(f, h.data.get("papers", ()), PaperStatus.RECEIVED),
    Verb.RECEIVE_PAPERS: lambda f, h: _papers(f, h.data["papers"], PaperStatus.RECEIVED),
    Verb.VERIFY_PAPERS: lambda f, h: _papers(f, h.data["papers"], PaperStatus.VERIFIED),
    Verb.REJECT_PAPERS: lambda f, h: _papers(f, h.data["papers"], PaperStatus.REJECTED, refused_on=h.on),
    Verb.RETRACT_PAPERS: lambda f, h: _papers(f, h.data["papers"], None),
    Verb.SEND_ALTA: lambda f, h: {**_NO_ALTA, "alta_on": h.on, "registro": h.data.get("registro", "")},
    Verb.CONFIRM_VIGENCIA: _confirm,
    Verb.MISS_VIGENCIA: _uncovered,
    Verb.REJECT_ALTA: lambda f, h: {**_uncovered(f, h), "alta_on": None, "registro": ""},
    Verb.DECLARE_COVER: _declare_cover,
    Verb.RETRACT_COVER: _undo_load,
    Verb.RETRACT_MOVE: _undo_load,
    # What was noted at an earlier stay is not of this one.
    Verb.ESCALATE: lambda f, h: {"filed_on": None, "wanted_on": None},
    Verb.FILE_AT_DESK: lambda f, h: {"filed_on": h.on},
    Verb.RETRACT_FILING: lambda f, h: {"filed_on": None},
    Verb.WANT_MORE: lambda f, h: {"filed_on": None, "wanted_on": h.on, "alerted_on": None},
    Verb.RETRACT_WANT_MORE: _retract_want_more,
    Verb.RETURN: _return,
    Verb.LEAVE: _leave,
    Verb.UNDO_LEAVE: _undo_load,
    Verb.SEND_BAJA: _send_baja,
    Verb.OPERATE_BAJA: _operate_baja,
    Verb.REJECT_BAJA: _reject_baja,
    Verb.OWE_BAJA: _owe_baja,
    Verb.DROP_BAJA: _drop_baja,
    Verb.LOSE_ALTA: lambda f, h: {**_NO_ALTA, "registro": h.data.get("registro", ""), "coverage": Coverage.NONE.value, "resumed_on": h.on},
    Verb.REJOIN: lambda f, h: {"baja_kind": "", "enrolled_on": h.on, "resumed_on": h.on, **_come_back(f, h)},
    Verb.WITHDRAW_RENUNCIA: lambda f, h: {"resumed_on": h.on, **_withdraw(f, h)},
    Verb.NOTE_COVERAGE: _note_coverage,
    Verb.NOTE_CLINIC: lambda f, h: {"umf": h.data.get("umf", ""), "clinic_on": h.on},
    Verb.UNDO_LOAD: _undo_load,
    Verb.CORRECT_ENROLMENT: lambda f, h: {"enrolled_on": dt.date.fromisoformat(h.data["enrolled_on"])},
    Verb.MERGE: _merge,
    Verb.RETRACT_MERGE: _undo_load,
    Verb.RETRACT_ANSWER: _undo_load,
    Verb.HOLD: lambda f, h: {"held_since": h.on},
    Verb.RELEASE: _release,
    Verb.ALERT: lambda f, h: {"alerted_on": h.on},
}


#: These take a case back to where it stood, its clock with it.
_AS_IT_STOOD: Final = frozenset({Verb.UNDO_LEAVE, Verb.RETRACT_COVER, Verb.RETRACT_MOVE, Verb.RETRACT_MERGE, Verb.RETRACT_ANSWER})
#: Nothing begins by what these restore, or leave to another case.
_RESTORING: Final = frozenset({
    Verb.UNDO_LOAD, Verb.RETRACT_COVER, Verb.RETRACT_MOVE, Verb.MERGE, Verb.RETRACT_MERGE, Verb.RETRACT_ANSWER,
})  # fmt: skip


def after(facts: Facts, verb: Verb, happening: Happening) -> Facts:
    """The facts after `verb`, its new state included. Does not check whether it is legal (see `refusal`)."""
    changes = _EFFECTS.get(verb, _nothing)(facts, happening)
    if _ends_cover(facts, verb, changes):
        changes["cover_lost_on"] = happening.on
    state = destination(facts.state, verb, changed(facts, changes))
    going_back = verb in _AS_IT_STOOD or (verb is Verb.UNDO_LOAD and happening.data["before"] and happening.data.get("whole"))
    if not going_back and (state is not facts.state or verb in (Verb.OPEN, Verb.CONTINUE)):
        # A new state, or a new ciclo, starts its own clock: an alert about the old one no longer counts.
        changes |= {"state": state, "state_since": happening.on, "alerted_on": None, "rule": None}
    elif verb in (Verb.CORRECT_NSS, Verb.DISOWN_NSS) or _another_cover(facts, verb, changes):
        changes |= {"alerted_on": None, "rule": None}
    if "rule" in happening.data:
        changes["rule"] = happening.data["rule"]
    return changed(facts, changes)


def _another_cover(facts: Facts, verb: Verb, changes: Mapping[str, Any]) -> bool:
    """A cover by another began or ended. What undoing a list restores is as it was: nothing begins by it."""
    now = changes.get("coverage", facts.coverage)
    return verb not in _RESTORING and now != facts.coverage and not FOREIGN.isdisjoint((now, facts.coverage))


def _ends_cover(facts: Facts, verb: Verb, changes: Mapping[str, Any]) -> bool:
    return facts.coverage in FOREIGN and _another_cover(facts, verb, changes)


def destination(source: State, verb: Verb, now: Facts) -> State:
    """The state `verb` leads to from `source`: the table's only target, or the one that the facts decide."""
    if verb in (Verb.OPEN, Verb.REOPEN):
        return State.NSS_OBTENIDO if now.nss_on else State.SIN_NSS
    if verb in (Verb.UNDO_LOAD, Verb.MERGE, *_AS_IT_STOOD):
        return now.state
    if verb is Verb.NOTE_COVERAGE and source is State.VIGENTE:
        return source if now.vigencia_on else State.ALTA_ENVIADA
    targets = TRANSITIONS[verb][source]
    return next(iter(targets)) if len(targets) == 1 else resumed(now)


def resumed(facts: Facts) -> State:
    """The state in which a case continues after an interruption: the furthest step proved."""
    if facts.alta_on:
        return State.ALTA_ENVIADA
    if facts.acuse_on:
        return State.ACUSE_ENTREGADO
    return State.NSS_OBTENIDO if facts.nss_on else State.SIN_NSS


def _nothing(facts: Facts, happening: Happening) -> dict[str, Any]:
    return {}
