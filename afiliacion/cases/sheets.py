"""The sheet IMSS gave the student, handed in before anybody has looked at it: taken, or refused with a reason.

A student uploads it on their page, an officer for them; either way it is the acuse, received and not yet verified.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from afiliacion.cases import verbs
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import SHEET_TO_REVIEW, Case, Event
from afiliacion.cases.outcome import Actor, Outcome
from afiliacion.cases.states import Verb


class Refused(ValueError):
    """The sheet could not be taken; str() says why in Spanish. Nothing was written."""


def to_review(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those of `cases` with a sheet somebody has to look at."""
    return cases.filter(SHEET_TO_REVIEW)


def last_sheet(case: Case) -> Event | None:
    """How the sheet that waits came: when, by whom, and (`evidence`) what was kept of it."""
    came = case.events.filter(verb=Verb.RECEIVE_PAPERS, data__papers__contains=[ACUSE_PAPER])
    return came.order_by("-seq").first()


def take(case: Case, nss: str, *, today: dt.date, actor: Actor, now: dt.datetime) -> list[str]:
    """The sheet is right: note the NSS it shows (`nss`, if the case has none), verify it, and count the acuse as delivered on the
    day it came, so that nobody is late because of us. Returns what still keeps the acuse from being complete.

    Raises:
        Refused: a step is not possible.
    """
    sheet = last_sheet(case)
    came = sheet.on if sheet else today
    how: dict[str, Any] = {"actor": actor, "now": now}
    with transaction.atomic():
        if nss:
            _done(case, verbs.obtain_nss({case.pk: nss}, on=came, evidence={case.pk: sheet.evidence if sheet else ""}, **how))
        _done(case, verbs.verify_papers([case.pk], [ACUSE_PAPER], on=today, **how))
        delivered = verbs.deliver_acuse([case.pk], on=came, **how)
    return list(delivered.skipped.values())


def reasons(case_ids: Iterable[int]) -> dict[int, str]:
    """Why each of these cases' sheets was refused the last time, as the officer wrote it, by case."""
    refusals = Event.objects.filter(case__in=case_ids, verb=Verb.REJECT_PAPERS, data__papers__contains=[ACUSE_PAPER])
    return dict(refusals.order_by("case_id", "-seq").distinct("case_id").values_list("case_id", "reason"))


def refuse(case: Case, reason: str, *, today: dt.date, actor: Actor, now: dt.datetime) -> None:
    """The sheet will not do: the student's page and the next mail say `reason` and ask for another, and they are reminded again.

    Raises:
        Refused: there is none to refuse.
    """
    _done(case, verbs.reject_papers([case.pk], [ACUSE_PAPER], on=today, reason=reason, actor=actor, now=now))


def _done(case: Case, outcome: Outcome) -> None:
    if case.pk in outcome.skipped:
        raise Refused(outcome.skipped[case.pk])
