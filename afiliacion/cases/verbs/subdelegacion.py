"""The subdelegación: taken there, presented, wanted more, answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from django.db import transaction

from afiliacion.cases import consent
from afiliacion.cases.engine import perform
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import Verb
from afiliacion.cases.verbs.checks import Cases, for_all, nss_free, write_nss


def escalate(happenings: Mapping[int, Happening], *, act: Act) -> Outcome:
    """The case must be solved at the subdelegación (reason: IMSS' message, or the officer's)."""
    return perform(Verb.ESCALATE, happenings, act=act)


def file_at_desk(cases: Cases, *, on: dt.date, act: Act, folio: str = "") -> Outcome:
    """The officer presented the case at the subdelegación; from here IMSS has the turn."""
    return perform(Verb.FILE_AT_DESK, for_all(cases, Happening(on, {"folio": folio})), act=act)


def retract_filing(cases: Cases, *, on: dt.date, act: Act, reason: str) -> Outcome:
    """The presentation had been noted by mistake: the case still has to be taken there."""
    return perform(Verb.RETRACT_FILING, for_all(cases, Happening(on, reason=reason)), act=act)


def want_more(notes: Mapping[int, str], *, on: dt.date, act: Act) -> Outcome:
    """The subdelegación wanted something more (case id -> what): the case is taken there again."""
    with transaction.atomic():
        locked = Case.objects.filter(pk__among=notes).select_for_update(of=("self",)).order_by("pk")
        filed = dict(locked.values_list("pk", "filed_on"))
        happenings = {
            case_id: Happening(on, {"filed_on": day.isoformat() if (day := filed.get(case_id)) else None}, reason=note)
            for case_id, note in notes.items()
        }
        return perform(Verb.WANT_MORE, happenings, act=act)


def retract_want_more(cases: Cases, *, on: dt.date, act: Act, reason: str) -> Outcome:
    """That something was wanted had been noted by mistake: the case is presented as it was."""
    answers = Event.objects.filter(case__in=list(cases), verb=Verb.WANT_MORE).order_by("case_id", "-seq").distinct("case_id")
    filed = {event.case_id: event.data["filed_on"] for event in answers}
    happenings = {case_id: Happening(on, {"filed_on": filed.get(case_id)}, reason=reason) for case_id in cases}
    return perform(Verb.RETRACT_WANT_MORE, happenings, act=act)


def return_from_desk(
    cases: Cases,
    *,
    on: dt.date,
    act: Act,
    nss: Mapping[int, str] | None = None,
    resend_alta: bool = False,
    reason: str = "",
    evidence: Mapping[int, str] | None = None,
) -> Outcome:
    """The subdelegación answered: the case goes on at the furthest step proved, with the NSS it gave if it gave one.

    A number for a person who belongs to others as well is asked for; the case goes on without it meanwhile.
    """
    found, proof = nss or {}, evidence or {}
    happenings = {
        case_id: Happening(on, {"nss": found.get(case_id, ""), "resend_alta": resend_alta}, proof.get(case_id, ""), reason)
        for case_id in {*cases, *found}
    }
    gate = consent.nss_gate(consent.Kind.OBTAIN_NSS)
    with transaction.atomic():
        asked = consent.waiting_nss(happenings, act)
        unchanged = {case_id: replace(h, data={**h.data, "nss": ""}) for case_id, h in asked.items()}
        outcome = perform(Verb.RETURN, happenings | unchanged, act=act, check=nss_free, gate=gate, effect=write_nss)
        outcome.requested |= consent.ask_nss({case_id: asked[case_id] for case_id in asked.keys() & set(outcome.done)}, act)
    return outcome
