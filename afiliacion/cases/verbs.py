"""What can be done to cases: one short verb per transition, each for one case or ten thousand.

Every verb takes the cases (ids, or id -> what is particular to each), the date of the fact, the actor and `now`, and
returns an Outcome: which cases moved, and for the others why not, in Spanish. A verb that loses a race skips; it never overwrites.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from afiliacion.cases.bulk import update_rows
from afiliacion.cases.engine import Check, Locked, Move, perform
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Actor, Outcome
from afiliacion.cases.papers import Wanted, is_minor, missing
from afiliacion.cases.queries import open_rivals, siblings
from afiliacion.cases.states import BajaKind, Coverage, State, Verb
from students.models import Plantel, Student
from students.nss import Nss, NssError

Cases = Iterable[int]


def obtain_nss(
    nss: Mapping[int, str], *, on: dt.date, actor: Actor, now: dt.datetime, evidence: Mapping[int, str] | None = None
) -> Outcome:
    """An NSS was located or assigned (case id -> NSS): written to the student's record if its digits hold and nobody else has it.

    A student has one NSS: their cases at other planteles that lack one move along.
    """
    proof = evidence or {}
    happenings = {case_id: Happening(on, {"nss": number}, proof.get(case_id, "")) for case_id, number in nss.items()}
    happenings = _for_each_student(happenings, siblings(list(nss)).filter(state=State.SIN_NSS))
    return perform(Verb.OBTAIN_NSS, happenings, actor=actor, now=now, check=_nss_free, effect=_write_nss)


def correct_nss(nss: Mapping[int, str], *, on: dt.date, actor: Actor, now: dt.datetime, reason: str, evidence: str) -> Outcome:
    """The NSS on record was wrong: the right one, with reason and evidence. Acuse and alta start again, in all the student's cases."""
    happenings = {case_id: Happening(on, {"nss": number}, evidence, reason) for case_id, number in nss.items()}
    happenings = _for_each_student(happenings, siblings(list(nss)).filter(nss_on__isnull=False))
    return perform(Verb.CORRECT_NSS, happenings, actor=actor, now=now, check=_nss_free_to_correct, effect=_write_nss)


def disown_nss(cases: Cases, *, on: dt.date, actor: Actor, now: dt.datetime, reason: str) -> Outcome:
    """The NSS turned out to be somebody else's (a parent's): the student is without one again, in all their cases."""
    happenings = _all(cases, Happening(on, {"nss": None}, reason=reason))
    happenings = _for_each_student(happenings, siblings(list(happenings)).filter(nss_on__isnull=False))
    return perform(Verb.DISOWN_NSS, happenings, actor=actor, now=now, effect=_write_nss)


def deliver_acuse(cases: Cases, *, on: dt.date, actor: Actor, now: dt.datetime, papers: Sequence[str] = ()) -> Outcome:
    """The student handed in the acuse, and `papers` (keys) with it; late is a fact the dates tell, not a state."""
    happening = Happening(on, {"papers": list(papers)})
    return perform(Verb.DELIVER_ACUSE, _all(cases, happening), actor=actor, now=now, check=_papers_complete(Verb.DELIVER_ACUSE))


def retract_acuse(cases: Cases, papers: Sequence[str], *, on: dt.date, actor: Actor, now: dt.datetime, reason: str) -> Outcome:
    """The acuse, and the papers (keys) noted with it, had been noted by mistake: the student still owes them."""
    return perform(Verb.RETRACT_ACUSE, _all(cases, Happening(on, {"papers": list(papers)}, reason=reason)), actor=actor, now=now)


def send_alta(receipts: Mapping[int, Mapping[str, Any]], *, on: dt.date, actor: Actor, now: dt.datetime) -> Outcome:
    """IMSS received the alta (case id -> what it gave back: lote, recibo)."""
    happenings = {case_id: Happening(on, dict(receipt)) for case_id, receipt in receipts.items()}
    return perform(Verb.SEND_ALTA, happenings, actor=actor, now=now)


