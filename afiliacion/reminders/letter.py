"""From a row of the ledger to the letter that goes out: subject, plain text and HTML, and the version of their words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

from afiliacion.cases.clock import long_date
from afiliacion.cases.models import Case
from afiliacion.reminders.models import Reminder, ReminderKind
from afiliacion.reminders.rules import address
from afiliacion.reminders.texts import texts, version


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent. `reply_to` is an address or empty."""

    subject: str
    text: str
    html: str
    version: str
    reply_to: str = ""


def compose(reminder: Reminder) -> Letter:
    """Write the letter of `reminder` with the facts of this moment; needs its kind, and its case with student and plantel."""
    if reminder.kind.audience == ReminderKind.Audience.OFFICER:
        return _digest(reminder)
    return _to_student(reminder)


def one_line(text: str) -> str:
    """`text` on one line, without control, format or other invisible characters: fit for a header and for a sentence."""
    visible = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text if unicodedata.category(c) not in {"Cf", "Cs", "Co"}
    )
    return " ".join(visible.split())


def values_for(case: Case) -> dict[str, str]:
    """What the words of a letter to the student may name. Never the NSS nor the CURP: the folio stands for the case."""
    student, plantel = case.student, case.plantel
    said = {
        "nombre": student.nombre,
        "folio": case.folio,
        "vence": long_date(case.due_on) if case.due_on else "",
        "plantel": plantel.name,
        "responsable": plantel.contact_name,
        "correo": address(plantel.contact_email),
        "telefono": plantel.contact_phone,
        "domicilio": plantel.address,
        "horario": plantel.office_hours,
        "umf": case.umf or plantel.umf,
    }
    return {name: one_line(value) for name, value in said.items()}


def _to_student(reminder: Reminder) -> Letter:
    if reminder.case is None:
        raise ValueError(f"reminder {reminder.pk} to a student has no case")
    values = values_for(reminder.case)
    words = texts(reminder.kind.texts).filled(values)
    context = {"words": words, **values}
    return Letter(
        subject=words.subject,
        text=render_to_string("mail/student.txt", context),
        html=render_to_string("mail/student.html", context),
        version=version(reminder.kind.texts, "student"),
        reply_to=values["correo"],
    )


def _digest(reminder: Reminder) -> Letter:
    name = reminder.kind.texts
    context = {"night": long_date(reminder.night), "office_url": settings.OFFICE_URL, **reminder.data}
    return Letter(
        subject=one_line(render_to_string(f"mail/{name}.subject.txt", context)),
        text=render_to_string(f"mail/{name}.txt", context),
        html=render_to_string(f"mail/{name}.html", context),
        version=version(name),
    )
