"""The NSS of a person: obtained, corrected, unified by IMSS, or disowned; in all cases of the person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from afiliacion.cases import consent
from afiliacion.cases.engine import Locked, perform
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.queries import siblings
from afiliacion.cases.states import State, Verb
from afiliacion.cases.verbs.checks import Cases, for_all, nss_free, nss_not_taken, write_nss


def obtain_nss(nss: Mapping[int, str], *, on: dt.date, act: Act, evidence: Mapping[int, str] | None = None) -> Outcome:
    """Record an NSS located or assigned (case id -> NSS), also in the student's row, if it is well formed and no other student has it.

    A student has one NSS: their cases at other planteles that lack one move too.
    """
    proof = evidence or {}
    happenings = {case_id: Happening(on, {"nss": number}, proof.get(case_id, "")) for case_id, number in nss.items()}
    happenings = _for_each_student(happenings, siblings(list(nss)).filter(state=State.SIN_NSS), act)
    gate = consent.nss_gate(consent.Kind.OBTAIN_NSS)
    return perform(Verb.OBTAIN_NSS, happenings, act=act, check=nss_free, gate=gate, effect=write_nss)


def correct_nss(nss: Mapping[int, str], *, on: dt.date, act: Act, reason: str, evidence: str) -> Outcome:
    """The NSS on record was wrong: the right one, with reason and evidence. Acuse and alta start again, in all the student's cases."""
    happenings = {case_id: Happening(on, {"nss": number, "unproved": True}, evidence, reason) for case_id, number in nss.items()}
    happenings = _for_each_student(happenings, siblings(list(nss)).filter(nss_on__isnull=False), act)
    gate = consent.nss_gate(consent.Kind.CORRECT_NSS)
    return perform(Verb.CORRECT_NSS, happenings, act=act, check=_nss_free_to_correct, gate=gate, effect=write_nss)


def unify_nss(nss: Mapping[int, str], *, on: dt.date, act: Act, reason: str, evidence: str) -> Outcome:
    """IMSS unified two numbers of the person: the one it keeps, with reason and evidence. Acuse, alta and cover go on under it."""
    happenings = {case_id: Happening(on, {"nss": number, "unified": True}, evidence, reason) for case_id, number in nss.items()}
    happenings = _for_each_student(happenings, siblings(list(nss)).exclude(state=State.SIN_NSS), act)
    gate = consent.nss_gate(consent.Kind.CORRECT_NSS)
    return perform(Verb.UNIFY_NSS, happenings, act=act, check=_nss_free_to_correct, gate=gate, effect=write_nss)


def disown_nss(cases: Cases, *, on: dt.date, act: Act, reason: str, undoing: bool = False) -> Outcome:
    """Record that the NSS belongs to another person (a parent): the student is without one again, in all their cases.

    `undoing`: the number was just noted by mistake, so no clock begins anew.
    """
    happenings = for_all(cases, Happening(on, {"nss": None, "unproved": True, **({"undoing": True} if undoing else {})}, reason=reason))
    happenings = _for_each_student(happenings, siblings(list(happenings)).filter(nss_on__isnull=False), act)
    return perform(Verb.DISOWN_NSS, happenings, act=act, gate=consent.nss_gate(consent.Kind.DISOWN_NSS), effect=write_nss)


def _for_each_student(happenings: dict[int, Happening], others: QuerySet[Case], act: Act) -> dict[int, Happening]:
    """What happens to a case happens to these other cases of the same student too; not where others must consent first (the gate asks)."""
    whose = dict(Case.objects.filter(pk__among=happenings).values_list("pk", "student_id"))
    shared = consent.foreign(set(whose.values()), act.planteles)
    by_student = {student_id: happenings[pk] for pk, student_id in whose.items() if student_id not in shared}
    moved = others.filter(student__pk__among=by_student).values_list("pk", "student_id")
    return {pk: by_student[student_id] for pk, student_id in moved} | happenings


def _nss_free_to_correct(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    refused = nss_not_taken(cases, happenings)
    for case in cases:
        if case.nss == happenings[case.id].data["nss"]:
            refused.setdefault(case.id, "Ese ya es el NSS registrado.")
    return refused
