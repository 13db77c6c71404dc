"""From a row of the ledger to the letter that goes out: subject, plain text and HTML, and the version of their words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from textwrap import shorten
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape

from afiliacion.cases.clock import long_date
from afiliacion.cases.models import Case
from afiliacion.cases.states import BEFORE_THE_SHEET
from afiliacion.logs import masked
from afiliacion.reminders.address import address
from afiliacion.reminders.letters.codes import HIDDEN
from afiliacion.reminders.letters.templates import Texts, texts, version
from afiliacion.reminders.models import Reminder, ReminderKind

#: What differs from one letter of a plantel to the next. A mark is of characters that `one_line` lets through nowhere.
_PERSONAL: Final = frozenset({"nombre", "tutor", "folio", "vence", "umf", "pagina", "documentos", "recibido", "motivo", "codigo"})
_MARK: Final = re.compile("\ue000([a-z]+)\ue001")

_LONGEST_REASON: Final = 300
#: What the ledger keeps of a subject; names are as long as a list has them.
_LONGEST_SUBJECT: Final = 200
_SPACED_NSS: Final = re.compile(r"(?<!\d)\d(?:[ -]?\d){10}(?!\d)")

#: The words of a kind (by the name of its texts) at a plantel (by id).
Words = Callable[[str, int | None], Texts]


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent. `reply_to` is an address or empty; `unsubscribe` an address of ours that ends mails of this sort, or empty."""

    subject: str
    text: str
    html: str
    version: str
    reply_to: str = ""
    unsubscribe: str = ""
    #: The text as the ledger keeps it, where that is not the text sent: a one-time code is not kept.
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """Where the student of a case does their part, and where they end optional mail; empty where there is no such page."""

    page: str = ""
    unsubscribe: str = ""


def office_words(name: str, plantel_id: int | None) -> Texts:
    """The words every plantel starts with."""
    return texts(name)


def compose(reminder: Reminder, *, parts: Sequence[Reminder] = (), words: Words = office_words, links: Links = Links()) -> Letter:
    """Write the letter of `reminder`, with what travels in it, from the facts of this moment.

    Needs its kind and its case with student and plantel; of a tutor's, the student's tutor.
    """
    if reminder.kind.is_report:
        return _report(reminder)
    return _to_person(reminder, parts, words, links)


def one_line(text: str) -> str:
    """`text` on one line, without control, format or other invisible characters: fit for a header and for a sentence."""
    if text.isprintable():
        return " ".join(text.split())
    visible = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text if unicodedata.category(c) not in {"Cf", "Cs", "Co"}
    )
    return " ".join(visible.split())


def discreet(reason: str) -> str:
    """Return an officer's reason fit for a sentence of a mail: without NSS or CURP, without full stop, at most _LONGEST_REASON letters."""
    return shorten(_SPACED_NSS.sub("[NSS]", masked(one_line(reason))), _LONGEST_REASON, placeholder="…").rstrip(". ")


def values_for(case: Case, *, page: str = "", tutor: str = "", own: Mapping[str, str] = {}) -> dict[str, str]:
    """What the words of a letter may name. Never the NSS nor the CURP: the folio stands for the case.

    `own`: what only some kinds say. Of a receipt "documentos" and "recibido" (when), of a sheet refused "motivo".
    """
    student, plantel = case.student, case.plantel
    values = {
        "nombre": own.get("destinatario", "") or student.nombre,
        "alumno": student.nombre,
        "tutor": tutor,
        "folio": case.folio,
        "vence": long_date(case.due_on) if case.due_on else "",
        "plantel": plantel.name,
        "responsable": plantel.contact_name,
        "correo": address(plantel.contact_email),
        "telefono": plantel.contact_phone,
        "domicilio": plantel.address,
        "horario": plantel.office_hours,
        "umf": case.umf or plantel.umf,
        "pagina": page,
        "documentos": own.get("documentos", ""),
        "recibido": own.get("recibido", ""),
        "motivo": discreet(own.get("motivo", "")),
        **{name: own.get(name, "") for name in ("codigo", "tramite", "minutos", "correo_nuevo")},
    }
    return {name: one_line(value) for name, value in values.items()}


def _to_person(reminder: Reminder, parts: Sequence[Reminder], words: Words, links: Links) -> Letter:
    case = _case_of(reminder)
    layout, tutor = reminder.kind.layout, _tutor_of(case) if reminder.kind.audience == ReminderKind.Audience.TUTOR else ""
    values = values_for(case, page=links.page, tutor=tutor, own=reminder.data)
    raw = [words(row.kind.texts, _case_of(row).plantel_id) for row in (reminder, *parts)]
    also = _also(raw[0].filled(values), parts, raw[1:]) if parts else ()
    common = _laid_out(layout, raw[0], also, _marked(values), wants_sheet=case.state in BEFORE_THE_SHEET)
    optional = all(row.kind.optional for row in (reminder, *parts))
    return Letter(
        subject=shorten(_filled(common.subject, values), _LONGEST_SUBJECT, placeholder="…"),
        text=_filled(common.text, values),
        html=_filled(common.html, {name: escape(values[name]) for name in _PERSONAL}),
        version=version(*raw, layouts=(layout,)),
        reply_to=values["correo"],
        unsubscribe=links.unsubscribe if optional else "",
        kept=_filled(common.text, {**values, "codigo": HIDDEN}) if values["codigo"] else "",
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """A letter in which the person's own data are marks: laid out once for all who get the same."""

    subject: str
    text: str
    html: str


@lru_cache(maxsize=512)
def _laid_out(layout: str, raw: Texts, also: tuple[Texts, ...], marked: tuple[tuple[str, str], ...], *, wants_sheet: bool) -> _Layout:
    values = dict(marked)
    filled = raw.filled(values)
    context = {"words": filled, "also": also, "wants_sheet": wants_sheet, **values}
    html = render_to_string(f"mail/{layout}.html", context)
    return _Layout(filled.subject, render_to_string(f"mail/{layout}.txt", context), html)


def _marked(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The values, with a mark for each that is the person's own; what is empty stays so, for the layout asks."""
    return tuple((name, f"\ue000{name}\ue001" if value and name in _PERSONAL else value) for name, value in values.items())


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _MARK.sub(lambda mark: values[mark[1]], text)


def _also(first: Texts, parts: Sequence[Reminder], raw: Sequence[Texts]) -> tuple[Texts, ...]:
    """What else the mail says: each thing to do once."""
    actions = {first.action}
    others = []
    for row, words in zip(parts, raw, strict=True):
        filled = words.filled(values_for(_case_of(row), own=row.data))
        if filled.action not in actions:
            actions.add(filled.action)
            others.append(filled)
    return tuple(others)


def _case_of(reminder: Reminder) -> Case:
    if reminder.case is None:
        raise ValueError(f"reminder {reminder.pk} to a person has no case")
    return reminder.case


def _tutor_of(case: Case) -> str:
    tutor = getattr(case.student, "tutor", None)
    return tutor.name if tutor else ""


def _report(reminder: Reminder) -> Letter:
    name = reminder.kind.texts
    context = {"night": long_date(reminder.night), "office_url": settings.OFFICE_URL, "kind": reminder.kind.key, **reminder.data}
    return Letter(
        subject=one_line(render_to_string(f"mail/{name}.subject.txt", context)),
        text=render_to_string(f"mail/{name}.txt", context),
        html=render_to_string(f"mail/{name}.html", context),
        version=version(layouts=(name,)),
    )
