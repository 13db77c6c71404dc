"""Going to the subdelegación: gather the cases, present them, write down each answer. Cases move through their verbs only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from afiliacion.cases import verbs
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Outcome
from afiliacion.cases.queries import in_name_order
from afiliacion.cases.states import DESK_REASONS, State
from afiliacion.dashboard.access import Scope
from afiliacion.dashboard.models import DeskErrand, DeskVisit

Result = DeskErrand.Result
#: Rows of one group on the page; a visit with more is two visits.
SHOWN: Final = 200


@dataclass(slots=True)
class Group:
    """The cases of one subdelegación that still have to be taken there."""

    name: str
    cases: list[Case] = field(default_factory=list)

    @property
    def more(self) -> bool:
        return len(self.cases) == SHOWN


@dataclass(frozen=True, slots=True)
class Answer:
    """What the subdelegación answered about one case."""

    result: Result
    nss: str = ""
    note: str = ""


def to_take(scope: Scope) -> QuerySet[Case]:
    """The cases that wait for somebody to go: never presented, or presented and to be taken again; on no visit now."""
    on_visit = DeskErrand.objects.filter(case=OuterRef("pk"), result="")
    last_result = DeskErrand.objects.filter(case=OuterRef("pk")).order_by("-pk").values("result")[:1]
    waiting = scope.cases().filter(~Exists(on_visit), state=State.EN_SUBDELEGACION).annotate(last_result=Subquery(last_result))
    return with_reason(waiting.filter(Q(filed_on=None) | Q(last_result=Result.AGAIN)))


def with_reason(cases: QuerySet[Case]) -> QuerySet[Case]:
    """`cases` with all a list shows of them, and why they are for the subdelegación as `why` and IMSS' words as `message`."""
    told = Event.objects.filter(case=OuterRef("pk"), verb__in=DESK_REASONS).order_by("-seq")
    cases = cases.annotate(why=Subquery(told.values("reason")[:1]), message=Subquery(told.values("data__message")[:1]))
    return in_name_order(cases).select_related("student", "plantel", "enrolment__ciclo")


def groups(scope: Scope) -> list[Group]:
    """What is to be taken, by subdelegación; the planteles that name none come last."""
    names = to_take(scope).order_by("plantel__subdelegacion").values_list("plantel__subdelegacion", flat=True).distinct()
    found = [Group(name, list(to_take(scope).filter(plantel__subdelegacion=name)[:SHOWN])) for name in names]
    return sorted(found, key=lambda group: (group.name == "", group.name))


def visits(scope: Scope) -> QuerySet[DeskVisit]:
    """The visits with a case this person may see."""
    return DeskVisit.objects.filter(Exists(DeskErrand.objects.filter(visit=OuterRef("pk"), case__in=scope.cases())))


def errands(visit: DeskVisit, scope: Scope) -> QuerySet[DeskErrand]:
    """The cases of a visit this person may see, in the order of a list."""
    mine = DeskErrand.objects.filter(visit=visit, case__in=scope.cases())
    return mine.select_related("case__student", "case__plantel", "case__enrolment").order_by("case__student__name_order", "pk")


def prepare(
    scope: Scope, case_ids: Sequence[int], *, subdelegacion: str, day: dt.date, officer: str, number: str, now: dt.datetime
) -> tuple[DeskVisit | None, int]:
    """Gather these cases into a visit; (it, how many of the asked could not come along). None if none could."""
    with transaction.atomic():
        locked = set(scope.cases().filter(pk__in=case_ids).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        ready = list(to_take(scope).filter(pk__in=locked, plantel__subdelegacion=subdelegacion).values_list("pk", flat=True))
        if not ready:
            return None, len(case_ids)
        visit = DeskVisit.objects.create(
            subdelegacion=subdelegacion, day=day, officer=officer, number=number, created_by=scope.user, created_at=now
        )
        DeskErrand.objects.bulk_create([DeskErrand(visit=visit, case_id=case_id) for case_id in ready])
    return visit, len(case_ids) - len(ready)


def file(visit: DeskVisit, scope: Scope, *, on: dt.date, folio: str, now: dt.datetime) -> Outcome:
    """The cases of the visit were presented: from here IMSS has the turn. A second time changes nothing."""
    with transaction.atomic():
        known = DeskVisit.objects.select_for_update().get(pk=visit.pk)
        if known.filed_on:
            return Outcome()
        cases = list(errands(known, scope).filter(result="").values_list("case_id", flat=True))
        outcome = verbs.file_at_desk(cases, on=on, folio=folio or known.number, actor=scope.actor, now=now)
        if outcome.done:
            known.filed_on, known.folio = on, folio
            known.save(update_fields=["filed_on", "folio"])
    return outcome


def answer(visit: DeskVisit, scope: Scope, answers: Mapping[int, Answer], *, on: dt.date, now: dt.datetime) -> Outcome:
    """What came back for each case (id -> answer): those answered go on, those to be taken again wait for another visit."""
    with transaction.atomic():
        rows = {row.case_id: row for row in errands(visit, scope).filter(result="").select_for_update(of=("self",))}
        given = {case_id: said for case_id, said in answers.items() if case_id in rows}
        outcome = _return(given, scope, on, now)
        done = set(outcome.done) | {case_id for case_id, said in given.items() if said.result == Result.AGAIN}
        for case_id in done:
            row, said = rows[case_id], given[case_id]
            row.result, row.note, row.answered_on = said.result, said.note, on
            row.save(update_fields=["result", "note", "answered_on"])
    outcome.done = sorted(done)
    return outcome


def _return(given: Mapping[int, Answer], scope: Scope, on: dt.date, now: dt.datetime) -> Outcome:
    """One call of the verb for those with the same words; the verb's set is one date, one reason."""
    outcome = Outcome()
    alike: dict[tuple[bool, str], dict[int, Answer]] = {}
    for case_id, said in given.items():
        if said.result != Result.AGAIN:
            alike.setdefault((said.result == Result.RESEND, said.note), {})[case_id] = said
    for (resend, note), cases in alike.items():
        nss = {case_id: said.nss for case_id, said in cases.items() if said.nss}
        how: dict[str, Any] = {"on": on, "actor": scope.actor, "now": now, "resend_alta": resend, "reason": note}
        outcome += verbs.return_from_desk(cases, nss=nss, **how)
    return outcome


def cancel(visit: DeskVisit, scope: Scope) -> int:
    """Nobody went: the cases (of this person's planteles) wait for another visit. Returns how many; 0 once presented."""
    with transaction.atomic():
        known = DeskVisit.objects.select_for_update().get(pk=visit.pk)
        if known.filed_on:
            return 0
        mine = errands(known, scope).filter(result="").values("pk")
        return DeskErrand.objects.filter(pk__in=mine).update(result=Result.DROPPED)
