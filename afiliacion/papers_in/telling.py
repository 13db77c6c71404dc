"""What is told of a document to who brought it: what it is, what was understood, what is missing. No value that was read, no status."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from afiliacion.cases.models import Case
from afiliacion.cases.papers.required import Wanted, is_minor
from afiliacion.cases.states import BEFORE_THE_SHEET, Verb
from afiliacion.papers_in.models import BroughtPaper
from afiliacion.papers_in.reasons import BY_MISTAKE
from afiliacion.papers_in.refusals import REFUSALS
from afiliacion.reminders.letters.compose import discreet
from paper_reader.reading import Kind

Status = BroughtPaper.Status
#: Each kind of document as it is called, with its article.
NAMES: Final[Mapping[Kind, str]] = {
    Kind.NSS_SHEET: "la hoja de asignación o localización del NSS",
    Kind.NSS_CARD: "la tarjeta del NSS",
    Kind.VIGENCIA: "la constancia de vigencia de derechos",
    Kind.CLINIC: "el comprobante de la clínica (UMF)",
    Kind.SAV_002: "la solicitud SAV-002",
    Kind.SEMANAS_COTIZADAS: "la constancia de semanas cotizadas",
    Kind.NO_DERECHOHABIENCIA: "la constancia de no derechohabiencia",
    Kind.CURP_SHEET: "la constancia de la CURP",
    Kind.EMPLOYER_CONSTANCIA: "una constancia de un patrón",
    Kind.ALTA_PATRONAL: "un alta patronal",
    Kind.WEB_PAGE: "la impresión o captura de una página",
    Kind.UNKNOWN: "un archivo que no se pudo leer",
}
_READING: Final = "Recibimos tu archivo y lo estamos leyendo. En un momento verás aquí qué es."
_UNKNOWN: Final = "Recibimos tu archivo, pero no se pudo leer solo: lo verá una persona de tu plantel. Si la foto salió borrosa, sube otra."
_WAITING: Final = "Recibimos {}. Tu plantel la va a revisar."
_DONE: Final = "Tu plantel ya revisó {}: quedó anotada en tu trámite."
_ASIDE: Final = "Tu plantel guardó {}: no hace falta que subas otra."
_REFUSED: Final = "Lo que subiste es {}. No sirvió: {}."
_LACKING: Final = "Para completar la entrega te falta: {}."


def name_of(paper: BroughtPaper) -> str:
    """What a document is, with its article."""
    return NAMES[Kind(paper.kind or Kind.UNKNOWN)]


def to_student(paper: BroughtPaper) -> str:
    """What became of a document, in a sentence to the student who brought it."""
    if paper.status == Status.UNREAD:
        return _READING
    if paper.status == Status.REFUSED:
        return _REFUSED.format(name_of(paper), discreet(paper.reason) or "tu plantel pide otra")
    if paper.status == Status.WAITING:
        return _UNKNOWN if paper.kind == Kind.UNKNOWN else _WAITING.format(name_of(paper))
    return (_DONE if paper.status == Status.APPLIED else _ASIDE).format(name_of(paper))


def by_mail(paper: BroughtPaper) -> str:
    """What a document is, in an answer by mail: no value that was read, and no status. Of one by mistake, what to send instead."""
    kind, refused = Kind(paper.kind or Kind.UNKNOWN), (paper.reading or {}).get("refused", "")
    reason = REFUSALS.get(refused) or BY_MISTAKE.get(kind, "")
    return f"{NAMES[kind]} ({reason.rstrip('.')})" if reason else NAMES[kind]


def lacking(case: Case, today: dt.date) -> str:
    """Which papers the plantel still wants of the student on `today`, in a sentence; empty if none, or not now."""
    if case.state not in BEFORE_THE_SHEET:
        return ""
    wanted = Wanted(Verb.DELIVER_ACUSE, [case.plantel_id])
    kinds = wanted.kinds(case.plantel_id, minor=is_minor(case.student.birth_date, today))
    labels = sorted(label for key, label in kinds.items() if key not in case.facts.papers_in)
    return _LACKING.format(", ".join(labels)) if labels else ""
