"""What a case is told of its sheet while a document is looked at: that it came, that it will not do, that it was no sheet."""

from __future__ import annotations

from typing import Final

from afiliacion.cases import acuse_review, verbs
from afiliacion.cases.engine import lock_people
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import SHEET_TO_REVIEW, Case
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import BEFORE_THE_SHEET
from afiliacion.papers_in.models import BroughtPaper
from afiliacion.papers_in.values import SHEETS
from paper_reader.reading import Kind

_OPEN: Final = (BroughtPaper.Status.UNREAD, BroughtPaper.Status.WAITING)
#: Not read yet, or one a machine cannot tell.
_MAY_BE: Final = frozenset({"", Kind.UNKNOWN, *SHEETS})


def sheet_came(paper: BroughtPaper, act: Act, *, replaces: bool = False) -> Outcome:
    """Note that the sheet IMSS gave came with this document, if that is not decided, it may be one, and the case still wants it.

    `replaces`: also where another one is to be reviewed; the last that came is the one that counts.
    """
    case = Case.objects.get(pk=paper.case_id or 0)
    may_be = paper.status in _OPEN and paper.kind in _MAY_BE
    here = _to_review(case) and (not replaces or _came_with(paper))
    if case.state not in BEFORE_THE_SHEET or not may_be or here:
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
