"""What each action asks of the case's verbs, or of the movements to IMSS: from what a form says to one call."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from afiliacion.cases import evidence, verbs
from afiliacion.cases.facts import ACUSE_PAPER, Happening
from afiliacion.cases.models import Case, Event, Evidence
from afiliacion.cases.outcome import Actor, Outcome
from afiliacion.cases.papers import Wanted, is_minor
from afiliacion.cases.states import BajaKind, Coverage, Verb
from afiliacion.imss import movements


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for: these cases (ids), what the form says, who and when."""

    cases: Sequence[int]
    said: Mapping[str, Any]
    actor: Actor
    now: dt.datetime

    @property
    def on(self) -> dt.date:
        day: dt.date = self.said["on"]
        return day

    @property
    def who(self) -> dict[str, Any]:
        return {"actor": self.actor, "now": self.now}

    def keep_paper(self) -> str:
        """Keep the uploaded paper and return its hash; empty if none came."""
        if not self.said.get("paper"):
            return ""
        body, media_type = self.said["paper"]
        return evidence.keep([body], kind=Evidence.Kind.PAPER, media_type=media_type, now=self.now)[0]


def obtain(order: Order) -> Outcome:
    return verbs.obtain_nss(dict.fromkeys(order.cases, order.said["nss"]), on=order.on, **order.who)


def correct(order: Order) -> Outcome:
    said = order.said
    return verbs.correct_nss(
        dict.fromkeys(order.cases, said["nss"]), on=order.on, reason=said["reason"], evidence=order.keep_paper(), **order.who
    )


def disown(order: Order) -> Outcome:
    return verbs.disown_nss(order.cases, on=order.on, reason=order.said["reason"], **order.who)


def acuse(order: Order) -> Outcome:
    if not order.said.get("complete"):
        papers = {ACUSE_PAPER, *order.said.get("papers", ())}
        return verbs.deliver_acuse(order.cases, on=order.on, papers=sorted(papers), **order.who)
    outcome = Outcome()
    for papers_asked, cases in _by_papers_asked(order).items():
        outcome += verbs.deliver_acuse(cases, on=order.on, papers=papers_asked, **order.who)
    return outcome


def retract_acuse(order: Order) -> Outcome:
    outcome = Outcome()
    for case_id in order.cases:
        delivered = Event.objects.filter(case=case_id, verb=Verb.DELIVER_ACUSE).order_by("-seq").first()
        papers = delivered.data["papers"] if delivered else []
        outcome += verbs.retract_acuse([case_id], papers, on=order.on, reason=order.said["reason"], **order.who)
    return outcome


def _by_papers_asked(order: Order) -> dict[tuple[str, ...], list[int]]:
    """The cases parted by which papers their plantel asks of them (a minor's are others)."""
    rows = list(Case.objects.filter(pk__in=order.cases).values_list("pk", "plantel_id", "student__birth_date"))
    wanted = Wanted(Verb.DELIVER_ACUSE, sorted({plantel_id for _, plantel_id, _ in rows}))
    parted: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for case_id, plantel_id, born in rows:
        kinds = wanted.kinds(plantel_id, minor=is_minor(born, order.on))
        parted[tuple(sorted({ACUSE_PAPER, *kinds}))].append(case_id)
    return parted


def constancia(order: Order) -> Outcome:
    happening = Happening(order.on, {"umf": order.said["umf"]}, order.keep_paper())
    return verbs.confirm_vigencia(dict.fromkeys(order.cases, happening), **order.who)


def no_constancia(order: Order) -> Outcome:
    return verbs.miss_vigencia(dict.fromkeys(order.cases, Happening(order.on, evidence=order.keep_paper())), **order.who)


def request_alta(order: Order) -> Outcome:
    return movements.request_altas(order.cases, **order.who)


def request_baja(order: Order) -> Outcome:
    return movements.request_bajas(order.cases, **order.who)


def _receipt(order: Order) -> dict[int, dict[str, str]]:
    return {case_id: {"lote": order.said["lote"], "recibo": order.said["recibo"]} for case_id in order.cases}


def alta_by_hand(order: Order) -> Outcome:
    return verbs.send_alta(_receipt(order), on=order.on, **order.who)


def baja_by_hand(order: Order) -> Outcome:
    return verbs.send_baja(_receipt(order), on=order.on, **order.who)


def rejected_by_hand(order: Order) -> Outcome:
    answer = Happening(order.on, {"code": order.said["code"], "message": order.said["message"]})
    return verbs.reject_alta(dict.fromkeys(order.cases, answer), **order.who)


def operated_by_hand(order: Order) -> Outcome:
    return verbs.operate_baja(dict.fromkeys(order.cases, Happening(order.on)), **order.who)


def escalate(order: Order) -> Outcome:
    happening = Happening(order.on, reason=order.said["reason"])
    return verbs.escalate(dict.fromkeys(order.cases, happening), **order.who)


def file_at_desk(order: Order) -> Outcome:
    return verbs.file_at_desk(order.cases, on=order.on, folio=order.said["folio"], **order.who)


def return_from_desk(order: Order) -> Outcome:
    said = order.said
    nss = dict.fromkeys(order.cases, said["nss"]) if said["nss"] else None
    return verbs.return_from_desk(order.cases, on=order.on, nss=nss, resend_alta=said["resend_alta"], reason=said["reason"], **order.who)


def renounce(order: Order) -> Outcome:
    said = order.said
    papers = sorted(said.get("papers", ()))
    return verbs.renounce(order.cases, on=order.on, reason=said["reason"], tutor=said.get("tutor", ""), papers=papers, **order.who)


def withdraw(order: Order) -> Outcome:
    return verbs.withdraw_renuncia(order.cases, on=order.on, reason=order.said["reason"], **order.who)


def leave(order: Order) -> Outcome:
    return verbs.leave(order.cases, BajaKind(order.said["kind"]), on=order.on, reason=order.said["reason"], **order.who)


def transfer(order: Order) -> Outcome:
    return verbs.transfer(order.cases, on=order.on, to=order.said["to"], **order.who)


def rejoin(order: Order) -> Outcome:
    return verbs.rejoin(order.cases, on=order.on, reason=order.said["reason"], **order.who)


def clinic(order: Order) -> Outcome:
    details = {name: order.said[name] for name in ("umf", "turno", "consultorio", "postal_code")}
    return verbs.note_clinic(order.cases, on=order.on, **details, **order.who)


def coverage(order: Order) -> Outcome:
    answer = (Coverage(order.said["coverage"]), Happening(order.on, reason=order.said["reason"]))
    return verbs.note_coverage(dict.fromkeys(order.cases, answer), **order.who)


def receive(order: Order) -> Outcome:
    return verbs.receive_papers(order.cases, order.said["papers"], on=order.on, evidence=order.keep_paper(), **order.who)


def verify(order: Order) -> Outcome:
    return verbs.verify_papers(order.cases, order.said["papers"], on=order.on, **order.who)


def reject(order: Order) -> Outcome:
    return verbs.reject_papers(order.cases, order.said["papers"], on=order.on, reason=order.said["reason"], **order.who)


def hold(order: Order) -> Outcome:
    return verbs.hold(order.cases, on=order.on, reason=order.said["reason"], **order.who)


def release(order: Order) -> Outcome:
    return verbs.release(order.cases, on=order.on, **order.who)
