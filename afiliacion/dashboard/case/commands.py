"""What each action asks of the case's verbs, or of the movements to IMSS: from what a form says to one call."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import ACUSE_PAPER, Details, Happening
from afiliacion.cases.models import Case, Event, Evidence
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.papers import evidence
from afiliacion.cases.papers.required import Wanted, is_minor
from afiliacion.cases.states import BajaKind, Coverage, Verb
from afiliacion.cases.verbs.undo_leave import undo_leave
from afiliacion.imss.queue import movements
from afiliacion.insurance import moving
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.rejections import by_hand
from afiliacion.papers_in import bringing
from afiliacion.papers_in.bringing import Origin
from afiliacion.papers_in.models import Door


@dataclass(frozen=True, slots=True)
class CaseOrder:
    """What a person asked for: these cases (ids), what the form says, who, when and with which planteles."""

    cases: Sequence[int]
    said: Mapping[str, Any]
    act: Act

    @property
    def on(self) -> dt.date:
        day: dt.date = self.said["on"]
        return day

    def keep_paper(self) -> str:
        """Keep the uploaded paper and return its hash; empty if none came."""
        if not self.said.get("paper"):
            return ""
        body, media_type = self.said["paper"]
        return evidence.keep([body], kind=Evidence.Kind.PAPER, media_type=media_type, now=self.act.now)[0]


def obtain(order: CaseOrder) -> Outcome:
    return verbs.obtain_nss(dict.fromkeys(order.cases, order.said["nss"]), on=order.on, act=order.act)


def correct(order: CaseOrder) -> Outcome:
    said = order.said
    return verbs.correct_nss(
        dict.fromkeys(order.cases, said["nss"]), on=order.on, reason=said["reason"], evidence=order.keep_paper(), act=order.act
    )


def unify(order: CaseOrder) -> Outcome:
    said = order.said
    numbers = dict.fromkeys(order.cases, said["nss"])
    return verbs.unify_nss(numbers, on=order.on, reason=said["reason"], evidence=order.keep_paper(), act=order.act)


def disown(order: CaseOrder) -> Outcome:
    return verbs.disown_nss(order.cases, on=order.on, reason=order.said["reason"], act=order.act)


def acuse(order: CaseOrder) -> Outcome:
    if not order.said.get("complete"):
        papers = {ACUSE_PAPER, *order.said.get("papers", ())}
        return verbs.deliver_acuse(order.cases, on=order.on, papers=sorted(papers), act=order.act)
    outcome = Outcome()
    for papers_asked, cases in _by_papers_asked(order).items():
        outcome += verbs.deliver_acuse(cases, on=order.on, papers=papers_asked, act=order.act)
    return outcome


def retract_acuse(order: CaseOrder) -> Outcome:
    outcome = Outcome()
    for case_id in order.cases:
        delivered = Event.objects.filter(case=case_id, verb=Verb.DELIVER_ACUSE).order_by("-seq").first()
        papers = delivered.data["papers"] if delivered else []
        outcome += verbs.retract_acuse([case_id], papers, on=order.on, reason=order.said["reason"], act=order.act)
    return outcome


def _by_papers_asked(order: CaseOrder) -> dict[tuple[str, ...], list[int]]:
    """The cases parted by which papers their plantel asks of them (a minor's are others)."""
    rows = list(Case.objects.filter(pk__in=order.cases).values_list("pk", "plantel_id", "student__birth_date"))
    wanted = Wanted(Verb.DELIVER_ACUSE, sorted({plantel_id for _, plantel_id, _ in rows}))
    parted: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for case_id, plantel_id, born in rows:
        kinds = wanted.kinds(plantel_id, minor=is_minor(born, order.on))
        parted[tuple(sorted({ACUSE_PAPER, *kinds}))].append(case_id)
    return parted


def constancia(order: CaseOrder) -> Outcome:
    happening = Happening(order.on, {"umf": order.said["umf"]}, order.keep_paper())
    return verbs.confirm_vigencia(dict.fromkeys(order.cases, happening), act=order.act)


def no_constancia(order: CaseOrder) -> Outcome:
    return verbs.miss_vigencia(dict.fromkeys(order.cases, Happening(order.on, evidence=order.keep_paper())), act=order.act)


def request_alta(order: CaseOrder) -> Outcome:
    return movements.request_altas(order.cases, act=order.act)


def request_baja(order: CaseOrder) -> Outcome:
    return movements.request_bajas(order.cases, act=order.act)


def _receipt(order: CaseOrder) -> dict[int, Details]:
    return {case_id: {"lote": order.said["lote"], "recibo": order.said["recibo"]} for case_id in order.cases}


def alta_by_hand(order: CaseOrder) -> Outcome:
    return verbs.send_alta(_receipt(order), on=order.on, act=order.act)


def baja_by_hand(order: CaseOrder) -> Outcome:
    return verbs.send_baja(_receipt(order), on=order.on, act=order.act)


def rejected_by_hand(order: CaseOrder) -> Outcome:
    outcome = verbs.reject_alta(dict.fromkeys(order.cases, _rejection(order)), act=order.act)
    return _of_lotes(outcome, MovementType.ALTA, order)


def _rejection(order: CaseOrder) -> Happening:
    return Happening(order.on, {"code": order.said["code"], "message": order.said["message"]})


def _of_lotes(outcome: Outcome, kind: MovementType, order: CaseOrder) -> Outcome:
    """What was noted of the cases holds for their movements in lotes as well."""
    by_hand.note(outcome.done, kind, code=order.said["code"], message=order.said["message"], on=order.on)
    return outcome


def operated_by_hand(order: CaseOrder) -> Outcome:
    return verbs.operate_baja(dict.fromkeys(order.cases, Happening(order.on)), act=order.act)


def baja_rejected_by_hand(order: CaseOrder) -> Outcome:
    outcome = verbs.reject_baja(dict.fromkeys(order.cases, _rejection(order)), act=order.act)
    return _of_lotes(outcome, MovementType.BAJA, order)


def drop_baja(order: CaseOrder) -> Outcome:
    return verbs.drop_baja(order.cases, on=order.on, reason=order.said["reason"], act=order.act)


def escalate(order: CaseOrder) -> Outcome:
    happening = Happening(order.on, reason=order.said["reason"])
    return verbs.escalate(dict.fromkeys(order.cases, happening), act=order.act)


def file_at_desk(order: CaseOrder) -> Outcome:
    return verbs.file_at_desk(order.cases, on=order.on, folio=order.said["folio"], act=order.act)


def retract_filing(order: CaseOrder) -> Outcome:
    return verbs.retract_filing(order.cases, on=order.on, reason=order.said["reason"], act=order.act)


def want_more(order: CaseOrder) -> Outcome:
    return verbs.want_more(dict.fromkeys(order.cases, order.said["reason"]), on=order.on, act=order.act)


def retract_want_more(order: CaseOrder) -> Outcome:
    return verbs.retract_want_more(order.cases, on=order.on, reason=order.said["reason"], act=order.act)


def return_from_desk(order: CaseOrder) -> Outcome:
    said = order.said
    nss = dict.fromkeys(order.cases, said["nss"]) if said["nss"] else None
    return verbs.return_from_desk(order.cases, on=order.on, nss=nss, resend_alta=said["resend_alta"], reason=said["reason"], act=order.act)


def renounce(order: CaseOrder) -> Outcome:
    said = order.said
    papers = sorted(said.get("papers", ()))
    return verbs.renounce(order.cases, on=order.on, reason=said["reason"], tutor=said.get("tutor", ""), papers=papers, act=order.act)


def withdraw(order: CaseOrder) -> Outcome:
    return verbs.withdraw_renuncia(order.cases, on=order.on, reason=order.said["reason"], act=order.act)


def leave(order: CaseOrder) -> Outcome:
    return verbs.leave(order.cases, BajaKind(order.said["kind"]), on=order.on, reason=order.said["reason"], act=order.act)


def take_back_leave(order: CaseOrder) -> Outcome:
    return undo_leave(order.cases, on=order.on, reason=order.said["reason"], act=order.act)


def move(order: CaseOrder) -> Outcome:
    return moving.move(order.cases, on=timezone.localdate(order.act.now), act=order.act)


def move_back(order: CaseOrder) -> Outcome:
    return moving.move_back(order.cases, on=order.on, reason=order.said["reason"], act=order.act)


def transfer(order: CaseOrder) -> Outcome:
    return verbs.transfer(order.cases, on=order.on, to=order.said["to"], act=order.act)


def rejoin(order: CaseOrder) -> Outcome:
    return verbs.rejoin(order.cases, on=order.on, reason=order.said["reason"], act=order.act)


def clinic(order: CaseOrder) -> Outcome:
    details = {name: order.said[name] for name in ("umf", "turno", "consultorio", "postal_code")}
    return verbs.note_clinic(order.cases, on=order.on, act=order.act, **details)


def coverage(order: CaseOrder) -> Outcome:
    answer = (Coverage(order.said["coverage"]), Happening(order.on, reason=order.said["reason"]))
    return verbs.note_coverage(dict.fromkeys(order.cases, answer), act=order.act)


def receive(order: CaseOrder) -> Outcome:
    """A file of the sheet waits in «Hojas por revisar» too, where it is read."""
    outcome = verbs.receive_papers(order.cases, order.said["papers"], on=order.on, evidence=order.keep_paper(), act=order.act)
    if order.said.get("paper") and ACUSE_PAPER in order.said["papers"]:
        body, _ = order.said["paper"]
        for case in Case.objects.filter(pk__in=outcome.done):
            bringing.bring(body, "", Origin(Door.OFFICE, order.on, order.act), case)
    return outcome


def verify(order: CaseOrder) -> Outcome:
    return verbs.verify_papers(order.cases, order.said["papers"], on=order.on, act=order.act)


def reject(order: CaseOrder) -> Outcome:
    return verbs.reject_papers(order.cases, order.said["papers"], on=order.on, reason=order.said["reason"], act=order.act)


def hold(order: CaseOrder) -> Outcome:
    return verbs.hold(order.cases, on=order.on, reason=order.said["reason"], act=order.act)


def release(order: CaseOrder) -> Outcome:
    return verbs.release(order.cases, on=order.on, act=order.act)
