"""The alta at IMSS, what IMSS answers, who covers the student, and the clinic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from afiliacion.cases import registros
from afiliacion.cases.engine import Check, perform
from afiliacion.cases.facts import Details, Happening
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import Coverage, Verb
from afiliacion.cases.verbs.checks import Cases, for_all, write_nss


def send_alta(receipts: Mapping[int, Details], *, on: dt.date, act: Act) -> Outcome:
    """IMSS received the alta (case id -> what it gave back: lote, recibo; and the registro patronal, if not the plantel's of that day)."""
    happenings = {case_id: Happening(on, receipt) for case_id, receipt in receipts.items()}
    return perform(Verb.SEND_ALTA, happenings, act=act, complete=registros.of_day)


def confirm_vigencia(evidence: Mapping[int, Happening], *, act: Act) -> Outcome:
    """IMSS says SI under our registro patronal (case id -> date, umf, evidence hash, and the registro if IMSS named it)."""
    return perform(Verb.CONFIRM_VIGENCIA, evidence, act=act, complete=registros.of_alta)


def miss_vigencia(evidence: Mapping[int, Happening], *, act: Act) -> Outcome:
    """IMSS says NO when it should say SI: the weeks are over, or a vigencia was lost."""
    return perform(Verb.MISS_VIGENCIA, evidence, act=act)


def reject_alta(answers: Mapping[int, Happening], *, act: Act) -> Outcome:
    """IMSS rejected the alta (data: code and text as received). Nothing changed at IMSS: the student is not covered."""
    return perform(Verb.REJECT_ALTA, answers, act=act)


def declare_cover(covers: Mapping[int, Happening], *, act: Act, check: Check) -> Outcome:
    """The student was insured by the school already (case id -> registro, since when, how proved). `check`: who has that cover already."""
    return perform(Verb.DECLARE_COVER, covers, act=act, check=check)


def retract_cover(before: Mapping[int, Happening], *, act: Act, check: Check) -> Outcome:
    """A declaration was taken back: each case as it was found (facts.restored; nss None: the number came with it and goes with it)."""
    return perform(Verb.RETRACT_COVER, before, act=act, check=check, effect=write_nss)


def note_coverage(answers: Mapping[int, tuple[Coverage, Happening]], *, act: Act) -> Outcome:
    """Who covers the student, as last proved. A cover that prevails ends a vigencia through us; else the case stays where it is."""
    happenings = {
        case_id: replace(h, data={**h.data, "coverage": coverage.value, **({"prevails": True} if coverage is Coverage.OTHER else {})})
        for case_id, (coverage, h) in answers.items()
    }
    return perform(Verb.NOTE_COVERAGE, happenings, act=act)


def note_clinic(cases: Cases, umf: str, *, on: dt.date, act: Act, turno: str = "", consultorio: str = "", postal_code: str = "") -> Outcome:
    """The student registered at a clinic, or changed it; who comes from elsewhere does so with the local `postal_code`."""
    happening = Happening(on, {"umf": umf, "turno": turno, "consultorio": consultorio, "postal_code": postal_code})
    return perform(Verb.NOTE_CLINIC, for_all(cases, happening), act=act)
