"""One SMTP connection and what became of one letter: told apart by how far the conversation got.

Until the text is handed over a broken conversation is harmless and may be repeated; from there on the server may have
accepted it, and only a person may decide to send it again.
"""

from __future__ import annotations

import binascii
import datetime as dt
import hashlib
import logging
import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime, parseaddr
from enum import Enum
from functools import lru_cache
from typing import Any, Final, Self

from django.conf import settings
from django.core.mail import BadHeaderError
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from afiliacion.reminders.letter import Letter

log = logging.getLogger(__name__)

_SERVICE_CLOSING: Final = 421
_BREAK: Final = re.compile(r"\r\n(?! )|\r(?!\n)|(?<!\r)\n")
_ENHANCED: Final = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_NO_MAILBOX: Final = re.compile(r"5\.(1\.(1|2|3|6|10)|4\.4)$")
_MAX_REPLY: Final = 500


class Verdict(Enum):
    SENT = "sent"
    #: 4xx for this letter: try it again later.
    LATER = "later"
    #: 5xx for this letter: never.
    REFUSED = "refused"
    #: The connection died after the text was handed over.
    UNCERTAIN = "uncertain"
    #: It was somebody else's meanwhile; its text did not go out.
    NOT_OURS = "not_ours"
    #: No server, no login, or it takes nothing from us: no fault of the letter.
    NO_SERVER = "no_server"


@dataclass(frozen=True, slots=True)
class Reply:
    verdict: Verdict
    words: str = ""


class NoServer(Exception):
    """The mail server does not answer or takes nothing from us; str() is what it said."""


class _Refusal(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.words)
        self.reply = reply


class Line:
    """A connection to the mail server of the settings, opened when first needed and reused; use it as a context manager."""

    def __init__(self) -> None:
        self._backend = EmailBackend()
        self._smtp: Any = None
        self._used = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect, unless already connected.

        Raises:
            NoServer: nobody answers, or our login is refused.
        """
        if self._smtp is not None:
            return
        try:
            self._backend.open()
            self._smtp = self._backend.connection
            self._smtp.ehlo_or_helo_if_needed()
        except OSError as error:  # smtplib's own errors are OSErrors too
            self.close()
            raise NoServer(_said(error)) from error
        self._used = 0

    def deliver(self, sender: str, recipient: str, content: bytes, may_go: Callable[[], bool] = lambda: True) -> Reply:
        """Hand over one letter to one recipient. A connection the server had quietly closed is opened once more.

        `may_go` is asked (and may wait) when the server is ready for the text; if it says no, nothing is sent: NOT_OURS.
        """
        reused = self._used > 0
        reply = self._attempt(sender, recipient, content, may_go)
        if reply.verdict is Verdict.NO_SERVER and reused:
            reply = self._attempt(sender, recipient, content, may_go)
        self._used += 1
        return reply

    def close(self) -> None:
        """Say goodbye; a server that no longer listens is no error."""
        smtp, self._smtp, self._backend.connection = self._backend.connection, None, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except OSError as error:
            log.info("mail server gone before QUIT: %s", _said(error))
            smtp.close()

    def _attempt(self, sender: str, recipient: str, content: bytes, may_go: Callable[[], bool]) -> Reply:
        try:
            self.open()
            self._envelope(sender, recipient)
            if not may_go():
                # Between DATA and its text there is no way back but to hang up.
                self._hang_up()
                return Reply(Verdict.NOT_OURS)
        except _Refusal as refusal:
            return self._refused(refusal.reply)
        except NoServer as error:
            self.close()
            return Reply(Verdict.NO_SERVER, str(error))
        except OSError as error:
            self.close()
            return Reply(Verdict.NO_SERVER, _said(error))
        return self._hand_over(content)

    def _envelope(self, sender: str, recipient: str) -> None:
        code, words = self._smtp.mail(sender, ["BODY=8BITMIME"] if self._smtp.has_extn("8bitmime") else [])
        if code != 250:
            # A server that refuses our own address would refuse it for everybody: nobody's letter is to blame.
            raise NoServer(_line(code, words))
        _expect(self._smtp.rcpt(recipient), 250, 251)
        _expect(self._smtp.docmd("DATA"), 354)

    def _hand_over(self, content: bytes) -> Reply:
        try:
            self._smtp.send(content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            code, words = self._smtp.getreply()
        except OSError as error:
            return self._doubt(_said(error))
        if 200 <= code < 300:
            return Reply(Verdict.SENT, _line(code, words))
        return self._refused(_judged(code, words)) if 400 <= code < 600 else self._doubt(_line(code, words))

    def _hang_up(self) -> None:
        smtp, self._smtp, self._backend.connection = self._smtp, None, None
        smtp.close()

    def _doubt(self, said: str) -> Reply:
        self.close()
        return Reply(Verdict.UNCERTAIN, f"El texto se entregó y la respuesta no se entiende o no llegó: {said}")

    def _refused(self, reply: Reply) -> Reply:
        """Clear the conversation for the next letter; a server that is closing leaves no conversation to clear."""
        if reply.verdict is Verdict.NO_SERVER:
            self.close()
        else:
            try:
                self._smtp.rset()
            except OSError:
                self.close()
        return reply


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


def envelope_sender() -> str:
    """The bare address mails go out from, and come back to when they cannot be delivered."""
    return parseaddr(settings.REMINDER_BOUNCES_TO or settings.DEFAULT_FROM_EMAIL)[1]


def is_bad_address(status: str, words: str) -> bool:
    """Whether a permanent refusal says that the mailbox or its domain is not there (RFC 3463: 5.1.x, and 5.4.4), not merely that
    this letter was not wanted."""
    enhanced = status or next(iter(_ENHANCED.findall(words)), "")
    return bool(_NO_MAILBOX.match(enhanced))


def _expect(answer: tuple[int, bytes], *good: int) -> None:
    code, words = answer
    if code not in good:
        raise _Refusal(_judged(code, words))


def _judged(code: int, words: bytes) -> Reply:
    if code == _SERVICE_CLOSING or code < 400:
        return Reply(Verdict.NO_SERVER, _line(code, words))
    return Reply(Verdict.LATER if code < 500 else Verdict.REFUSED, _line(code, words))


def _line(code: int, words: bytes) -> str:
    return f"{code} {words.decode('utf-8', 'replace')}"[:_MAX_REPLY]


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException) and isinstance(error.smtp_error, bytes):
        return _line(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"[:_MAX_REPLY]
