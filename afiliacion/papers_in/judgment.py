"""What a brought document means for a student: which verb it proposes, how certain, and every reason against it."""

from __future__ import annotations

import datetime as dt

from afiliacion.papers_in.checking import about_student, about_the_paper
from afiliacion.papers_in.judged import Certainty, Judgment, KnownStudent, Proposal, Reason
from afiliacion.papers_in.proposing import proposed
from afiliacion.papers_in.reasons import BY_MISTAKE, REASONS, REFUSING
from afiliacion.papers_in.refusals import REFUSALS
from afiliacion.papers_in.saying import Doubt, Said, chosen
from paper_reader.reading import Reading

__all__ = ["Certainty", "Judgment", "KnownStudent", "Proposal", "Reason", "chosen", "judge"]


def judge(reading: Reading, known: KnownStudent | None, today: dt.date) -> Judgment:
    """Return what a document means for `known` (None: no student was found for it) on `today`.

    CLEAR means that nothing at all speaks against it: what was read more than once is the same, nothing needed is missing, and all of it
    is the student's. Whatever is doubtful is told; nothing is guessed.
    """
    if reading.refused:
        return _refused(reading.refused, REFUSALS[reading.refused])
    if reading.kind in BY_MISTAKE:
        return _refused(reading.kind.value, BY_MISTAKE[reading.kind])
    said = Said(reading)
    proposal, doubts = proposed(said, known)
    doubts += [*about_the_paper(said, today, known), *(about_student(said, known) if known else [Doubt("no_student")])]
    reasons = tuple(_told(doubts))
    if any(reason.code in REFUSING for reason in reasons):
        return Judgment(Proposal.NOTHING, Certainty.REFUSED, reasons)
    return Judgment(proposal, Certainty.DOUBTFUL if reasons else Certainty.CLEAR, reasons)


def _refused(code: str, text: str) -> Judgment:
    return Judgment(Proposal.NOTHING, Certainty.REFUSED, (Reason(code, text),))


def _told(doubts: list[Doubt]) -> list[Reason]:
    """Each doubt once, the gravest first."""
    ranks = {code: rank for rank, code in enumerate(REASONS)}
    told = (Reason(each.code, REASONS[each.code].format(**each.facts)) for each in sorted(doubts, key=lambda each: ranks[each.code]))
    return list(dict.fromkeys(told))
