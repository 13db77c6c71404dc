"""The end of a stay, its baja at IMSS, and the ways back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils import timezone

from afiliacion.cases import registros
from afiliacion.cases.engine import Locked, perform
from afiliacion.cases.enrol import entitle
from afiliacion.cases.facts import Details, Happening
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.papers.required import is_minor
from afiliacion.cases.queries import running_enrolments
from afiliacion.cases.states import BajaKind, Verb
from afiliacion.cases.verbs.checks import Cases, for_all, no_other_open, papers_complete
from students.models import Plantel


def renounce(cases: Cases, *, on: dt.date, act: Act, reason: str = "", tutor: str = "", papers: Sequence[str] = ()) -> Outcome:
    """The signed renuncia was handed in, and `papers` (keys) with it; for a minor, `tutor` is who signed."""
    happening = Happening(on, {"tutor": tutor, "papers": list(papers)}, reason=reason)
    return perform(Verb.RENOUNCE, for_all(cases, happening), act=act, check=_renuncia_complete)


def withdraw_renuncia(cases: Cases, *, on: dt.date, act: Act, reason: str = "") -> Outcome:
    """The student wants the insurance after all; the case goes on at the furthest step proved."""
    happening = Happening(on, {"keeps_cover": False}, reason=reason)
    return perform(Verb.WITHDRAW_RENUNCIA, for_all(cases, happening), act=act, check=no_other_open)


def leave(cases: Cases, kind: BajaKind, *, on: dt.date, act: Act, reason: str = "") -> Outcome:
    """The student left; if IMSS holds an alta of ours, the baja must reach it too."""
    return perform(Verb.LEAVE, for_all(cases, Happening(on, {"kind": kind.value}, reason=reason)), act=act)


def transfer(cases: Cases, *, on: dt.date, act: Act, to: Plantel) -> Outcome:
    """The student moved to another plantel of ours. Only under another registro patronal must a baja reach IMSS."""
    stays = registros.stays(cases, to.pk, on)
    happenings = {
        case_id: Happening(on, {"kind": BajaKind.TRASLADO.value, "to": to.clave, "keeps_cover": case_id in stays}) for case_id in cases
    }
    return perform(Verb.LEAVE, happenings, act=act)


def send_baja(receipts: Mapping[int, Details], *, on: dt.date, act: Act) -> Outcome:
    """IMSS received the baja (case id -> lote, recibo)."""
    happenings = {case_id: Happening(on, receipt) for case_id, receipt in receipts.items()}
    return perform(Verb.SEND_BAJA, happenings, act=act)


def operate_baja(answers: Mapping[int, Happening], *, act: Act) -> Outcome:
    """IMSS operated the baja."""
    return perform(Verb.OPERATE_BAJA, answers, act=act)


def reject_baja(answers: Mapping[int, Happening], *, act: Act) -> Outcome:
    """IMSS rejected the baja (data: code and text as received): it is still owed."""
    return perform(Verb.REJECT_BAJA, answers, act=act)


def drop_baja(cases: Cases, *, on: dt.date, act: Act, reason: str) -> Outcome:
    """IMSS has no alta of ours that this baja could end (it said so, or the subdelegación did): none is owed any more."""
    return perform(Verb.DROP_BAJA, for_all(cases, Happening(on, reason=reason)), act=act)


def rejoin(cases: Cases, *, on: dt.date, act: Act, reason: str = "") -> Outcome:
    """The student came back, or the baja was a mistake: the case goes on in its ciclo, or in the one that runs; with an alta sent again if
    its baja had reached IMSS. A baja that was not temporal needs a reason."""
    ids = list(cases)
    enrolled = running_enrolments(ids, timezone.localdate(act.now))
    happenings = {pk: Happening(on, {"enrolment": enrolled[pk]} if pk in enrolled else {}, reason=reason) for pk in ids}
    return perform(Verb.REJOIN, happenings, act=act, check=_rejoinable, effect=entitle)


def undo_load(before: Mapping[int, Happening], *, act: Act) -> Outcome:
    """A list was taken back: each case as the list found it (facts.restored), or closed if the list opened it."""
    return perform(Verb.UNDO_LOAD, {pk: replace(h, data={**h.data, "whole": True}) for pk, h in before.items()}, act=act)


def _renuncia_complete(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    """A minor's renuncia is signed by the mother, father or guardian."""
    unsigned = [c.id for c in cases if is_minor(c.birth_date, happenings[c.id].on) and not happenings[c.id].data["tutor"].strip()]
    refused = dict.fromkeys(unsigned, "Es menor de edad: escriba el nombre de la madre, padre o tutor que firma.")
    return {**papers_complete(Verb.RENOUNCE)(cases, happenings), **refused}


def _rejoinable(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    over = [case.id for case in cases if "enrolment" not in happenings[case.id].data]
    told = "El ciclo de su inscripción ya terminó: cuando se reinscriba, la lista del ciclo nuevo le abre otro expediente."
    return dict.fromkeys(over, told) | no_other_open(cases, happenings)
