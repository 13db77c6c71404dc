"""Pure: what is known about a case, and what each happening adds. A case's columns are its events, folded by `after`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from afiliacion.cases.states import TRANSITIONS, BajaKind, Coverage, PaperStatus, State, Verb


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to one case: when (the fact's own date), with which details, proof and reason."""

    on: dt.date
    data: Mapping[str, Any] = field(default_factory=dict)
    evidence: str = ""
    reason: str = ""


class Facts(NamedTuple):
    """Everything the turn and the clock may look at. Dates are the facts' own, not when they were typed."""

    state: State = State.SIN_NSS
    state_since: dt.date = dt.date.min
    enrolled_on: dt.date = dt.date.min
    nss_on: dt.date | None = None
    acuse_on: dt.date | None = None
    alta_on: dt.date | None = None
    vigencia_on: dt.date | None = None
    vigencia_evidence: str = ""
    checked_on: dt.date | None = None
    filed_on: dt.date | None = None
    baja_kind: str = ""
    baja_sent_on: dt.date | None = None
    baja_operada_on: dt.date | None = None
    coverage: str = Coverage.NONE.value
    umf: str = ""
    clinic_on: dt.date | None = None
    held_since: dt.date | None = None
    pauses: tuple[tuple[str, str], ...] = ()
    #: (kind, status) of every paper handed in, by kind.
    papers: tuple[tuple[str, str], ...] = ()
    #: When the sheet handed in was refused, if that is where it stands.
    sheet_refused_on: dt.date | None = None
    alerted_on: dt.date | None = None
    rule: int | None = None

    @property
    def papers_in(self) -> frozenset[str]:
        """Kinds of paper received and not rejected."""
        return frozenset(kind for kind, status in self.papers if status != PaperStatus.REJECTED)

    @property
    def baja_owed(self) -> bool:
        """IMSS holds an alta of ours that a baja has not ended yet."""
        return self.alta_on is not None and self.baja_operada_on is None


#: The paper the acuse step is about; it falls with a wrong NSS.
ACUSE_PAPER: Final = "acuse"
FACT_NAMES: Final = Facts._fields


def as_data(facts: Facts) -> dict[str, Any]:
    """Facts as an event's details can hold them; `from_data` gives them back."""
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in facts._asdict().items()}


def from_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that `as_data` wrote, by name."""
    pairs = {name: tuple((first, second) for first, second in data[name]) for name in ("pauses", "papers")}
    days = {name: value and dt.date.fromisoformat(value) for name, value in data.items() if name.endswith(("_on", "_since"))}
    return {**data, **days, **pairs, "state": State(data["state"])}


Effect = Callable[["Facts", "Happening"], dict[str, Any]]

_NO_ALTA: Final[dict[str, Any]] = {
    "alta_on": None,
    "vigencia_on": None,
    "vigencia_evidence": "",
    "baja_sent_on": None,
    "baja_operada_on": None,
}


def _confirm(facts: Facts, h: Happening) -> dict[str, Any]:
    return {
        "vigencia_on": facts.vigencia_on if facts.state is State.VIGENTE else h.on,
        "vigencia_evidence": h.evidence,
        "checked_on": h.on,
        "coverage": Coverage.OURS.value,
        "alta_on": facts.alta_on or h.on,
        "umf": h.data.get("umf") or facts.umf,
    }


def _uncovered(facts: Facts, h: Happening) -> dict[str, Any]:
    return {"checked_on": h.on, "coverage": h.data.get("coverage", Coverage.NONE.value), "vigencia_on": None, "vigencia_evidence": ""}


def _return(facts: Facts, h: Happening) -> dict[str, Any]:
    changes: dict[str, Any] = {"filed_on": None}
    if h.data.get("nss"):
        changes["nss_on"] = h.on
    return changes | (_NO_ALTA if h.data.get("resend_alta") else {})


def _leave(facts: Facts, h: Happening) -> dict[str, Any]:
    changes = {"baja_kind": h.data["kind"], "filed_on": None}
    # A plantel under the same registro patronal takes the alta over: IMSS is told nothing.
    return changes | (_NO_ALTA if h.data.get("same_registro_patronal") else {})


def _papers(facts: Facts, kinds: Collection[str], status: PaperStatus | None, *, refused_on: dt.date | None = None) -> dict[str, Any]:
    """The papers with these kinds at `status`; None forgets them."""
    known = dict(facts.papers) | dict.fromkeys(kinds, status.value if status else "")
    papers = {"papers": tuple(sorted(pair for pair in known.items() if pair[1]))}
    return papers | ({"sheet_refused_on": refused_on} if ACUSE_PAPER in kinds else {})


def _start_again(facts: Facts, h: Happening) -> dict[str, Any]:
    """Another NSS: the sheet handed in and the alta sent were for the wrong number."""
    return {"nss_on": h.on if h.data["nss"] else None, "acuse_on": None, **_NO_ALTA, **_papers(facts, [ACUSE_PAPER], None)}


def _release(facts: Facts, h: Happening) -> dict[str, Any]:
    since = facts.held_since or h.on
    return {"held_since": None, "pauses": (*facts.pauses, (since.isoformat(), h.on.isoformat()))}


def _undo_load(facts: Facts, h: Happening) -> dict[str, Any]:
    """As the list found it; a case the list opened is closed."""
    if before := h.data["before"]:
        return from_data(before)
    return {"state": State.BAJA, "baja_kind": BajaKind.DESHECHA.value}


_EFFECTS: Final[Mapping[Verb, Effect]] = {
    Verb.OPEN: lambda f, h: {"enrolled_on": h.on, "nss_on": h.on if h.data.get("nss") else None},
    Verb.CONTINUE: lambda f, h: {"enrolled_on": h.on},
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
    Verb.SEND_ALTA: lambda f, h: {**_NO_ALTA, "alta_on": h.on},
    Verb.CONFIRM_VIGENCIA: _confirm,
    Verb.MISS_VIGENCIA: _uncovered,
    Verb.REJECT_ALTA: lambda f, h: {**_uncovered(f, h), "alta_on": None},
    Verb.FILE_AT_DESK: lambda f, h: {"filed_on": h.on},
    Verb.RETURN: _return,
    Verb.LEAVE: _leave,
    Verb.SEND_BAJA: lambda f, h: {"baja_sent_on": h.on},
    Verb.OPERATE_BAJA: lambda f, h: {"baja_operada_on": h.on, "coverage": Coverage.NONE.value},
    Verb.REJOIN: lambda f, h: {"baja_kind": "", "enrolled_on": h.on, **(_NO_ALTA if f.baja_sent_on else {})},
    Verb.NOTE_COVERAGE: lambda f, h: {"coverage": h.data["coverage"], "checked_on": h.on},
    Verb.NOTE_CLINIC: lambda f, h: {"umf": h.data["umf"], "clinic_on": h.on},
    Verb.UNDO_LOAD: _undo_load,
    Verb.HOLD: lambda f, h: {"held_since": h.on},
    Verb.RELEASE: _release,
    Verb.ALERT: lambda f, h: {"alerted_on": h.on},
}


def after(facts: Facts, verb: Verb, happening: Happening) -> Facts:
    """The facts once `verb` has happened, its new state included. Legality is not asked here (see `destination`)."""
    changes = _EFFECTS.get(verb, _nothing)(facts, happening)
    state = destination(facts.state, verb, facts._replace(**changes))
    if state is not facts.state or verb in (Verb.OPEN, Verb.CONTINUE):
        # A new state, or a new term, starts its own clock: what was told about the old one no longer counts.
        changes |= {"state": state, "state_since": happening.on, "alerted_on": None, "rule": None}
    if "rule" in happening.data:
        changes["rule"] = happening.data["rule"]
    return facts._replace(**changes)


def destination(source: State, verb: Verb, changed: Facts) -> State:
    """Where `verb` leads from `source`: the table's only target, or the one the facts point to."""
    if verb is Verb.OPEN:
        return State.NSS_OBTENIDO if changed.nss_on else State.SIN_NSS
    if verb is Verb.UNDO_LOAD:
        return changed.state
    targets = TRANSITIONS[verb][source]
    return next(iter(targets)) if len(targets) == 1 else resumed(changed)


