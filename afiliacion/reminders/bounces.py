"""Mail that came back: a delivery report (RFC 3464) says of which letter, for whom, and whether for good.

Only a report about a letter of ours counts, told by its Message-ID and by whom it was for: anybody can write to an address.
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

from afiliacion.reminders.models import BadAddress, Reminder
from afiliacion.reminders.rules import address
from afiliacion.reminders.smtp import is_bad_address

Status = Reminder.Status

#: What a report may weigh: more is no report.
LARGEST_BYTES: Final = 2 * 2**20


class Heard(Enum):
    """What a message turned out to be."""

    #: Never delivered, and the mailbox is not there: the address is marked.
    GONE = "regresó: la dirección no existe"
    #: Never delivered, for another reason (full, refused as spam): the mail is marked, the address is not.
    REFUSED = "regresó sin entregarse"
    #: Still being tried by the other side.
    DELAYED = "va con retraso"
    #: No delivery report, or about no letter of ours.
    NOTHING = "no es una devolución de un correo nuestro"


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report says: of which letter, for whom, what was done (failed, delayed…), the status and the words."""

    message_id: str
    recipient: str
    action: str
    status: str
    words: str


def hear(raw: bytes, now: dt.datetime) -> Heard:
    """Take in one message that came to the address of returns. Hearing it again changes nothing."""
    report = read(raw)
    if report is None:
        return Heard.NOTHING
    with transaction.atomic():
        mail = Reminder.objects.select_for_update().filter(message_id=report.message_id, recipient=report.recipient, part_of=None).first()
        if mail is None:
            return Heard.NOTHING
        return _note(mail, report, now)


def read(raw: bytes) -> Report | None:
    """The delivery report in a message, if it is one."""
    if len(raw) > LARGEST_BYTES:
        return None
    message = message_from_bytes(raw, policy=modern)
    if message.get_content_type() != "multipart/report":
        return None
    told = next((part for part in message.walk() if part.get_content_type() == "message/delivery-status"), None)
    letter = next((part for part in message.walk() if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")), None)
    if told is None or letter is None:
        return None
    fields = _last_recipient(told)
    return Report(
        message_id=_message_id(letter),
        recipient=address(_value(fields.get("Original-Recipient") or fields.get("Final-Recipient"))),
        action=str(fields.get("Action", "")).strip().lower(),
        status=str(fields.get("Status", "")).strip(),
        words=_value(fields.get("Diagnostic-Code"))[:500],
    )


def _note(mail: Reminder, report: Report, now: dt.datetime) -> Heard:
    words = " ".join(filter(None, (report.status, report.words)))
    if report.action == "delayed" or (report.action == "failed" and report.status.startswith("4.")):
        Reminder.objects.filter(pk=mail.pk, status=Status.SENT).update(error=f"Va con retraso: {words}"[:500])
        return Heard.DELAYED
    if report.action != "failed":
        return Heard.NOTHING
    carried = Reminder.objects.filter(pk=mail.pk) | Reminder.objects.filter(part_of=mail.pk)
    # A report proves that a letter in doubt had gone out.
    carried.filter(status__in=(Status.SENT, Status.UNCERTAIN)).update(status=Status.BOUNCED, error=words[:500])
    if not is_bad_address(report.status, words):
        return Heard.REFUSED
    BadAddress.objects.get_or_create(address=mail.recipient, defaults={"since": now, "words": words[:500]})
    return Heard.GONE


def _last_recipient(told: EmailMessage | Message) -> Message:
    """The fields about the one recipient: our letters have one each."""
    groups = told.get_payload()
    return groups[-1] if isinstance(groups, list) and groups else Message()  # type: ignore[return-value]  # groups of fields are messages


def _message_id(letter: EmailMessage | Message) -> str:
    if letter.get_content_type() == "message/rfc822":
        inside = letter.get_payload()
        return str(inside[0].get("Message-ID", "")).strip() if isinstance(inside, list) and inside else ""  # type: ignore[union-attr]
    headers = letter.get_payload(decode=True)
    return str(message_from_bytes(headers if isinstance(headers, bytes) else b"", policy=modern).get("Message-ID", "")).strip()


def _value(field: object) -> str:
    """What stands after the type in «rfc822; somebody@example.mx»."""
    return str(field or "").rpartition(";")[2].strip()
