"""Going to the subdelegación: gather the cases, present them, write down each answer. Cases move through their verbs only.

Where a case stands is read from the case alone, so that it is the same whichever way it was noted; a trigger writes each answer down on
the errand of the visit (sql/desk_errands.sql).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.engine import lock_people
from afiliacion.cases.models import Case, Event, text_of
from afiliacion.cases.outcome import Outcome
from afiliacion.cases.queries import in_name_order
from afiliacion.cases.states import DESK_REASONS, State, Turn, Verb
from afiliacion.dashboard.models import DeskErrand, DeskVisit
from afiliacion.dashboard.shared.access import Scope

Result = DeskErrand.Result
#: Rows of one group on the page; a visit with more is two visits.
SHOWN: Final = 200


@dataclass(slots=True)
class VisitGroup:
    """The cases of one subdelegación that still have to be taken there."""

    name: str
    cases: list[Case] = field(default_factory=list)

    @property
    def more(self) -> bool:
        return len(self.cases) == SHOWN


@dataclass(frozen=True, slots=True)
class VisitAnswer:
    """What the subdelegación answered about one case."""

    result: Result
    nss: str = ""
    note: str = ""


def _waiting_there(scope: Scope) -> QuerySet[Case]:
    return scope.cases().filter(state=State.EN_SUBDELEGACION)


_ON_A_VISIT: Final = Exists(DeskErrand.objects.filter(case=OuterRef("pk"), result=""))


def to_take(scope: Scope) -> QuerySet[Case]:
    """The cases to be presented, for the first time or again; on no open visit, and not at rest with another cover."""
    return with_reason(_waiting_there(scope).filter(~_ON_A_VISIT, filed_on=None).exclude(turn=Turn.NADIE))


def presented(scope: Scope) -> QuerySet[Case]:
    """The cases the subdelegación has not answered, with the `visit` they were on (None: presented one by one) and `folio_given`."""
    on_visit = DeskErrand.objects.filter(case=OuterRef("pk"), result="").values("visit")[:1]
    filing = Event.objects.filter(case=OuterRef("pk"), verb=Verb.FILE_AT_DESK).order_by("-seq").annotate(text=text_of("folio"))
    waiting = with_reason(_waiting_there(scope).exclude(filed_on=None))
    return waiting.annotate(visit=Subquery(on_visit), folio_given=Subquery(filing.values("text")[:1]))


@dataclass(frozen=True, slots=True)
class DeskCounts:
    """How many cases of the subdelegación were not presented, how many of these go on a visit, and how many wait for an answer."""

    not_presented: int
    going: int
    presented: int


def counts(scope: Scope) -> DeskCounts:
    """As the work list counts them: not presented it is the school's turn, then IMSS'."""
    found = _waiting_there(scope).aggregate(
        not_presented=Count("pk", filter=Q(filed_on=None) & ~Q(turn=Turn.NADIE)),
        going=Count("pk", filter=Q(_ON_A_VISIT, filed_on=None)),
        presented=Count("pk", filter=~Q(filed_on=None)),
    )
    return DeskCounts(**found)


def with_reason(cases: QuerySet[Case]) -> QuerySet[Case]:
    """`cases` with all a list shows of them: why they are for the subdelegación as `why`, IMSS' words as `message`, and what the
    subdelegación wanted the last time as `lacking`."""
    told = Event.objects.filter(case=OuterRef("pk"), verb__in=DESK_REASONS).order_by("-seq")
    why, message = (Subquery(told.annotate(text=text_of(key)).values("text")[:1]) for key in ("reason", "message"))
    wanted = Event.objects.filter(case=OuterRef("pk"), verb=Verb.WANT_MORE).order_by("-seq").annotate(text=text_of("reason"))
    cases = cases.annotate(why=why, message=message, lacking=Subquery(wanted.values("text")[:1]))
    return in_name_order(cases).select_related("student", "plantel", "enrolment__ciclo")


def groups(scope: Scope) -> list[VisitGroup]:
    """What is to be taken, by subdelegación; the planteles that name none come last."""
    names = to_take(scope).order_by("plantel__subdelegacion").values_list("plantel__subdelegacion", flat=True).distinct()
    found = [VisitGroup(name, list(to_take(scope).filter(plantel__subdelegacion=name)[:SHOWN])) for name in names]
    return sorted(found, key=lambda group: (group.name == "", group.name))


def visits(scope: Scope) -> QuerySet[DeskVisit]:
    """The visits with a case this person may see; how many of these are `pending` (not presented), `waiting` (not answered), `taken`."""
    mine = DeskErrand.objects.filter(visit=OuterRef("pk"), case__in=scope.cases())
    seen = Q(errands__case__in=scope.cases())
    return DeskVisit.objects.filter(Exists(mine)).annotate(
        pending=Count("errands", filter=seen & Q(errands__result="", errands__case__filed_on=None)),
        waiting=Count("errands", filter=seen & Q(errands__result="", errands__case__filed_on__isnull=False)),
        taken=Count("errands", filter=seen & ~Q(errands__result=Result.DROPPED)),
    )


def errands(visit: DeskVisit, scope: Scope) -> QuerySet[DeskErrand]:
    """The cases of a visit this person may see, in the order of a list, each with what was answered as `said`."""
    answer = Event.objects.filter(case=OuterRef("case"), seq=OuterRef("answer_seq")).annotate(text=text_of("reason"))
    mine = DeskErrand.objects.filter(visit=visit, case__in=scope.cases()).annotate(said=Subquery(answer.values("text")[:1]))
    return mine.select_related("case__student", "case__plantel", "case__enrolment").order_by("case__student__name_order", "pk")


def carried(visit: DeskVisit, scope: Scope) -> QuerySet[Case]:
    """The cases that go on the oficio and the list: neither left behind nor settled before."""
    gone = errands(visit, scope).exclude(result__in=[Result.DROPPED, Result.MOVED])
    return scope.cases().filter(pk__in=gone.values("case"))


def prepare(
    scope: Scope, case_ids: Sequence[int], *, subdelegacion: str, day: dt.date, officer: str, number: str, now: dt.datetime
) -> tuple[DeskVisit | None, int]:
    """Gather these cases into a visit; (it, how many of the asked could not come along). None if none could."""
    with transaction.atomic():
        ready = list(
            to_take(scope).filter(pk__in=_locked(scope, case_ids), plantel__subdelegacion=subdelegacion).values_list("pk", flat=True)
        )
        if not ready:
            return None, len(case_ids)
        visit = DeskVisit.objects.create(
            subdelegacion=subdelegacion, day=day, officer=officer, number=number, created_by=scope.user, created_at=now
        )
        DeskErrand.objects.bulk_create([DeskErrand(visit=visit, case_id=case_id) for case_id in ready])
    return visit, len(case_ids) - len(ready)


def gather_presented(scope: Scope, *, now: dt.datetime) -> DeskVisit | None:
    """Gather up to SHOWN of the cases that were presented one by one into a visit, to answer them together. None if there are none."""
    with transaction.atomic():
        alone = presented(scope).filter(~_ON_A_VISIT)
        locked = _locked(scope, alone[:SHOWN].values_list("pk", flat=True))
        cases = list(alone.filter(pk__in=locked))
        if not cases:
            return None
        names = {case.plantel.subdelegacion for case in cases}
        day = max(case.filed_on for case in cases if case.filed_on)
        visit = DeskVisit.objects.create(
            subdelegacion=names.pop() if len(names) == 1 else "", day=day, officer=scope.actor.name, created_by=scope.user, created_at=now
        )
        DeskErrand.objects.bulk_create([DeskErrand(visit=visit, case=case) for case in cases])
    return visit


def file(visit: DeskVisit, scope: Scope, *, on: dt.date, folio: str, now: dt.datetime) -> Outcome:
    """The cases of the visit that were not presented yet were: from here IMSS has the turn. A second time changes nothing."""
    with transaction.atomic():
        known = DeskVisit.objects.select_for_update().get(pk=visit.pk)
        outcome = verbs.file_at_desk(pending(known, scope), on=on, folio=folio or known.number, act=scope.act(now))
        if outcome.done and not known.filed_on:
            known.filed_on, known.folio = on, folio
            known.save(update_fields=["filed_on", "folio"])
    return outcome


def take_back_filing(visit: DeskVisit, scope: Scope, *, now: dt.datetime) -> Outcome:
    """The visit was noted as presented by mistake: its cases without an answer are to be presented again. Not those that were presented
    on another day, from their own pages."""
    with transaction.atomic():
        known = DeskVisit.objects.select_for_update().get(pk=visit.pk)
        filed = _open(known, scope).filter(case__filed_on__isnull=False, case__filed_on=known.filed_on).values_list("case_id", flat=True)
        outcome = verbs.retract_filing(list(filed), on=timezone.localdate(now), reason=_MISTAKEN, act=scope.act(now))
        answered = DeskErrand.objects.filter(visit=known).exclude(answer_seq=None)
        if outcome.done and not answered.exists():
            known.filed_on, known.folio = None, ""
            known.save(update_fields=["filed_on", "folio"])
    return outcome


def answer(visit: DeskVisit, scope: Scope, answers: Mapping[int, VisitAnswer], *, on: dt.date, now: dt.datetime) -> Outcome:
    """What came back for each case (id -> answer) of the visit that has none: it goes on, or is to be taken again."""
    with transaction.atomic():
        _locked(scope, answers)
        waiting = set(_open(visit, scope).filter(case__in=answers).values_list("case_id", flat=True))
        given = {case_id: said for case_id, said in answers.items() if case_id in waiting}
        again = {case_id: said.note for case_id, said in given.items() if said.result == Result.AGAIN}
        outcome = verbs.want_more(again, on=on, act=scope.act(now))
        outcome += _return(given, scope, on, now)
    return outcome


def _return(given: Mapping[int, VisitAnswer], scope: Scope, on: dt.date, now: dt.datetime) -> Outcome:
    """One call of the verb for those with the same words; the verb's set is one date, one reason."""
    outcome = Outcome()
    alike: dict[tuple[bool, str], dict[int, VisitAnswer]] = {}
    for case_id, said in given.items():
        if said.result != Result.AGAIN:
            alike.setdefault((said.result == Result.RESEND, said.note), {})[case_id] = said
    for (resend, note), cases in alike.items():
        nss = {case_id: said.nss for case_id, said in cases.items() if said.nss}
        outcome += verbs.return_from_desk(cases, on=on, nss=nss, resend_alta=resend, reason=note, act=scope.act(now))
    return outcome


