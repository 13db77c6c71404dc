"""Apply a batch of answers: one transaction for the archive, the evidence, the verbs, the errands and the state of the line.

Each answer counts once: only for an errand still held under the attempt that asked. The rest is archived as late.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction

from afiliacion.cases import evidence, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case, Evidence
from afiliacion.cases.outcome import IMSS, Outcome
from afiliacion.cases.states import Coverage, Verb
from afiliacion.imss import outage
from afiliacion.imss.ask import Heard
from afiliacion.imss.cadence import Standing
from afiliacion.imss.hear import Act, Asked, step
from afiliacion.imss.models import Answer, Errand, KnownRefusal
from afiliacion.imss.port import Refused
from afiliacion.imss.settle import Item, Settlement, archive


@dataclass(slots=True)
class Applied:
    """What a batch came to: steps of cases by verb, refusals by code, troubles by kind, and how many wait for a person."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    quarantined: int = 0
    parked: int = 0
    late: int = 0


def apply(heard: Sequence[Heard], date: dt.date, now: dt.datetime) -> Applied:
    """Write down and act on what was heard on `date`. All or nothing; applied again, an answer is late and changes nothing."""
    with transaction.atomic():
        cases = {case.pk: case for case in _lock_cases(heard)}
        items = _decide(heard, cases, date)
        _perform(items, now)
        Settlement(_stand(cases), date, now).write(items)
        archive(heard, items, now)
        outage.note([one.said for one in heard], now)
    return _count(heard, items)


def _lock_cases(heard: Sequence[Heard]) -> list[Case]:
    """All of them at once and in order, or two workers with the same cases could wait for each other."""
    ids = {one.claimed.errand.case_id for one in heard}
    cases = Case.objects.filter(pk__among=ids).only("state", "due_on", "coverage", "plantel")
    return list(cases.prefetch_related("plantel").select_for_update().order_by("pk"))


def _stand(ids: Iterable[int]) -> dict[int, Standing]:
    """How the verbs have left these cases."""
    rows = Case.objects.filter(pk__among=ids).values_list("pk", "state", "state_since", "due_on")
    return {pk: Standing(state, since, due_on) for pk, state, since, due_on in rows}


def _decide(heard: Sequence[Heard], cases: Mapping[int, Case], date: dt.date) -> list[Item]:
    ours, refusals = _still_ours(heard), {row.code: row for row in KnownRefusal.objects.all()}
    asked = [(one, one.claimed.errand) for one in heard if one.claimed.errand.pk in ours]
    return [Item(one, step(Asked(errand, cases[errand.case_id], date), one.said, refusals)) for one, errand in asked]


def _still_ours(heard: Sequence[Heard]) -> set[int]:
    asked = {one.claimed.errand.pk: one.claimed.errand.attempt for one in heard}
    rows = Errand.objects.filter(pk__among=asked, status=Errand.Status.OPEN).select_for_update(of=("self",)).order_by("pk")
    return {pk for pk, attempt in rows.values_list("pk", "attempt") if asked[pk] == attempt}


def _perform(items: Sequence[Item], now: dt.datetime) -> None:
    """Let the verbs happen, set by set, and note which cases a verb passed over."""
    sets: dict[tuple[Verb, dt.date], dict[int, Item]] = defaultdict(dict)
    for item in items:
        if act := item.step.act:
            sets[act.verb, act.on][item.errand.case_id] = item
    for (verb, on), same in sets.items():
        acts = {case_id: item.step.act for case_id, item in same.items() if item.step.act}
        skipped = _VERBS[verb](_Set(on, acts, _keep(acts, now), now)).skipped
        for case_id, reason in skipped.items():
            same[case_id].passed_over = reason


def _keep(acts: Mapping[int, Act], now: dt.datetime) -> dict[int, str]:
    """Keep the proofs as evidence: case id -> hash. Every answer of the port is JSON."""
    proofs = {case_id: act.proof.body for case_id, act in acts.items() if act.proof}
    hashes = evidence.keep(proofs.values(), kind=Evidence.Kind.IMSS_ANSWER, media_type="application/json", now=now)
    return dict(zip(proofs, hashes, strict=True))


@dataclass(frozen=True, slots=True)
class _Set:
    """Cases to which the same verb happens on the same day."""

    on: dt.date
    acts: Mapping[int, Act]
    proofs: Mapping[int, str]
    now: dt.datetime

    @property
    def happenings(self) -> dict[int, Happening]:
        return {pk: Happening(self.on, act.data, self.proofs.get(pk, ""), act.reason) for pk, act in self.acts.items()}

    @property
    def data(self) -> dict[int, Mapping[str, object]]:
        return {pk: act.data for pk, act in self.acts.items()}


def _obtain_nss(same: _Set) -> Outcome:
    found = {pk: str(data["nss"]) for pk, data in same.data.items()}
    return verbs.obtain_nss(found, on=same.on, actor=IMSS, now=same.now, evidence=same.proofs)


def _note_coverage(same: _Set) -> Outcome:
    noted = {pk: (Coverage(happening.data["coverage"]), happening) for pk, happening in same.happenings.items()}
    return verbs.note_coverage(noted, actor=IMSS, now=same.now)


_VERBS: Final[Mapping[Verb, Callable[[_Set], Outcome]]] = {
    Verb.OBTAIN_NSS: _obtain_nss,
    Verb.NOTE_COVERAGE: _note_coverage,
    Verb.SEND_ALTA: lambda same: verbs.send_alta(same.data, on=same.on, actor=IMSS, now=same.now),
    Verb.SEND_BAJA: lambda same: verbs.send_baja(same.data, on=same.on, actor=IMSS, now=same.now),
    Verb.CONFIRM_VIGENCIA: lambda same: verbs.confirm_vigencia(same.happenings, actor=IMSS, now=same.now),
    Verb.MISS_VIGENCIA: lambda same: verbs.miss_vigencia(same.happenings, actor=IMSS, now=same.now),
    Verb.REJECT_ALTA: lambda same: verbs.reject_alta(same.happenings, actor=IMSS, now=same.now),
    Verb.OPERATE_BAJA: lambda same: verbs.operate_baja(same.happenings, actor=IMSS, now=same.now),
    Verb.ESCALATE: lambda same: verbs.escalate(same.happenings, actor=IMSS, now=same.now),
}


def _count(heard: Sequence[Heard], items: Sequence[Item]) -> Applied:
    applied = Applied(late=len(heard) - len(items))
    for item in items:
        if item.step.act and not item.passed_over:
            applied.done[item.step.act.verb.value] += 1
        if isinstance(item.heard.said, Refused):
            applied.refused[item.step.code] += 1
        if item.step.verdict == Answer.Verdict.UNREADABLE:
            applied.troubles[item.step.code] += 1
        applied.quarantined += item.step.verdict == Answer.Verdict.QUARANTINED
        applied.parked += item.errand.status == Errand.Status.PARKED
    return applied
