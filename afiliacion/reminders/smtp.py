"""One SMTP connection and what became of one letter: told apart by how far the conversation got.

Until the text is handed over a broken conversation is harmless and may be repeated; from there on the server may have
accepted it, and only a person may decide to send it again.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import smtplib
from dataclasses import dataclass
from email.utils import format_datetime, parseaddr
from enum import Enum
from typing import Any, Final, Self, cast

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, SafeMIMEMultipart
from django.core.mail.backends.smtp import EmailBackend

from afiliacion.reminders.letter import Letter

log = logging.getLogger(__name__)

_SERVICE_CLOSING: Final = 421
_LEADING_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
_MAX_REPLY: Final = 500


class Verdict(Enum):
    SENT = "sent"
    #: 4xx for this letter: try it again later.
    LATER = "later"
    #: 5xx for this letter: never.
    REFUSED = "refused"
    #: The connection died after the text was handed over.
    UNCERTAIN = "uncertain"
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

    def deliver(self, sender: str, recipient: str, content: bytes) -> Reply:
        """Hand over one letter to one recipient. A connection the server had quietly closed is opened once more."""
        reused = self._used > 0
        reply = self._attempt(sender, recipient, content)
        if reply.verdict is Verdict.NO_SERVER and reused:
            reply = self._attempt(sender, recipient, content)
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

    def _attempt(self, sender: str, recipient: str, content: bytes) -> Reply:
        try:
            self.open()
            self._envelope(sender, recipient)
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
            self._smtp.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
            code, words = self._smtp.getreply()
        except OSError as error:
            return self._doubt(_said(error))
        if 200 <= code < 300:
            return Reply(Verdict.SENT, _line(code, words))
        return self._refused(_judged(code, words)) if 400 <= code < 600 else self._doubt(_line(code, words))

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
    """The letter as it travels: MIME, text and HTML, one recipient.

    Raises:
        BadHeaderError: a header would hold a line break (nothing here can: letters are on one line, addresses are checked).
    """
    headers = {
        "Date": format_datetime(now),
        "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": "es-MX",
    }
    reply_to = [letter.reply_to] if letter.reply_to else None
    mail = EmailMultiAlternatives(letter.subject, letter.text, settings.DEFAULT_FROM_EMAIL, [recipient], headers=headers, reply_to=reply_to)
    mail.attach_alternative(letter.html, "text/html")
    return cast("SafeMIMEMultipart", mail.message()).as_bytes(linesep="\r\n")


def envelope_sender() -> str:
    """The bare address mails go out from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


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
