"""What a message brings: who says they sent it, whether a machine did, and the attachments that may be documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default as modern
from email.utils import parseaddr
from typing import Final

from afiliacion.papers_in.bringing import plain_name
from afiliacion.reminders.address import address

#: A picture inside a text that weighs less is the logo of a signature; a photo in which a sheet can be read weighs more.
LOGO_BYTES: Final = 30_000
_KINDS: Final = ("image/", "application/pdf", "application/octet-stream", "application/x-pdf")
_BY_MACHINE: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
#: Headers that only such mails have, by how they begin: X-Autoreply, X-Auto-Response-Suppress, List-Id…
_SAYING_SO: Final = ("x-auto", "list-", "feedback-id")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that may be a document, by its name in the message."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message. `key`: its name whatever way it comes; `sender`: an address or empty, which proves nothing; `by_machine`: left alone."""

    key: str
    sender: str
    by_machine: bool
    attachments: tuple[Attachment, ...]


def read(raw: bytes, own: frozenset[str]) -> Incoming:
    """Read a message, whole or its headers alone. `own`: our addresses, to which nothing is answered."""
    message = message_from_bytes(raw, policy=modern)
    sender = address(parseaddr(_header(message, "From"))[1])
    machine = _is_by_machine(message) or sender in own or not sender
    files = () if machine else tuple(_attachments(message))
    return Incoming(_key(message, raw), sender, machine, files)


def _key(message: Message, raw: bytes) -> str:
    """By its Message-ID and sender, which a server keeps when it gives a message again; without one, by its bytes."""
    named = f"{_header(message, 'Message-ID')}|{_header(message, 'From')}|{_header(message, 'Date')}"
    return hashlib.sha256(named.encode("utf-8", "replace") if _header(message, "Message-ID") else raw).hexdigest()


def _header(message: Message, name: str) -> str:
    """A header as text; empty where it is none, or one that cannot be read."""
    try:
        return str(message.get(name, "")).strip()
    except (ValueError, LookupError, IndexError, AttributeError):
        # The parser of headers ends so of some that are malformed.
        return ""


def _is_by_machine(message: Message) -> bool:
    """Automatic answers, lists, reports: RFC 3834, and what those say of themselves that do not know it."""
    submitted = _header(message, "Auto-Submitted").lower()
    return (
        submitted not in ("", "no")
        or _header(message, "Precedence").lower() in _BY_MACHINE
        or any(name.lower().startswith(_SAYING_SO) for name in message)
        or _header(message, "Return-Path") == "<>"
        or message.get_content_type() == "multipart/report"
    )


def _attachments(message: EmailMessage | Message) -> Iterator[Attachment]:
    for part in message.walk():
        if part.is_multipart() or not part.get_content_type().startswith(_KINDS):
            continue
        body = part.get_payload(decode=True)
        if isinstance(body, bytes) and body and not _is_logo(part, body):
            yield Attachment(_name(part), body)


def _is_logo(part: Message, body: bytes) -> bool:
    """A small picture that belongs to the text. A phone sends photos as inline too, but large ones."""
    inside = part.get_content_disposition() == "inline" or part.get("Content-ID") is not None
    return part.get_content_maintype() == "image" and inside and len(body) < LOGO_BYTES


def _name(part: Message) -> str:
    try:
        return plain_name(part.get_filename() or "")
    except (ValueError, LookupError):
        return ""
