"""What follows from a document, by the case's own verbs, with the document as evidence; and how much of it can be taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from afiliacion.cases import acuse_review, verbs
from afiliacion.cases.engine import lock_people
from afiliacion.cases.facts import ACUSE_PAPER, Details, Happening
from afiliacion.cases.models import SHEET_TO_REVIEW, Case
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import TRANSITIONS, Coverage, State, Verb
from afiliacion.papers_in.judgment import Proposal
from afiliacion.papers_in.models import BroughtPaper

#: The verb each proposal begins with: it decides from which states it makes sense.
VERBS: Final[Mapping[Proposal, Verb]] = {
    Proposal.OBTAIN_NSS: Verb.OBTAIN_NSS,
    Proposal.OBTAIN_AND_DELIVER: Verb.OBTAIN_NSS,
    Proposal.DELIVER_ACUSE: Verb.DELIVER_ACUSE,
    Proposal.CONFIRM_VIGENCIA: Verb.CONFIRM_VIGENCIA,
    Proposal.NOT_VIGENTE: Verb.MISS_VIGENCIA,
    Proposal.OTHER_COVER: Verb.NOTE_COVERAGE,
    Proposal.NOTE_CLINIC: Verb.NOTE_CLINIC,
}
#: As the screens name them.
LABELS: Final[Mapping[Proposal, str]] = {
    Proposal.OBTAIN_AND_DELIVER: "Registrar su NSS y dar por entregada la hoja",
    Proposal.OBTAIN_NSS: "Registrar su NSS",
    Proposal.DELIVER_ACUSE: "Dar por entregada la hoja",
    Proposal.CONFIRM_VIGENCIA: "Confirmar su vigencia",
    Proposal.NOT_VIGENTE: "Anotar que el IMSS dice que no tiene derecho",
    Proposal.OTHER_COVER: "Anotar que lo cubre otro patrón u otra institución",
    Proposal.NOTE_CLINIC: "Anotar su clínica",
    Proposal.NOTHING: "No anotar nada",
}
#: What is wanted of each in the form.
WANTED: Final[Mapping[Proposal, tuple[str, ...]]] = {
    Proposal.OBTAIN_NSS: ("nss",),
    Proposal.OBTAIN_AND_DELIVER: ("nss",),
    Proposal.CONFIRM_VIGENCIA: ("on",),
    Proposal.NOT_VIGENTE: ("on",),
    Proposal.OTHER_COVER: ("on",),
    Proposal.NOTE_CLINIC: ("on", "umf"),
}
_BY_PAPER: Final = "Lo dice la constancia que se trajo."
UNDOING: Final = "Se anotó por error al revisar la hoja."


class NotDone(ValueError):
    """Nothing was written; str() says why in Spanish."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What a person says a document says: what is to be noted, and the values. `on`: the date the document carries."""

    proposal: Proposal
    nss: str = ""
    on: dt.date | None = None
    umf: str = ""
    turno: str = ""
    consultorio: str = ""
    registro: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "proposal": self.proposal, "nss": self.nss, "on": self.on.isoformat() if self.on else "", "umf": self.umf, "turno": self.turno,
            "consultorio": self.consultorio, "registro": self.registro,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: `steps` in their order (what `take_back` undoes), `lacking` what is missing yet, in Spanish; `asked`: it waits for the
    consent of others."""

    steps: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    asked: bool = False


def possible(state: str) -> list[Proposal]:
    """The proposals that make sense for a case in `state`, in the order the screens offer them; NOTHING always does."""
    return [each for each in LABELS if each is Proposal.NOTHING or State(state) in TRANSITIONS[VERBS[each]]]


def act_upon(paper: BroughtPaper, case: Case, noted: Noted, act: Act) -> Done:
    """Do to `case` what the document says. Needs a transaction, in which nothing is left written if it is refused.

    Raises:
        NotDone: a verb refused it, or a value it needs is missing.
    """
    if any(not getattr(noted, name) for name in WANTED.get(noted.proposal, ())):
        raise NotDone("Falta un dato de la hoja: escríbalo o elija otra cosa.")
    lock_people([case.pk])
    return _DOING[noted.proposal](paper, Case.objects.select_related("student", "plantel").get(pk=case.pk), noted, act)


def _obtain(paper: BroughtPaper, case: Case, noted: Noted, act: Act) -> Done:
    outcome = verbs.obtain_nss({case.pk: noted.nss}, on=paper.on, evidence={case.pk: paper.evidence_id or ""}, act=act)
    if outcome.requested:
        return Done(lacking=tuple(outcome.skipped.values()), asked=True)
    return _did(outcome, "obtained")


def _sheet(paper: BroughtPaper, case: Case, noted: Noted, act: Act) -> Done:
    nss = noted.nss if noted.proposal is Proposal.OBTAIN_AND_DELIVER else ""
    had_come = Case.objects.filter(SHEET_TO_REVIEW, pk=case.pk).exists()
    today = case.plantel.day(act.now)
    try:
        taken = acuse_review.take(case, nss, came=paper.on, evidence=paper.evidence_id or "", today=today, act=act)
    except acuse_review.AcuseNotTaken as why:
        raise NotDone(str(why)) from why
    if taken.asked:
        return Done(lacking=tuple(taken.lacking), asked=True)
    did = {"had_come": had_come, "obtained": taken.obtained, "verified": True, "delivered": taken.delivered}
    return Done(tuple(step for step, done in did.items() if done), tuple(taken.lacking))


def _confirm(paper: BroughtPaper, case: Case, noted: Noted, act: Act) -> Done:
    said: Details = {"umf": noted.umf}
    if noted.registro:
        said["registro"] = noted.registro
    return _did(verbs.confirm_vigencia({case.pk: _happening(paper, noted, said)}, act=act), "confirmed")


def _miss(paper: BroughtPaper, case: Case, noted: Noted, act: Act) -> Done:
    return _did(verbs.miss_vigencia({case.pk: _happening(paper, noted, {})}, act=act), "missed")


def _other_cover(paper: BroughtPaper, case: Case, noted: Noted, act: Act) -> Done:
    happening = _happening(paper, noted, {"registro_patronal": noted.registro}, _BY_PAPER)
    return _did(verbs.note_coverage({case.pk: (Coverage.OTHER, happening)}, act=act), "covered")


def _clinic(paper: BroughtPaper, case: Case, noted: Noted, act: Act) -> Done:
    outcome = verbs.note_clinic([case.pk], noted.umf, on=noted.on or paper.on, turno=noted.turno, consultorio=noted.consultorio, act=act)
    return _did(outcome, "clinic")


def _happening(paper: BroughtPaper, noted: Noted, data: Details, reason: str = "") -> Happening:
    return Happening(noted.on or paper.on, data, paper.evidence_id or "", reason)


def _did(outcome: Outcome, step: str) -> Done:
    if outcome.skipped:
        raise NotDone(next(iter(outcome.skipped.values())))
    return Done((step,))


_DOING: Final[Mapping[Proposal, Callable[[BroughtPaper, Case, Noted, Act], Done]]] = {
    Proposal.OBTAIN_NSS: _obtain,
    Proposal.OBTAIN_AND_DELIVER: _sheet,
    Proposal.DELIVER_ACUSE: _sheet,
    Proposal.CONFIRM_VIGENCIA: _confirm,
    Proposal.NOT_VIGENTE: _miss,
    Proposal.OTHER_COVER: _other_cover,
    Proposal.NOTE_CLINIC: _clinic,
}
#: Steps whose verb has none that takes it back.
LASTING: Final = {
    "confirmed": "La vigencia confirmada con una constancia no se deshace desde aquí: si fue un error, anótelo en el expediente.",
    "missed": "Lo que dijo el IMSS no se deshace desde aquí: si fue un error, anote en el expediente la constancia correcta.",
    "covered": "La cobertura no se deshace desde aquí: anote en el expediente la que corresponda.",
    "clinic": "La clínica no se deshace desde aquí: anote en el expediente la que corresponda.",
}


def take_back(paper: BroughtPaper, case: Case, steps: tuple[str, ...], act: Act) -> None:
    """Undo what `act_upon` or a refusal did (its steps), the last first; the sheet is to review as it was. Needs a transaction.

    Raises:
        NotDone: a verb refused it, or has none that takes it back.
    """
    if lasting := next((LASTING[step] for step in steps if step in LASTING), ""):
        raise NotDone(lasting)
    lock_people([case.pk])
    on = case.plantel.day(act.now)
    if "delivered" in steps:
        _must(verbs.retract_acuse([case.pk], [ACUSE_PAPER], on=on, act=act, reason=UNDOING))
    elif "verified" in steps:
        _must(verbs.retract_papers([case.pk], [ACUSE_PAPER], on=on, act=act, reason=UNDOING))
    if "obtained" in steps:
        outcome = verbs.disown_nss([case.pk], on=on, act=act, reason=UNDOING, undoing=True)
        if outcome.requested:
            raise NotDone("Ya no se puede deshacer desde aquí: use «El NSS no es del alumno» en su expediente.")
        _must(outcome)
    if "had_come" in steps or "rejected" in steps:
        _must(verbs.receive_papers([case.pk], [ACUSE_PAPER], on=paper.on, evidence=paper.evidence_id or "", act=act))


def _must(outcome: Outcome) -> None:
    if outcome.skipped:
        raise NotDone(next(iter(outcome.skipped.values())))
