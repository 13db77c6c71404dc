"""Letters as bytes: MIME, text and HTML alternatives, headers."""

from __future__ import annotations

import binascii
import datetime as dt
import hashlib
import re
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.core.mail import BadHeaderError
from django.core.mail.message import sanitize_address

from afiliacion.reminders.letters.compose import Letter

_BREAK: Final = re.compile(r"\r\n(?! )|\r(?!\n)|(?<!\r)\n")


def mail_bytes(letter: Letter, *, recipient: str, message_id: str, now: dt.datetime) -> bytes:
    """The letter as it travels: MIME, text and HTML, one recipient, seven bits a byte whatever its words.

    Written out here because the library takes longer over it than the mail server over the whole conversation.

    Raises:
        BadHeaderError: a header would hold a line break (nothing here can: letters are on one line, addresses are checked).
    """
    # "=_" stands in no quoted-printable text, so no text can end a part.
    boundary = f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:24]}"
    headers = {
        "From": _sender(settings.DEFAULT_FROM_EMAIL),
        "To": recipient,
        "Subject": _encoded(letter.subject),
        "Date": format_datetime(now),
        "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": "es-MX",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    if letter.reply_to:
        headers["Reply-To"] = letter.reply_to
    if letter.unsubscribe:
        # RFC 8058: one click, no questions.
        headers |= {"List-Unsubscribe": f"<{letter.unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    parts = (_part(boundary, "plain", letter.text), _part(boundary, "html", letter.html))
    return b"".join([*(_header(name, value) for name, value in headers.items()), b"\r\n", *parts, f"--{boundary}--\r\n".encode()])


@lru_cache(maxsize=4)
def _sender(address: str) -> str:
    return sanitize_address(address, "utf-8")


@lru_cache(maxsize=256)
def _encoded(subject: str) -> str:
    # A name may look like an encoded word: sent as it is, a reader would decode it into anything, line breaks too.
    plain = subject.isascii() and "=?" not in subject
    return Header(subject, "us-ascii" if plain else "utf-8", header_name="Subject").encode(linesep="\r\n")


def _header(name: str, value: str) -> bytes:
    # A long subject is folded: a line break only before a blank.
    if _BREAK.search(value):
        raise BadHeaderError(f"{name} would hold a line break")
    return f"{name}: {value}\r\n".encode("ascii")


def _part(boundary: str, kind: str, text: str) -> bytes:
    head = f'--{boundary}\r\nContent-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    lines = "\r\n".join(text.splitlines())
    return head.encode() + binascii.b2a_qp(lines.encode(), istext=True) + b"\r\n"