def take_back_answer(visit: DeskVisit, scope: Scope, case_id: int, *, now: dt.datetime) -> Outcome:
    """That something was missing was noted by mistake: the case waits for an answer as before. Nothing, if that is not its answer."""
    with transaction.atomic():
        _locked(scope, [case_id])
        last = Event.objects.filter(case=case_id, verb=Verb.WANT_MORE).order_by("-seq").values("seq")[:1]
        mistaken = errands(visit, scope).filter(case=case_id, result=Result.AGAIN, answer_seq=Subquery(last))
        cases = list(mistaken.values_list("case_id", flat=True))
        return verbs.retract_want_more(cases, on=timezone.localdate(now), reason=_MISTAKEN, act=scope.act(now))


def cancel(visit: DeskVisit, scope: Scope) -> int:
    """Cancel a visit: its cases that were not presented wait for another one. Returns how many; 0 once presented."""
    with transaction.atomic():
        known = DeskVisit.objects.select_for_update().get(pk=visit.pk)
        left = _locked(scope, pending(known, scope))
        return _open(known, scope).filter(case__in=left, case__filed_on=None).update(result=Result.DROPPED)


_MISTAKEN: Final = "Se anotó por error; se deshizo en la salida."


def _open(visit: DeskVisit, scope: Scope) -> QuerySet[DeskErrand]:
    return DeskErrand.objects.filter(visit=visit, result="", case__in=scope.cases())


def pending(visit: DeskVisit, scope: Scope) -> list[int]:
    """The cases (ids) of the visit that were not presented yet."""
    return list(_open(visit, scope).filter(case__filed_on=None).values_list("case_id", flat=True))


def _locked(scope: Scope, case_ids: Iterable[int]) -> list[int]:
    """Those of the cases that the officer may see, locked; before their errands, as the events that answer them do."""
    wanted = list(case_ids)
    lock_people(wanted)
    cases = scope.cases().filter(pk__in=wanted).select_for_update(of=("self",)).order_by("pk")
    return list(cases.values_list("pk", flat=True))
