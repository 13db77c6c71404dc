"""Consent between planteles: a person known at several of them is not changed, moved or shown at one without the others' agreement.

Here: who belongs to others, and asking. What an answer does is in decisions.py. The rule is issue 15's C1: what an officer does leaves
the records of the persons of other planteles as they were; what IMSS itself proves goes to every case that carries it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from afiliacion.cases.clock import RuleKey
from afiliacion.cases.engine import Gate, Locked
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import COUNTED, Case, ConsentRequest
from afiliacion.cases.outcome import Act
from afiliacion.cases.schedule import Schedule
from students.models import Enrolment, Student

Kind, Status = ConsentRequest.Kind, ConsentRequest.Status

_CASES: Final = Case.objects.filter(enrolment=OuterRef("pk"))
#: Not the enrolment of a list that was undone, which makes its student no student of that plantel, unless another list brought it since.
_STANDS: Final = ~Exists(_CASES.exclude(COUNTED)) | Exists(_CASES.filter(COUNTED))


def belonging(planteles: Collection[int] | None = None) -> QuerySet[Enrolment]:
    """The enrolments by which a person belongs to one of these planteles (ids; None: to any)."""
    enrolments = Enrolment.objects.filter(_STANDS)
    return enrolments if planteles is None else enrolments.filter(plantel__in=list(planteles))


def foreign(student_ids: Iterable[int], planteles: frozenset[int] | None) -> set[int]:
    """Of these persons (ids), those who belong to a plantel outside `planteles` (ids) too. None, all planteles: the empty set."""
    ids = list(student_ids)
    if planteles is None or not ids:
        return set()
    return set(belonging().filter(student__pk__among=ids).exclude(plantel__in=list(planteles)).values_list("student", flat=True))


def visible(planteles: frozenset[int] | None) -> QuerySet[Student]:
    """The persons who belong to one of these planteles (ids; None: everybody). For others an officer gets the answer for an unknown one."""
    if planteles is None:
        return Student.objects.all()
    return Student.objects.filter(Exists(belonging(planteles).filter(student=OuterRef("pk"))))


def nss_gate(kind: ConsentRequest.Kind) -> Gate:
    """For engine.perform: holds back, and asks for, each change of the NSS of a person who belongs to others as well.

    The persons are locked, so that no colleague enrols them elsewhere between this look and the change.
    """

    def hold_back(cases: Sequence[Locked], happenings: Mapping[int, Happening], act: Act) -> set[int]:
        changing = [case for case in cases if act.planteles is not None and _changes_nss(case, happenings[case.id])]
        if not changing:
            return set()
        people = Student.objects.filter(pk__among={case.student_id for case in changing}).order_by("pk")
        shared = foreign(list(people.select_for_update(no_key=True).values_list("pk", flat=True)), act.planteles)
        held = [case for case in changing if case.student_id in shared]
        ask([_about_nss(kind, case.id, case.student_id, case.plantel_id, happenings[case.id]) for case in held], act)
        return {case.id for case in held}

    return hold_back


def _changes_nss(case: Locked, happening: Happening) -> bool:
    wanted = happening.data["nss"]
    return wanted != "" and (wanted or None) != case.nss


def waiting_nss(happenings: Mapping[int, Happening], act: Act) -> dict[int, Happening]:
    """Of these (case id -> happening), those that bring a number to a person who has none and belongs to others as well."""
    bringing = {case_id for case_id, happening in happenings.items() if happening.data["nss"]} if act.planteles is not None else set()
    without = dict(Case.objects.filter(pk__among=bringing, student__nss=None).values_list("pk", "student_id")) if bringing else {}
    shared = foreign(set(without.values()), act.planteles)
    return {case_id: happenings[case_id] for case_id, student_id in without.items() if student_id in shared}


def ask_nss(happenings: Mapping[int, Happening], act: Act) -> set[int]:
    """Ask for the numbers of `waiting_nss`; returns the cases (ids)."""
    cases = Case.objects.filter(pk__among=happenings) if happenings else ()
    ask([_about_nss(Kind.OBTAIN_NSS, case.pk, case.student_id, case.plantel_id, happenings[case.pk]) for case in cases], act)
    return set(happenings)


def _about_nss(kind: ConsentRequest.Kind, case_id: int, student_id: int, plantel_id: int, happening: Happening) -> ConsentRequest:
    said: dict[str, Any] = {
        "nss": happening.data["nss"], "on": happening.on.isoformat(), "reason": happening.reason, "evidence": happening.evidence,
    }  # fmt: skip
    if happening.data.get("unified"):
        said["unified"] = True
    return ConsentRequest(kind=kind, student_id=student_id, case_id=case_id, plantel_id=plantel_id, payload=said)


def ask(wanted: Sequence[ConsentRequest], act: Act) -> int:
    """Keep these requests (kind, person, plantel and payload given) in the name of the actor; return how many are new.

    What is pending already is not asked again, nor what a list asked before and was refused. A request replaces one that the same
    plantel has pending about the same thing with other values.
    """
    if not wanted:
        return 0
    schedule = Schedule()
    for row in wanted:
        row.user_id, row.user_name, row.at, row.own = act.actor.user_id, act.actor.name, act.now, sorted(act.planteles or ())
        today = schedule.day(row.plantel_id, act.now)
        row.digest, row.due_on = _digest(row), schedule.deadline(RuleKey.CONSENT, today, row.plantel_id)
    known = _known(wanted)
    fresh = {(row.plantel_id, row.digest): row for row in wanted if (row.plantel_id, row.digest) not in known}
    ConsentRequest.objects.filter(pk__among=_replaced(fresh.values())).update(
        **closed(Status.WITHDRAWN, act, "La sustituyó otra más reciente.")
    )
    ConsentRequest.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    return len(fresh)


def _known(wanted: Sequence[ConsentRequest]) -> set[tuple[int, str]]:
    refused = Q(status=Status.REFUSED, list_id__isnull=False) if wanted[0].list_id else Q(pk=None)
    same = ConsentRequest.objects.filter(Q(status=Status.PENDING) | refused, digest__in=[row.digest for row in wanted])
    return set(same.values_list("plantel_id", "digest"))


def _replaced(fresh: Iterable[ConsentRequest]) -> list[int]:
    """The pending requests (ids) of the same plantel about the same thing."""
    same = {_subject(row) for row in fresh}
    pending = ConsentRequest.objects.filter(status=Status.PENDING, student__pk__among={row.student_id for row in fresh})
    return [row.pk for row in pending if _subject(row) in same]


def _subject(row: ConsentRequest) -> tuple[Any, ...]:
    return row.plantel_id, row.kind, row.student_id, row.case_id, row.ciclo_id, row.curp


def _digest(row: ConsentRequest) -> str:
    """What is asked, but for the day on which it is said."""
    payload = {name: value for name, value in row.payload.items() if name != "on"}
    about = [row.kind, row.student_id, row.case_id, row.ciclo_id, row.curp, payload]
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()


def withdraw_of_list(list_id: int, act: Act) -> int:
    """Withdraw the requests of a list that have no answer yet; return how many."""
    return ConsentRequest.objects.filter(list_id=list_id, status=Status.PENDING).update(
        **closed(Status.WITHDRAWN, act, "Se deshizo su lista.")
    )


def forget(before: dt.datetime) -> None:
    """Let go of the personal data of requests decided before then; who asked, who decided and when stays."""
    ConsentRequest.objects.filter(decided_at__lt=before).exclude(payload={}, curp="").update(payload={}, curp="")


def closed(status: ConsentRequest.Status, act: Act, reason: str) -> dict[str, Any]:
    """What is written on a request that is over, and by whom."""
    return {"status": status, "decided_by": act.actor.user_id, "decided_name": act.actor.name, "decided_at": act.now, "reason": reason}


def waiting_by_plantel() -> list[tuple[int, int]]:
    """(plantel, how many) of the requests that wait for an answer of each plantel."""
    theirs = belonging().filter(student__in=ConsentRequest.objects.filter(status=Status.PENDING).values("student"))
    places: dict[int, set[int]] = defaultdict(set)
    for student_id, plantel_id in theirs.values_list("student", "plantel").distinct():
        places[student_id].add(plantel_id)
    counts: Counter[int] = Counter()
    for student_id, asking, own in ConsentRequest.objects.filter(status=Status.PENDING).values_list("student", "plantel", "own"):
        counts.update(places[student_id] - {asking, *own})
    return sorted(counts.items())


def overdue(today: dt.date) -> QuerySet[ConsentRequest]:
    """Requests the other planteles have not answered in time: coordination's turn."""
    return ConsentRequest.objects.filter(status=Status.PENDING, due_on__lt=today)