def confirm_vigencia(evidence: Mapping[int, Happening], *, actor: Actor, now: dt.datetime) -> Outcome:
    """IMSS says SI under our registro patronal (case id -> date, umf, evidence hash)."""
    return perform(Verb.CONFIRM_VIGENCIA, evidence, actor=actor, now=now)


def miss_vigencia(evidence: Mapping[int, Happening], *, actor: Actor, now: dt.datetime) -> Outcome:
    """IMSS says NO when it should say SI: the weeks are over, or a vigencia was lost."""
    return perform(Verb.MISS_VIGENCIA, evidence, actor=actor, now=now)


def reject_alta(answers: Mapping[int, Happening], *, actor: Actor, now: dt.datetime) -> Outcome:
    """IMSS rejected the alta (data: code and text as received). Nothing changed at IMSS: the student is not covered."""
    return perform(Verb.REJECT_ALTA, answers, actor=actor, now=now)


def escalate(happenings: Mapping[int, Happening], *, actor: Actor, now: dt.datetime) -> Outcome:
    """The case must be solved at the subdelegación (reason: IMSS' message, or the officer's)."""
    return perform(Verb.ESCALATE, happenings, actor=actor, now=now)


def file_at_desk(cases: Cases, *, on: dt.date, actor: Actor, now: dt.datetime, folio: str = "") -> Outcome:
    """The officer presented the case at the subdelegación; from here IMSS has the turn."""
    return perform(Verb.FILE_AT_DESK, _all(cases, Happening(on, {"folio": folio})), actor=actor, now=now)


def return_from_desk(
    cases: Cases,
    *,
    on: dt.date,
    actor: Actor,
    now: dt.datetime,
    nss: Mapping[int, str] | None = None,
    resend_alta: bool = False,
    reason: str = "",
    evidence: Mapping[int, str] | None = None,
) -> Outcome:
    """The subdelegación answered: the case goes on at the furthest step proved, with the NSS it gave if it gave one."""
    found, proof = nss or {}, evidence or {}
    happenings = {
        case_id: Happening(on, {"nss": found.get(case_id, ""), "resend_alta": resend_alta}, proof.get(case_id, ""), reason)
        for case_id in {*cases, *found}
    }
    return perform(Verb.RETURN, happenings, actor=actor, now=now, check=_nss_free, effect=_write_nss)


def renounce(
    cases: Cases, *, on: dt.date, actor: Actor, now: dt.datetime, reason: str = "", tutor: str = "", papers: Sequence[str] = ()
) -> Outcome:
    """The signed renuncia was handed in, and `papers` (keys) with it; for a minor, `tutor` is who signed."""
    happening = Happening(on, {"tutor": tutor, "papers": list(papers)}, reason=reason)
    return perform(Verb.RENOUNCE, _all(cases, happening), actor=actor, now=now, check=_renuncia_complete)


def withdraw_renuncia(cases: Cases, *, on: dt.date, actor: Actor, now: dt.datetime, reason: str = "") -> Outcome:
    """The student wants the insurance after all; the case goes on at the furthest step proved."""
    return perform(Verb.WITHDRAW_RENUNCIA, _all(cases, Happening(on, reason=reason)), actor=actor, now=now, check=_no_other_open)


def leave(cases: Cases, kind: BajaKind, *, on: dt.date, actor: Actor, now: dt.datetime, reason: str = "") -> Outcome:
    """The student left; if IMSS holds an alta of ours, the baja must reach it too."""
    return perform(Verb.LEAVE, _all(cases, Happening(on, {"kind": kind.value}, reason=reason)), actor=actor, now=now)


def transfer(cases: Cases, *, on: dt.date, actor: Actor, now: dt.datetime, to: Plantel) -> Outcome:
    """The student moved to another plantel of ours. Only under another registro patronal must a baja reach IMSS."""
    stays = set(Case.objects.filter(pk__in=list(cases), plantel__registro_patronal=to.registro_patronal).values_list("pk", flat=True))
    happenings = {
        case_id: Happening(on, {"kind": BajaKind.TRASLADO.value, "to": to.clave, "same_registro_patronal": case_id in stays})
        for case_id in cases
    }
    return perform(Verb.LEAVE, happenings, actor=actor, now=now)


