"""One decision a document: accept it, refuse it, put it aside; and take that back while nothing was built upon it.

A decision names the version of the document it was made upon: of two officers, two tabs or two clicks, one decides and the others are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from afiliacion.cases.identity.repeated import goes_on
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.papers_in.decide import acting, notes
from afiliacion.papers_in.decide.acting import NotDone, Noted
from afiliacion.papers_in.judgment import Proposal
from afiliacion.papers_in.models import BroughtPaper, PaperDecision

Status = BroughtPaper.Status
_INSTEAD: Final = "Ya se anotó con otra hoja del mismo alumno."
_NO_ONE: Final = "Diga de quién es la hoja: escriba su matrícula, su CURP o su folio."
_BUILT_UPON: Final = "Ya no se puede deshacer desde aquí, porque el expediente avanzó: corríjalo en él."
_ERASED: Final = "Los datos de esta hoja se suprimieron: ya no se decide nada sobre ella."


class AlreadyDecided(NotDone):
    """The document is not as it was seen: another officer decided it, or it was read again. str() says who and when."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """`lacking`: what the case lacks yet, in Spanish; `asked`: others must consent first, and the document waits as before."""

    paper: BroughtPaper
    lacking: Sequence[str] = ()
    asked: bool = False


def accept(paper_id: int, version: int, noted: Noted, *, case: Case | None = None, act: Act) -> Accepted:
    """Do what the document says. `case`: whose it is, said by a person; None: as it was found.

    Raises:
        AlreadyDecided: it is not as it was seen.
        NotDone: a verb refused it; nothing was written.
    """
    with transaction.atomic():
        paper = _as_seen(paper_id, version)
        theirs = case or paper.case
        if noted.proposal is Proposal.NOTHING:
            return Accepted(_decided(paper, Status.SET_ASIDE, "No había nada que anotar.", {}, act))
        if theirs is None:
            raise NotDone(_NO_ONE)
        theirs = goes_on(theirs)
        _give_to(paper, theirs)
        done = acting.act_upon(paper, theirs, noted, act)
        if done.asked:
            return Accepted(paper, done.lacking, asked=True)
        left = Case.objects.values_list("version", flat=True).get(pk=theirs.pk)
        _decided(paper, Status.APPLIED, "", {**noted.as_json(), "steps": list(done.steps), "left": left}, act)
        _put_aside_the_like(paper, act)
    return Accepted(paper, done.lacking)


def refuse(paper_id: int, version: int, reason: str, *, act: Act) -> BroughtPaper:
    """The document will not do, and why: who brought it reads it, and is asked for another where the case still wants one.

    Raises:
        AlreadyDecided: it is not as it was seen.
    """
    with transaction.atomic():
        return refuse_locked(_as_seen(paper_id, version), reason, act)


def refuse_locked(paper: BroughtPaper, reason: str, act: Act) -> BroughtPaper:
    """The same of a document that this transaction has locked."""
    said: dict[str, Any] = {"steps": []}
    if paper.case_id and notes.sheet_refused(paper, reason, act):
        said = {"steps": ["rejected"], "left": Case.objects.values_list("version", flat=True).get(pk=paper.case_id)}
    return _decided(paper, Status.REFUSED, reason, said, act)


def set_aside(paper_id: int, version: int, reason: str, *, act: Act) -> BroughtPaper:
    """The document is kept and nothing follows from it.

    Raises:
        AlreadyDecided: it is not as it was seen.
    """
    with transaction.atomic():
        return _decided(_as_seen(paper_id, version), Status.SET_ASIDE, reason, {}, act)


def take_back(paper_id: int, version: int, *, act: Act) -> BroughtPaper:
    """The last decision was a mistake: the document waits again, and the case is as before, if nothing happened to it since.

    Raises:
        AlreadyDecided: it is not as it was seen.
        NotDone: the case went on, or what was noted has no verb that takes it back.
    """
    with transaction.atomic():
        paper = _as_seen(paper_id, version, *(Status.APPLIED, Status.REFUSED, Status.SET_ASIDE))
        if paper.evidence_id is None:
            raise NotDone(_ERASED)
        steps = tuple(paper.said.get("steps", ()))
        if paper.case and steps:
            case = goes_on(paper.case)
            if Case.objects.values_list("version", flat=True).get(pk=case.pk) != paper.said.get("left"):
                raise NotDone(_BUILT_UPON)
            acting.take_back(paper, case, steps, act)
        _decided(paper, Status.WAITING, "Se deshizo.", {}, act)
        for other in BroughtPaper.objects.filter(instead=paper, status=Status.SET_ASIDE).order_by("pk").select_for_update():
            _decided(other, Status.WAITING, "Se deshizo.", {}, act)
    return paper


def _as_seen(paper_id: int, version: int, *statuses: str) -> BroughtPaper:
    rows = BroughtPaper.objects.select_related("case__student", "case__plantel").select_for_update(of=("self",))
    paper = rows.filter(pk=paper_id).first()
    if paper is None:
        raise NotDone("Esa hoja no existe.")
    if paper.version != version or paper.status not in (statuses or (Status.WAITING,)):
        raise AlreadyDecided(_what_happened(paper))
    return paper


def _what_happened(paper: BroughtPaper) -> str:
    if paper.decided_at is None:
        return "La hoja ya no está como la vio: ábrala otra vez."
    when = timezone.localtime(paper.decided_at)
    became = f"Está en «{paper.get_status_display().lower()}»"
    return f"Ya se había decidido y no se hizo nada más. {became}: {paper.decided_name}, el {when:%d/%m/%Y a las %H:%M}."


def _give_to(paper: BroughtPaper, case: Case) -> None:
    """The document is that of this case, unless the case has the same file already."""
    if paper.case_id == case.pk:
        return
    same = BroughtPaper.objects.filter(evidence=paper.evidence_id, plantel=case.plantel_id, case=case).exclude(pk=paper.pk)
    if same.exists():
        raise NotDone("Ese alumno ya tiene esta misma hoja: ábrala desde su expediente y aparte esta.")
    paper.case, paper.plantel_id = case, case.plantel_id


def _put_aside_the_like(paper: BroughtPaper, act: Act) -> None:
    """Other documents that proposed the same about the same case need no decision any more."""
    like = BroughtPaper.objects.filter(case=paper.case_id, proposal=paper.proposal, status=Status.WAITING).exclude(pk=paper.pk)
    for other in like.order_by("pk").select_for_update(of=("self",)):
        other.instead = paper
        _decided(other, Status.SET_ASIDE, _INSTEAD, {}, act)


def _decided(paper: BroughtPaper, status: BroughtPaper.Status, reason: str, said: dict[str, Any], act: Act) -> BroughtPaper:
    waits = status is Status.WAITING
    paper.status, paper.version, paper.said, paper.reason = status, paper.version + 1, said, "" if waits else reason
    paper.decided_at, paper.decided_by_id, paper.decided_name = (None, None, "") if waits else (act.now, act.actor.user_id, act.actor.name)
    if waits:
        paper.instead = None
    paper.save()
    PaperDecision.objects.create(
        paper=paper, version=paper.version, to_status=status, at=act.now, by_id=act.actor.user_id, by_name=act.actor.name, reason=reason
    )
    return paper