def resumed(facts: Facts) -> State:
    """Where the affiliation goes on after an interruption: at the furthest step already proved."""
    if facts.alta_on:
        return State.ALTA_ENVIADA
    if facts.acuse_on:
        return State.ACUSE_ENTREGADO
    return State.NSS_OBTENIDO if facts.nss_on else State.SIN_NSS


def refusal(facts: Facts, verb: Verb, happening: Happening) -> str:
    """Why `verb` cannot happen to a case with these facts, in Spanish; empty if it can."""
    if facts.state not in TRANSITIONS[verb]:
        return f"El expediente está en «{facts.state.label}» y ese paso no procede desde ahí."
    guard = _GUARDS.get(verb)
    return guard(facts, happening) if guard else ""


def _nothing(facts: Facts, happening: Happening) -> dict[str, Any]:
    return {}


def _confirms(facts: Facts, h: Happening) -> str:
    if not h.evidence:
        return "La vigencia solo se confirma con la respuesta del IMSS o una constancia."
    return "" if facts.nss_on else "El alumno no tiene NSS registrado: regístrelo primero."


def _needs_reason(facts: Facts, h: Happening) -> str:
    return "" if h.reason.strip() else "Escriba el motivo."


def _needs_owed_baja(facts: Facts, h: Happening) -> str:
    return "" if facts.baja_owed else "El IMSS no tiene un alta nuestra pendiente de baja."


def _can_rejoin(facts: Facts, h: Happening) -> str:
    if facts.baja_kind not in (BajaKind.TEMPORAL, BajaKind.DESHECHA):
        return "Solo se regresa de una baja temporal; en los demás casos una nueva inscripción abre otro expediente."
    return ""


def _corrects(facts: Facts, h: Happening) -> str:
    return _needs_reason(facts, h) or ("" if h.evidence else "Adjunte el documento que prueba el NSS correcto.")


def _retracts_papers(facts: Facts, h: Happening) -> str:
    if facts.acuse_on and ACUSE_PAPER in h.data.get("papers", ()):
        return "El acuse ya cuenta como entregado: deshaga su entrega."
    return _needs_reason(facts, h)


def _disowns(facts: Facts, h: Happening) -> str:
    return _needs_reason(facts, h) if facts.nss_on else "El alumno no tiene NSS registrado."


_GUARDS: Final[Mapping[Verb, Callable[[Facts, Happening], str]]] = {
    Verb.CONFIRM_VIGENCIA: _confirms,
    Verb.CORRECT_NSS: _corrects,
    Verb.DISOWN_NSS: _disowns,
    Verb.ESCALATE: _needs_reason,
    Verb.REJECT_PAPERS: _needs_reason,
    Verb.RETRACT_ACUSE: _needs_reason,
    Verb.RETRACT_PAPERS: _retracts_papers,
    Verb.SEND_BAJA: _needs_owed_baja,
    Verb.OPERATE_BAJA: _needs_owed_baja,
    Verb.REJOIN: _can_rejoin,
    Verb.HOLD: lambda f, h: "El plazo ya está en pausa." if f.held_since else _needs_reason(f, h),
    Verb.RELEASE: lambda f, h: "" if f.held_since else "El plazo no está en pausa.",
}
