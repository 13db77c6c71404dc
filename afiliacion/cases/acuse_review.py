"""Review the acuse (the sheet IMSS gave the student) that was handed in and not yet verified: take it, or refuse it with a reason.

A student uploads it on their page, or an officer for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from afiliacion.cases import verbs
from afiliacion.cases.engine import lock_people
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import SHEET_TO_REVIEW, Case, Event
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import Verb


class AcuseNotTaken(ValueError):
    """The sheet could not be taken; str() says why in Spanish. Nothing was written."""


def to_review(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those of `cases` with a sheet to review."""
    return cases.filter(SHEET_TO_REVIEW)


def last_sheet(case: Case) -> Event | None:
    """The event by which the sheet under review came: its date, actor and evidence (hash of the file)."""
    came = case.events.filter(verb=Verb.RECEIVE_PAPERS, data__papers__contains=[ACUSE_PAPER])
    return came.order_by("-seq").first()


@dataclass(frozen=True, slots=True)
class Taken:
    """What accepting a sheet did. `lacking`: why the acuse is not complete yet, in Spanish. `asked`: others must agree to the number first;
    then the sheet is to review as before."""

    obtained: bool = False
    delivered: bool = False
    lacking: Sequence[str] = ()
    asked: bool = False


def take(case: Case, nss: str, *, came: dt.date, evidence: str, today: dt.date, act: Act) -> Taken:
    """Accept the sheet (hash `evidence`, empty if there is no file): note the NSS it shows (`nss`, if the case has none), verify it, and
    deliver the acuse as of the day it came, because the student is not late by the days the review took.

    Raises:
        AcuseNotTaken: a step is not possible.
    """
    with transaction.atomic():
        lock_people([case.pk])
        located = verbs.obtain_nss({case.pk: nss}, on=came, evidence={case.pk: evidence}, act=act) if nss else Outcome()
        if located.requested:
            return Taken(lacking=[located.skipped[case.pk]], asked=True)
        _done(case, located)
        if not Case.objects.filter(SHEET_TO_REVIEW, pk=case.pk).exists():
            _done(case, verbs.receive_papers([case.pk], [ACUSE_PAPER], on=came, evidence=evidence, act=act))
        _done(case, verbs.verify_papers([case.pk], [ACUSE_PAPER], on=today, act=act))
        delivered = verbs.deliver_acuse([case.pk], on=came, act=act)
    return Taken(bool(nss), bool(delivered.done), list(delivered.skipped.values()))


def reasons(case_ids: Iterable[int]) -> dict[int, str]:
    """The reason of the last refusal of each of these cases' sheets, as the officer wrote it, by case id."""
    refusals = Event.objects.filter(case__in=case_ids, verb=Verb.REJECT_PAPERS, data__papers__contains=[ACUSE_PAPER])
    return {event.case_id: event.reason for event in refusals.order_by("case_id", "-seq").distinct("case_id")}


def refuse(case: Case, reason: str, *, today: dt.date, act: Act) -> None:
    """Refuse the sheet: the student's page and the next mail give `reason` and ask for another, and reminders start again.

    Raises:
        AcuseNotTaken: no sheet is under review.
    """
    _done(case, verbs.reject_papers([case.pk], [ACUSE_PAPER], on=today, reason=reason, act=act))


def _done(case: Case, outcome: Outcome) -> None:
    if case.pk in outcome.skipped:
        raise AcuseNotTaken(outcome.skipped[case.pk])
