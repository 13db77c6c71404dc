"""A case as its student reads it: where am I, what do I do now, by when and why. The sentences of a step are those of its mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.acuse_review import reasons
from afiliacion.cases.clock import long_date
from afiliacion.cases.facts import ACUSE_PAPER, Facts
from afiliacion.cases.models import Case
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import BEFORE_THE_SHEET, PaperStatus, State, Turn, rests
from afiliacion.reminders.letters.compose import discreet, values_for
from afiliacion.reminders.letters.editions import Editions

_STAGES: Final = ("Obtener tu NSS", "Entregar tu hoja", "Alta en el IMSS", "Seguro vigente", "Registro en tu clínica")
_AFTER_THE_ALTA: Final = (State.ALTA_ENVIADA, State.SIN_VIGENCIA, State.VIGENTE)
#: The words of a mail that say what to do in a state.
_WORDS: Final[Mapping[State, str]] = {
    State.SIN_NSS: "obten_nss",
    State.NSS_OBTENIDO: "acuse_por_vencer",
    State.EN_SUBDELEGACION: "en_subdelegacion",
    State.SIN_VIGENCIA: "sin_vigencia",
    State.VIGENTE: "registrate_en_clinica",
}
#: The words of a mail that explain why nothing is asked of a student with another cover.
_AT_REST: Final = "otra_cobertura"
#: Title and explanation where there is nothing for the student to do.
_NOTHING: Final[Mapping[State, tuple[str, str]]] = {
    State.ACUSE_ENTREGADO: ("Ya entregaste tu hoja", "Ahora le toca a la escuela: enviar tu alta al IMSS. No tienes que hacer nada."),
    State.ALTA_ENVIADA: ("La escuela ya envió tu alta al IMSS", "Le toca al IMSS registrarla, y puede tardar unas semanas. Te avisaremos."),
    State.EN_SUBDELEGACION: ("La escuela ya llevó tu caso al IMSS", "Estamos esperando su respuesta. No tienes que ir a la subdelegación."),
    State.VIGENTE: ("Ya tienes seguro del IMSS", "También estás en tu clínica: no tienes nada pendiente."),
    State.RENUNCIA: ("Renunciaste a este seguro", "La escuela no te dará de alta. Si cambias de opinión, puedes pedirlo aquí mismo."),
    State.BAJA: ("Tu trámite está cerrado", "En el plantel consta que ya no estás inscrito. Si es un error, avisa en tu plantel."),
}


@dataclass(frozen=True, slots=True)
class PageStage:
    """One step of the way: done, now or still to come."""

    label: str
    status: str


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """What the page says. `by` and `why` are empty when nothing runs; `sheet` is what became of an uploaded sheet, or empty."""

    title: str
    action: str
    by: str
    late: bool
    why: list[str]
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    link_text: str
    link_url: str
    stages: list[PageStage]
    sheet: str
    sheet_reason: str

    @property
    def for_the_student(self) -> bool:
        """Whether there is something to do."""
        return bool(self.steps or self.link_url)


def describe(case: Case, today: dt.date) -> CaseProgress:
    """Describe `case` (with student and plantel) to its student as of `today`."""
    facts = case.facts
    status = dict(facts.papers).get(ACUSE_PAPER, "") if facts.state in BEFORE_THE_SHEET else ""
    waiting = status in (PaperStatus.RECEIVED, PaperStatus.VERIFIED)
    theirs = case.turn == Turn.ALUMNO
    # What the school should have done by now is no date for the student.
    known = values_for(case) if theirs or not _past(case.due_on, today) else values_for(case) | {"vence": ""}
    words = None if waiting or _nothing_to_do(facts) else Editions()(_words(facts), case.plantel_id).filled(known)
    title, action = (words.title, words.action) if words else _nothing_text(facts, waiting=waiting)
    due = Schedule().explain(facts, case.plantel_id) if words and theirs else None
    late = bool(due and _past(due.on, today))
    return CaseProgress(
        title=title, action=action, by=_by(words.by if words else "", due.on if due else None, late=late), late=late,
        why=list(due.steps) if due else [], steps=words.steps if words else (), notes=words.notes if words else (),
        link_text=words.link_text if words else "", link_url=words.link_url if words else "",
        stages=_stages(facts), sheet=status, sheet_reason=discreet(reasons([case.pk]).get(case.pk, "")) if facts.sheet_refused_on else "",
    )  # fmt: skip


def may_bring(case: Case) -> bool:
    """Whether a document of the student's can still move the case: the sheet, later a constancia or what their clinic gave them."""
    return case.state in BEFORE_THE_SHEET or (case.state in _AFTER_THE_ALTA and not case.clinic_on)


def _words(facts: Facts) -> str:
    return _AT_REST if rests(facts.state, facts.coverage) else _WORDS[facts.state]


def _nothing_to_do(facts: Facts) -> bool:
    if rests(facts.state, facts.coverage):
        return False
    if facts.state is State.EN_SUBDELEGACION:
        return facts.filed_on is not None
    if facts.state is State.VIGENTE:
        return facts.clinic_on is not None
    return facts.state not in _WORDS


def _nothing_text(facts: Facts, *, waiting: bool) -> tuple[str, str]:
    if waiting:
        return "Recibimos tu hoja", "La escuela la está revisando. Si no sirve, te escribiremos por qué y lo verás aquí."
    return _NOTHING[facts.state]


def _past(day: dt.date | None, today: dt.date) -> bool:
    return day is not None and day < today


def _by(usual: str, due: dt.date | None, *, late: bool) -> str:
    if due is None:
        return usual
    return f"La fecha era el {long_date(due)}. Todavía estás a tiempo: hazlo hoy." if late else f"A más tardar el {long_date(due)}."


def _stages(facts: Facts) -> list[PageStage]:
    dates = (facts.nss_on, facts.acuse_on, facts.alta_on, facts.vigencia_on, facts.clinic_on)
    done = max((n for n, date in enumerate(dates, 1) if date), default=0)
    statuses = ["done"] * done + ["now"] + ["to-come"] * len(dates)
    if facts.state in (State.RENUNCIA, State.BAJA):
        statuses[done] = "to-come"
    return [PageStage(label, statuses[n]) for n, label in enumerate(_STAGES)]
