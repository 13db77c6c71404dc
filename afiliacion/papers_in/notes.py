"""What a case is told of its sheet while a document is looked at: that it came, that it will not do, that it was no sheet."""

from __future__ import annotations

from afiliacion.cases import acuse_review, verbs
from afiliacion.cases.engine import lock_people
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import SHEET_TO_REVIEW, Case
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import BEFORE_THE_SHEET
from afiliacion.papers_in.models import BroughtPaper


def sheet_came(paper: BroughtPaper, act: Act) -> Outcome:
    """Note that the sheet IMSS gave came, if the case still wants it and has none to review: reminders of it stop."""
    case = Case.objects.get(pk=paper.case_id or 0)
    if case.state not in BEFORE_THE_SHEET or _to_review(case):
        return Outcome()
    return verbs.receive_papers([case.pk], [ACUSE_PAPER], on=paper.on, evidence=paper.evidence_id or "", act=act)


def sheet_refused(paper: BroughtPaper, reason: str, act: Act) -> bool:
    """Note that the sheet will not do, if this document is the one that came as it; whether it was noted."""
    if not _came_with(paper):
        return False
    on = paper.case.plantel.day(act.now) if paper.case else paper.on
    return bool(verbs.reject_papers([paper.case_id or 0], [ACUSE_PAPER], on=on, reason=reason, act=act).done)


def no_sheet(paper: BroughtPaper, reason: str, act: Act) -> None:
    """Note that this document, which came as the sheet, is another kind of paper: the sheet is still wanted."""
    if _came_with(paper):
        verbs.retract_papers([paper.case_id or 0], [ACUSE_PAPER], on=paper.on, reason=reason, act=act)


def _came_with(paper: BroughtPaper) -> bool:
    case = Case.objects.filter(SHEET_TO_REVIEW, pk=paper.case_id or 0).first()
    last = acuse_review.last_sheet(case) if case else None
    if last is None or last.evidence != paper.evidence_id:
        return False
    lock_people([last.case_id])
    return True


def _to_review(case: Case) -> bool:
    return Case.objects.filter(SHEET_TO_REVIEW, pk=case.pk).exists()
