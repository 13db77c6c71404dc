"""The receipt of what a student handed in, by mail: a row of the same ledger, sent by the same senders, once however often asked."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Final

from django.utils import timezone

from afiliacion.cases.clock import long_date
from afiliacion.cases.models import Case
from afiliacion.reminders.hours import Hours
from afiliacion.reminders.models import BadAddress, Reminder, ReminderKind
from afiliacion.reminders.rules import address

Status = Reminder.Status
_KEY: Final = "recibo"
#: What the words of some kinds may name besides those of every mail.
SAMPLE: Final = {
    "documentos": "Acuse del NSS impreso, CURP", "recibido": "lunes 10 de agosto de 2026 a las 10:30",
    "motivo": "La foto está borrosa y no se lee el número",
}  # fmt: skip


class NoReceipt(Exception):
    """No mail can be sent; str() says why in Spanish."""


def mail(case: Case, key: uuid.UUID, documents: Iterable[str], *, at: dt.datetime, now: dt.datetime) -> Reminder:
    """Queue the receipt of what was handed in `at` (labels), known by `key`: the row, whether new or not.

    Needs the case's student. Raises NoReceipt if the student cannot be written to.
    """
    to = address(case.student.email)
    if not to:
        raise NoReceipt("No tiene un correo válido: imprima el recibo.")
    if BadAddress.objects.filter(pk=to).exists():
        raise NoReceipt(f"El correo {to} no sirve: imprima el recibo.")
    when = timezone.localtime(at)
    said = {"documentos": ", ".join(documents), "recibido": f"{long_date(when.date())} a las {when:%H:%M}"}
    kind = ReminderKind.objects.get(key=_KEY)
    if not kind.active:
        raise NoReceipt("El recibo por correo está desactivado en Ajustes: imprímalo.")
    row, _ = Reminder.objects.get_or_create(
        case=case, kind=kind, step=str(key), recipient=to,
        defaults={
            "audience": kind.audience, "student": case.student, "night": timezone.localdate(now), "data": said, "created_at": now,
            "send_after": Hours().next_open(case.plantel_id, now),
        },
    )  # fmt: skip
    return row


def withdraw(key: uuid.UUID) -> None:
    """What was received was undone: a receipt that nobody has begun to send does not go out."""
    waiting = Reminder.objects.filter(kind__key=_KEY, step=str(key), status=Status.QUEUED, lease=None)
    waiting.update(status=Status.DROPPED, error="Se deshizo lo recibido antes de que saliera.")


def known(keys: Iterable[uuid.UUID]) -> dict[str, Reminder]:
    """The receipts asked for, by key."""
    rows = Reminder.objects.filter(kind__key=_KEY, step__in=[str(key) for key in keys])
    return {row.step: row for row in rows.exclude(status=Status.DROPPED)}
