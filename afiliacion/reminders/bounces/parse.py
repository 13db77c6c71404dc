"""Interpret delivery reports (RFC 3464) and record what they say of our mails.

A report counts only if its Message-ID and recipient match a mail of the ledger: the return address accepts mail from any sender.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default as modern
from enum import Enum
from typing import Final

from django.db import transaction

from afiliacion.reminders.address import address
from afiliacion.reminders.delivery.smtp_replies import is_bad_address
from afiliacion.reminders.models import BadAddress, Reminder

Status = Reminder.Status

#: What a report may weigh: more is no report.
LARGEST_BYTES: Final = 2 * 2**20


class BounceResult(Enum):
    """What a message to the return address turned out to be; the value is how the command names it."""

    #: Never delivered, and the mailbox is not there: the address is marked.
    GONE = "regresó: la dirección no existe"
    #: Never delivered, for another reason (full, refused as spam): the mail is marked, the address is not.
    REFUSED = "regresó sin entregarse"
    #: Still being tried by the other side.
    DELAYED = "va con retraso"
    #: No delivery report, or about no letter of ours.
    NOTHING = "no es una devolución de un correo nuestro"


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A delivery report: the Message-ID it is about, the recipient, the action (failed, delayed…), the status (RFC 3463), the words."""

    message_id: str
    recipient: str
    action: str
    status: str
    words: str


def receive(raw: bytes, now: dt.datetime) -> BounceResult:
    """Record what one message (its bytes) to the return address says of a mail at `now`; return what it turned out to be.

    Receiving the same message again changes nothing.
    """
    report = read(raw)
    if report is None:
        return BounceResult.NOTHING
    with transaction.atomic():
        mail = Reminder.objects.select_for_update().filter(message_id=report.message_id, recipient=report.recipient, part_of=None).first()
        if mail is None:
            return BounceResult.NOTHING
        return _record(mail, report, now)


def read(raw: bytes) -> DeliveryReport | None:
    """Parse the delivery report in a message (its bytes); None if it is none."""
    if len(raw) > LARGEST_BYTES:
        return None
    message = message_from_bytes(raw, policy=modern)
    if message.get_content_type() != "multipart/report":
        return None
    status_part = next((part for part in message.walk() if part.get_content_type() == "message/delivery-status"), None)
    letter = next((part for part in message.walk() if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")), None)
    if status_part is None or letter is None:
        return None
    fields = _last_recipient(status_part)
    return DeliveryReport(
        message_id=_message_id(letter),
        recipient=address(_value(fields.get("Original-Recipient") or fields.get("Final-Recipient"))),
        action=str(fields.get("Action", "")).strip().lower(),
        status=str(fields.get("Status", "")).strip(),
        words=_value(fields.get("Diagnostic-Code"))[:500],
    )


def _record(mail: Reminder, report: DeliveryReport, now: dt.datetime) -> BounceResult:
    words = " ".join(filter(None, (report.status, report.words)))
    if report.action == "delayed" or (report.action == "failed" and report.status.startswith("4.")):
        Reminder.objects.filter(pk=mail.pk, status=Status.SENT).update(error=f"Va con retraso: {words}"[:500])
        return BounceResult.DELAYED
    if report.action != "failed":
        return BounceResult.NOTHING
    carried = Reminder.objects.filter(pk=mail.pk) | Reminder.objects.filter(part_of=mail.pk)
    # A report proves that a letter in doubt had gone out.
    carried.filter(status__in=(Status.SENT, Status.UNCERTAIN)).update(status=Status.BOUNCED, error=words[:500])
    if not is_bad_address(report.status, words):
        return BounceResult.REFUSED
    BadAddress.objects.get_or_create(address=mail.recipient, defaults={"since": now, "words": words[:500]})
    return BounceResult.GONE


def _last_recipient(status_part: EmailMessage | Message) -> Message:
    """Return the fields of the last recipient: our mails have one each."""
    groups = status_part.get_payload()
    return groups[-1] if isinstance(groups, list) and groups else Message()  # type: ignore[return-value]  # groups of fields are messages


def _message_id(letter: EmailMessage | Message) -> str:
    if letter.get_content_type() == "message/rfc822":
        inside = letter.get_payload()
        return str(inside[0].get("Message-ID", "")).strip() if isinstance(inside, list) and inside else ""  # type: ignore[union-attr]
    headers = letter.get_payload(decode=True)
    return str(message_from_bytes(headers if isinstance(headers, bytes) else b"", policy=modern).get("Message-ID", "")).strip()


def _value(field: object) -> str:
    """Return the value without its type: «x@example.mx» of «rfc822; x@example.mx»."""
    return str(field or "").rpartition(";")[2].strip()
