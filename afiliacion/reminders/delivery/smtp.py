"""Deliver letters over one SMTP connection. The result depends on how far the conversation got.

Until the text is handed over a broken conversation is harmless and may be repeated; from there on the server may have
accepted it, and only a person may decide to send it again.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any, Self

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from afiliacion.reminders.delivery.smtp_replies import MAX_REPLY, Reply, SmtpVerdict, judged, reply_text

log = logging.getLogger(__name__)


class NoServer(Exception):
    """The mail server does not answer or takes nothing from us; str() is its answer."""


class _Refusal(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.words)
        self.reply = reply


class SmtpConnection:
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
            NoServer: the server does not answer, or our login is refused.
        """
        if self._smtp is not None:
            return
        try:
            self._backend.open()
            self._smtp = self._backend.connection
            self._smtp.ehlo_or_helo_if_needed()
        except OSError as error:  # smtplib's own errors are OSErrors too
            self.close()
            raise NoServer(_error_text(error)) from error
        self._used = 0

    def deliver(self, sender: str, recipient: str, content: bytes, may_go: Callable[[], bool] = lambda: True) -> Reply:
        """Hand over one letter to one recipient. A connection the server had quietly closed is opened once more.

        `may_go` is asked (and may wait) when the server is ready for the text; if it says no, nothing is sent: NOT_OURS.
        """
        reused = self._used > 0
        reply = self._attempt(sender, recipient, content, may_go)
        if reply.verdict is SmtpVerdict.NO_SERVER and reused:
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
            log.info("mail server gone before QUIT: %s", _error_text(error))
            smtp.close()

    def _attempt(self, sender: str, recipient: str, content: bytes, may_go: Callable[[], bool]) -> Reply:
        try:
            self.open()
            self._envelope(sender, recipient)
            if not may_go():
                # Between DATA and its text there is no way back but to hang up.
                self._hang_up()
                return Reply(SmtpVerdict.NOT_OURS)
        except _Refusal as refusal:
            return self._refused(refusal.reply)
        except NoServer as error:
            self.close()
            return Reply(SmtpVerdict.NO_SERVER, str(error))
        except OSError as error:
            self.close()
            return Reply(SmtpVerdict.NO_SERVER, _error_text(error))
        return self._send_text(content)

    def _envelope(self, sender: str, recipient: str) -> None:
        code, words = self._smtp.mail(sender, ["BODY=8BITMIME"] if self._smtp.has_extn("8bitmime") else [])
        if code != 250:
            # Refusing our own address, the server would refuse every letter.
            reply = judged(code, words)
            raise _Refusal(reply) if reply.verdict is SmtpVerdict.STOP else NoServer(reply.words)
        _expect(self._smtp.rcpt(recipient), 250, 251)
        _expect(self._smtp.docmd("DATA"), 354)

    def _send_text(self, content: bytes) -> Reply:
        try:
            self._smtp.send(content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            code, words = self._smtp.getreply()
        except OSError as error:
            return self._doubt(_error_text(error))
        if 200 <= code < 300:
            return Reply(SmtpVerdict.SENT, reply_text(code, words))
        return self._refused(judged(code, words)) if 400 <= code < 600 else self._doubt(reply_text(code, words))

    def _hang_up(self) -> None:
        smtp, self._smtp, self._backend.connection = self._smtp, None, None
        smtp.close()

    def _doubt(self, words: str) -> Reply:
        self.close()
        return Reply(SmtpVerdict.UNCERTAIN, f"El texto se entregó y la respuesta no se entiende o no llegó: {words}")

    def _refused(self, reply: Reply) -> Reply:
        """Clear the conversation for the next letter; a server that is closing leaves no conversation to clear."""
        if reply.verdict in (SmtpVerdict.NO_SERVER, SmtpVerdict.STOP):
            self.close()
        else:
            try:
                self._smtp.rset()
            except OSError:
                self.close()
        return reply


def envelope_sender() -> str:
    """The bare address mails go out from, and come back to when they cannot be delivered."""
    return parseaddr(settings.REMINDER_BOUNCES_TO or settings.DEFAULT_FROM_EMAIL)[1]


def _expect(answer: tuple[int, bytes], *good: int) -> None:
    code, words = answer
    if code not in good:
        raise _Refusal(judged(code, words))


def _error_text(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException) and isinstance(error.smtp_error, bytes):
        return reply_text(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"[:MAX_REPLY]