def send_baja(receipts: Mapping[int, Mapping[str, Any]], *, on: dt.date, actor: Actor, now: dt.datetime) -> Outcome:
    """IMSS received the baja (case id -> lote, recibo)."""
    happenings = {case_id: Happening(on, dict(receipt)) for case_id, receipt in receipts.items()}
    return perform(Verb.SEND_BAJA, happenings, actor=actor, now=now)


def operate_baja(answers: Mapping[int, Happening], *, actor: Actor, now: dt.datetime) -> Outcome:
    """IMSS operated the baja."""
    return perform(Verb.OPERATE_BAJA, answers, actor=actor, now=now)


def rejoin(cases: Cases, *, on: dt.date, actor: Actor, now: dt.datetime, reason: str = "") -> Outcome:
    """The student came back from a baja temporal; if the baja had reached IMSS, the alta is sent again."""
    return perform(Verb.REJOIN, _all(cases, Happening(on, reason=reason)), actor=actor, now=now, check=_no_other_open)


def undo_load(before: Mapping[int, Happening], *, actor: Actor, now: dt.datetime) -> Outcome:
    """A list was taken back: each case as the list found it (`before` in its details: facts.as_data), or closed if the list opened it."""
    return perform(Verb.UNDO_LOAD, before, actor=actor, now=now)


def note_coverage(answers: Mapping[int, tuple[Coverage, Happening]], *, actor: Actor, now: dt.datetime) -> Outcome:
    """Who covers the student, as last proved; says nothing about where the case is."""
    happenings = {case_id: replace(h, data={**h.data, "coverage": coverage.value}) for case_id, (coverage, h) in answers.items()}
    return perform(Verb.NOTE_COVERAGE, happenings, actor=actor, now=now)


def note_clinic(
    cases: Cases, umf: str, *, on: dt.date, actor: Actor, now: dt.datetime, turno: str = "", consultorio: str = "", postal_code: str = ""
) -> Outcome:
    """The student registered at a clinic, or changed it; who comes from elsewhere does so with the local `postal_code`."""
    happening = Happening(on, {"umf": umf, "turno": turno, "consultorio": consultorio, "postal_code": postal_code})
    return perform(Verb.NOTE_CLINIC, _all(cases, happening), actor=actor, now=now)


def receive_papers(cases: Cases, papers: Sequence[str], *, on: dt.date, actor: Actor, now: dt.datetime, evidence: str = "") -> Outcome:
    """The student handed in papers (keys); `evidence` is the hash of what was kept of them."""
    return perform(Verb.RECEIVE_PAPERS, _all(cases, Happening(on, {"papers": list(papers)}, evidence)), actor=actor, now=now)


def verify_papers(cases: Cases, papers: Sequence[str], *, on: dt.date, actor: Actor, now: dt.datetime) -> Outcome:
    """Somebody looked at the papers (keys) and found them right."""
    return perform(Verb.VERIFY_PAPERS, _all(cases, Happening(on, {"papers": list(papers)})), actor=actor, now=now)


def reject_papers(cases: Cases, papers: Sequence[str], *, on: dt.date, actor: Actor, now: dt.datetime, reason: str) -> Outcome:
    """The papers (keys) will not do, and why: they are wanted again."""
    return perform(Verb.REJECT_PAPERS, _all(cases, Happening(on, {"papers": list(papers)}, reason=reason)), actor=actor, now=now)


def retract_papers(cases: Cases, papers: Sequence[str], *, on: dt.date, actor: Actor, now: dt.datetime, reason: str) -> Outcome:
    """The papers (keys) had been noted by mistake: nobody handed them in."""
    return perform(Verb.RETRACT_PAPERS, _all(cases, Happening(on, {"papers": list(papers)}, reason=reason)), actor=actor, now=now)


