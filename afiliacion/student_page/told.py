"""What the page says of the last document the student brought by it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import Case
from afiliacion.cases.states import PaperStatus
from afiliacion.papers_in import telling
from afiliacion.papers_in.models import BroughtPaper

#: How long the page looks again by itself whether the document was read.
_PATIENCE: Final = dt.timedelta(minutes=2)
Status = BroughtPaper.Status


@dataclass(frozen=True, slots=True)
class Told:
    """`text`: what became of it; `lacking`: what else is wanted; `bad`: it will not do; `again`: the page should look again soon."""

    text: str
    lacking: str
    bad: bool
    again: bool


def of(paper: BroughtPaper | None, case: Case, now: dt.datetime) -> Told | None:
    """What is told of `paper` to the student of `case`; None if there is nothing to tell, or the case says it better."""
    waits = paper is not None and paper.status in (Status.UNREAD, Status.WAITING)
    refused = dict(case.facts.papers).get(ACUSE_PAPER) == PaperStatus.REJECTED
    if paper is None or paper.evidence_id is None or (waits and refused):
        return None
    lacking = telling.lacking(case, case.plantel.day(now)) if paper.status == Status.WAITING else ""
    again = paper.status == Status.UNREAD and now - paper.brought_at < _PATIENCE
    return Told(telling.to_student(paper), lacking, paper.status == Status.REFUSED, again)
