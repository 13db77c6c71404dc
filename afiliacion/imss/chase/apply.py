"""Apply a batch of answers: one transaction for the archive, the evidence, the verbs, the errands and the state of the connection.

An answer is applied once: only while its attempt is the errand's current one. The rest is archived as late.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction

from afiliacion.cases import verbs
from afiliacion.cases.engine import lock_people
from afiliacion.cases.facts import Details, Happening
from afiliacion.cases.models import Case, Evidence
from afiliacion.cases.outcome import IMSS, Act, Outcome
from afiliacion.cases.papers import evidence
from afiliacion.cases.states import Coverage, Verb
from afiliacion.imss.chase.ask import ReceivedAnswer
from afiliacion.imss.chase.interpret import AskedErrand, VerbCall, interpret
from afiliacion.imss.chase.settle import InterpretedAnswer, Settlement, archive
from afiliacion.imss.client.port import ImssRefusal
from afiliacion.imss.models import Answer, Errand, KnownRefusal
from afiliacion.imss.queue.cadence import CaseTiming
from afiliacion.imss.rate import circuit_breaker
from afiliacion.insurance.facts import CoverHappening
from afiliacion.insurance.record import MovementNote, note
from students.registros import Registros


@dataclass(slots=True)
class Applied:
    """What a batch came to: verbs applied, refusals by code, attempts without an answer by kind, and how many errands wait for a person."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    quarantined: int = 0
    parked: int = 0
    late: int = 0


def apply(received: Sequence[ReceivedAnswer], date: dt.date, now: dt.datetime) -> Applied:
    """Write down and act on the answers received on `date`, all or nothing; applied again, an answer is late and changes nothing."""
    with transaction.atomic():
        cases = {case.pk: case for case in _lock_cases(received)}
        answers = _interpret(received, cases, date)
        _call_verbs(answers, now)
        Settlement(_timings(cases), date, now).write(answers)
        archive(received, answers, now)
        circuit_breaker.record([one.result for one in received], now)
    return _count(received, answers)


def _lock_cases(received: Sequence[ReceivedAnswer]) -> list[Case]:
    """All of them at once and in order, or two workers with the same cases could wait for each other."""
    ids = {one.claimed.errand.case_id for one in received}
    lock_people(ids)
    cases = Case.objects.filter(pk__among=ids).only("state", "due_on", "coverage", "plantel", "registro", "alta_on")
    return list(cases.select_for_update().order_by("pk"))


def _timings(ids: Iterable[int]) -> dict[int, CaseTiming]:
    """The cases as the verbs have left them."""
    rows = Case.objects.filter(pk__among=ids).values_list("pk", *CaseTiming._fields)
    return {pk: CaseTiming(*timing) for pk, *timing in rows}


def _interpret(received: Sequence[ReceivedAnswer], cases: Mapping[int, Case], date: dt.date) -> list[InterpretedAnswer]:
    current, refusals = _current_attempts(received), {row.code: row for row in KnownRefusal.objects.all()}
    registros = Registros.of({case.plantel_id for case in cases.values()}, until=date)
    ours = {pk: registros.ever(case.plantel_id) | ({case.registro} - {""}) for pk, case in cases.items()}
    pairs = [(one, one.claimed.errand) for one in received if one.claimed.errand.pk in current]
    asked = [(one, AskedErrand(errand, cases[errand.case_id], date, ours[errand.case_id])) for one, errand in pairs]
    return [InterpretedAnswer(one, interpret(errand, one.result, refusals)) for one, errand in asked]


def _current_attempts(received: Sequence[ReceivedAnswer]) -> set[int]:
    """The errands (ids, locked) whose current attempt is the one that was answered."""
    attempts = {one.claimed.errand.pk: one.claimed.errand.attempt for one in received}
    rows = Errand.objects.filter(pk__among=attempts, status=Errand.Status.OPEN).select_for_update(of=("self",)).order_by("pk")
    return {pk for pk, attempt in rows.values_list("pk", "attempt") if attempts[pk] == attempt}


def _call_verbs(answers: Sequence[InterpretedAnswer], now: dt.datetime) -> None:
    """Call the verbs, set by set, and note which cases a verb skipped."""
    sets: dict[tuple[Verb, dt.date], dict[int, InterpretedAnswer]] = defaultdict(dict)
    for answer in answers:
        if call := answer.meaning.verb_call:
            sets[call.verb, call.on][answer.errand.case_id] = answer
    for (verb, on), same in sets.items():
        calls = {case_id: answer.meaning.verb_call for case_id, answer in same.items() if answer.meaning.verb_call}
        skipped = _VERBS[verb](_VerbBatch(on, calls, _keep(calls, now), now)).skipped
        for case_id, reason in skipped.items():
            same[case_id].skipped_reason = reason
        _note_covers([same[case_id] for case_id in skipped], now)