def hold(cases: Cases, *, on: dt.date, actor: Actor, now: dt.datetime, reason: str) -> Outcome:
    """Stop the clock, with a reason."""
    return perform(Verb.HOLD, _all(cases, Happening(on, reason=reason)), actor=actor, now=now)


def release(cases: Cases, *, on: dt.date, actor: Actor, now: dt.datetime) -> Outcome:
    """Let the clock run again; the days on hold do not count."""
    return perform(Verb.RELEASE, _all(cases, Happening(on)), actor=actor, now=now)


def _all(cases: Cases, happening: Happening) -> dict[int, Happening]:
    return dict.fromkeys(cases, happening)


def _for_each_student(happenings: dict[int, Happening], others: QuerySet[Case]) -> dict[int, Happening]:
    """What happens to a case happens to these other cases of the same student too."""
    whose = Case.objects.filter(pk__among=happenings).values_list("pk", "student_id")
    by_student = {student_id: happenings[pk] for pk, student_id in whose}
    return {pk: by_student[student_id] for pk, student_id in others.values_list("pk", "student_id")} | happenings


def _papers_complete(step: Verb) -> Check:
    def check(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
        wanted = Wanted(step, [case.plantel_id for case in cases])
        told = {case.id: missing(case, wanted, happenings[case.id]) for case in cases}
        return {case_id: reason for case_id, reason in told.items() if reason}

    return check


def _renuncia_complete(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    """A minor's renuncia is signed by the mother, father or guardian."""
    unsigned = [c.id for c in cases if is_minor(c.birth_date, happenings[c.id].on) and not happenings[c.id].data["tutor"].strip()]
    refused = dict.fromkeys(unsigned, "Es menor de edad: escriba el nombre de la madre, padre o tutor que firma.")
    return {**_papers_complete(Verb.RENOUNCE)(cases, happenings), **refused}


def _nss_free(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    """Refuse an NSS that is malformed, somebody else's, asked for twice, or other than the one on record."""
    refused = _nss_not_taken(cases, happenings)
    for case in cases:
        wanted = happenings[case.id].data["nss"]
        if wanted and case.nss and case.nss != wanted:
            refused.setdefault(case.id, "El alumno ya tiene otro NSS registrado: use «Corregir NSS», con motivo y documento.")
    return refused


def _nss_free_to_correct(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    refused = _nss_not_taken(cases, happenings)
    for case in cases:
        if case.nss == happenings[case.id].data["nss"]:
            refused.setdefault(case.id, "Ese ya es el NSS registrado.")
    return refused


def _nss_not_taken(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    wanted = {case.id: happenings[case.id].data["nss"] for case in cases if happenings[case.id].data["nss"]}
    owner = dict(Student.objects.filter(nss__among=set(wanted.values())).values_list("nss", "id"))
    refused: dict[int, str] = {}
    for case in cases:
        if case.id not in wanted:
            continue
        try:
            number = Nss.parse(wanted[case.id])
        except NssError as error:
            refused[case.id] = f"NSS: {error}"
            continue
        if owner.setdefault(number, case.student_id) != case.student_id:
            refused[case.id] = "Ese NSS ya está registrado para otra persona: compruebe que no sea el de un familiar."
    return refused


def _write_nss(moves: Sequence[Move]) -> None:
    rows = [(m.case.student_id, m.happening.data["nss"]) for m in moves if m.happening.data["nss"] != ""]
    update_rows(Student, ["nss"], rows)


def _no_other_open(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    """A closed case comes back only if the student has no other one open at the plantel; of several closed ones, the last."""
    last = {(case.student_id, case.plantel_id): case.id for case in cases}
    earlier = [case.id for case in cases if last[case.student_id, case.plantel_id] != case.id]
    return dict.fromkeys([*open_rivals([case.id for case in cases]), *earlier], "El alumno ya tiene otro expediente abierto en el plantel.")
