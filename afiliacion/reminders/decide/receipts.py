"""Receipts by mail of what a student handed in: rows of the same ledger, sent by the same senders, once for each reception."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any, Final

from django.utils import timezone

from afiliacion.cases.clock import long_date
from afiliacion.cases.models import Case
from afiliacion.reminders.address import address
from afiliacion.reminders.decide.hours import Hours
from afiliacion.reminders.models import BadAddress, Reminder, ReminderKind
from afiliacion.reminders.models.reminder import BY_MAIL, RECEIPT
from afiliacion.reminders.silent_students import WHY, silent_students

Status = Reminder.Status
#: What the words of some kinds may name besides those of every mail.
SAMPLE: Final = {
    "documentos": "Acuse del NSS impreso, CURP", "recibido": "lunes 10 de agosto de 2026 a las 10:30",
    "motivo": "La foto está borrosa y no se lee el número", "codigo": "000000", "tramite": "renunciar al seguro de estudiante",
    "minutos": "15", "correo_nuevo": "a•••@correo.example.mx",
}  # fmt: skip


class NoReceipt(Exception):
    """No mail can be sent; str() says why in Spanish."""


def mail(case: Case, key: uuid.UUID, documents: Iterable[str], *, by: int | None, at: dt.datetime, now: dt.datetime) -> Reminder:
    """Queue the receipt of the `documents` (labels) handed in `at`, known by `key`, for the user `by` (id): the row, whether new or not.

    Needs the case's student. Raises NoReceipt if the student cannot be written to.
    """
    when = timezone.localtime(at)
    data = {"issuer": by, "documentos": ", ".join(documents), "recibido": f"{long_date(when.date())} a las {when:%H:%M}"}
    return _queue(case, RECEIPT, str(key), data, now)


def answer(case: Case, key: str, documents: str, missing: str, *, now: dt.datetime) -> Reminder:
    """Queue the answer to a mail with documents, known by `key`: what they are, and what is missing. Likewise."""
    return _queue(case, BY_MAIL, key, {"documentos": documents, "motivo": missing}, now)


def _queue(case: Case, kind_key: str, step: str, data: dict[str, Any], now: dt.datetime) -> Reminder:
    if silent_students([case.student_id]):
        raise NoReceipt(f"No se le escribe: {WHY}")
    to = address(case.student.email)
    if not to:
        raise NoReceipt("No tiene un correo válido: imprima el recibo.")
    if BadAddress.objects.filter(pk=to).exists():
        raise NoReceipt(f"El correo {to} no sirve: imprima el recibo.")
    kind = ReminderKind.objects.get(key=kind_key)
    if not kind.active:
        raise NoReceipt("El recibo por correo está desactivado en Ajustes: imprímalo.")
    row, _ = Reminder.objects.get_or_create(
        case=case, kind=kind, step=step, recipient=to,
        defaults={
            "audience": kind.audience, "student": case.student, "night": timezone.localdate(now), "data": data, "created_at": now,
            "send_after": Hours().next_open(case.plantel_id, now),
        },
    )  # fmt: skip
    return row


def withdraw(key: uuid.UUID) -> None:
    """Drop the receipt of a reception (its key) that was undone, unless it is already being sent."""
    waiting = Reminder.objects.filter(kind__key=RECEIPT, step=str(key), status=Status.QUEUED, lease=None)
    waiting.update(status=Status.DROPPED, error="Se deshizo lo recibido antes de que saliera.")


def known(keys: Iterable[uuid.UUID]) -> dict[str, Reminder]:
    """Return the receipts of these receptions (keys), by key."""
    rows = Reminder.objects.filter(kind__key=RECEIPT, step__in=[str(key) for key in keys])
    return {row.step: row for row in rows.exclude(status=Status.DROPPED)}