def _note_covers(skipped: Sequence[InterpretedAnswer], now: dt.datetime) -> None:
    """What IMSS says of an alta is true of the register even where the case could not be told: it had moved on."""
    told = [(one, one.meaning.verb_call) for one in skipped if one.meaning.verb_call and one.meaning.verb_call.verb in _ON_COVERS]
    # Not the person of when it was asked: records may have been merged since.
    cases = {one.errand.case_id for one, _ in told}
    persons = dict(Case.objects.filter(pk__among=cases).values_list("pk", "student_id")) if cases else {}
    notes = []
    for answer, call in told:
        errand = answer.errand
        if errand.nss:
            answer.noted = True
            person = persons[errand.case_id]
            notes.append(MovementNote(person, errand.case_id, errand.nss, errand.registro, _ON_COVERS[call.verb], call.on))
    if notes:
        note(notes, Act(IMSS, now))


def _keep(calls: Mapping[int, VerbCall], now: dt.datetime) -> dict[int, str]:
    """Keep the proofs as evidence: case id -> hash. Every answer of the port is JSON."""
    proofs = {case_id: call.proof.body for case_id, call in calls.items() if call.proof}
    hashes = evidence.keep(proofs.values(), kind=Evidence.Kind.IMSS_ANSWER, media_type="application/json", now=now)
    return dict(zip(proofs, hashes, strict=True))


@dataclass(frozen=True, slots=True)
class _VerbBatch:
    """Calls (by case id) of the same verb dated the same day, and the hashes of their proofs."""

    on: dt.date
    calls: Mapping[int, VerbCall]
    proofs: Mapping[int, str]
    now: dt.datetime

    @property
    def act(self) -> Act:
        return Act(IMSS, self.now)

    @property
    def happenings(self) -> dict[int, Happening]:
        return {pk: Happening(self.on, call.data, self.proofs.get(pk, ""), call.reason) for pk, call in self.calls.items()}

    @property
    def data(self) -> dict[int, Details]:
        return {pk: call.data for pk, call in self.calls.items()}


def _obtain_nss(batch: _VerbBatch) -> Outcome:
    found = {pk: str(data["nss"]) for pk, data in batch.data.items()}
    return verbs.obtain_nss(found, on=batch.on, act=batch.act, evidence=batch.proofs)


def _note_coverage(batch: _VerbBatch) -> Outcome:
    noted = {pk: (Coverage(happening.data["coverage"]), happening) for pk, happening in batch.happenings.items()}
    return verbs.note_coverage(noted, act=batch.act)


_ON_COVERS: Final[Mapping[Verb, CoverHappening]] = {Verb.SEND_ALTA: CoverHappening.SENT, Verb.REJECT_ALTA: CoverHappening.REJECTED}
_VERBS: Final[Mapping[Verb, Callable[[_VerbBatch], Outcome]]] = {
    Verb.OBTAIN_NSS: _obtain_nss,
    Verb.NOTE_COVERAGE: _note_coverage,
    Verb.SEND_ALTA: lambda batch: verbs.send_alta(batch.data, on=batch.on, act=batch.act),
    Verb.SEND_BAJA: lambda batch: verbs.send_baja(batch.data, on=batch.on, act=batch.act),
    Verb.CONFIRM_VIGENCIA: lambda batch: verbs.confirm_vigencia(batch.happenings, act=batch.act),
    Verb.MISS_VIGENCIA: lambda batch: verbs.miss_vigencia(batch.happenings, act=batch.act),
    Verb.REJECT_ALTA: lambda batch: verbs.reject_alta(batch.happenings, act=batch.act),
    Verb.OPERATE_BAJA: lambda batch: verbs.operate_baja(batch.happenings, act=batch.act),
    Verb.REJECT_BAJA: lambda batch: verbs.reject_baja(batch.happenings, act=batch.act),
    Verb.ESCALATE: lambda batch: verbs.escalate(batch.happenings, act=batch.act),
}


def _count(received: Sequence[ReceivedAnswer], answers: Sequence[InterpretedAnswer]) -> Applied:
    applied = Applied(late=len(received) - len(answers))
    for answer in answers:
        meaning = answer.meaning
        if meaning.verb_call and not answer.skipped_reason:
            applied.done[meaning.verb_call.verb.value] += 1
        if isinstance(answer.received.result, ImssRefusal):
            applied.refused[meaning.code] += 1
        if meaning.verdict == Answer.Verdict.UNREADABLE:
            applied.troubles[meaning.code] += 1
        applied.quarantined += meaning.verdict == Answer.Verdict.QUARANTINED
        applied.parked += answer.errand.status == Errand.Status.PARKED
    return applied
