"""Real SMTP servers that keep what they receive; one that fails as a test tells it."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"


class MailSink(Controller):
    """A real SMTP server that keeps what it receives. `messages` are parsed, with the envelope's recipients in X-RcptTo."""

    def __init__(self) -> None:
        super().__init__(self, hostname=LOOPBACK, port=0, server_hostname="localhost")
        self.messages: list[EmailMessage] = []

    async def _create_server(self) -> Any:
        """Port 0 lets the system choose; afterwards `port` is the one chosen."""
        server: Any = await super()._create_server()
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        message = message_from_bytes(envelope.original_content or b"", policy=modern)
        message["X-RcptTo"] = ", ".join(envelope.rcpt_tos)
        self.messages.append(message)
        return "250 OK"


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class FaultySink(MailSink):
    """Keeps mail like MailSink, and answers as told: by recipient, by sender, or by holding its last reply."""

    def __init__(self) -> None:
        super().__init__()
        self.connections = 0
        self.calm()

    def calm(self) -> None:
        self.messages.clear()
        self.connections = 0
        self.answers: dict[str, str] = {}
        self.answer_to_sender = self.last_word = ""
        self.hang_up_after_text = False
        self.mails_per_connection = 0
        self.seconds_a_mail = 0.0
        self.received, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def has(self, mails: int) -> Callable[[], bool]:
        """To be asked whether so many have come."""
        return lambda: len(self.messages) >= mails

    def ids(self) -> Counter[str]:
        return Counter(str(message["Message-ID"]) for message in self.messages)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        session.taken = 0  # type: ignore[attr-defined] # a note of ours on the session
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mails_per_connection and session.taken >= self.mails_per_connection:  # type: ignore[attr-defined]
            _hang_up(server)
        envelope.mail_from = address
        return self.answer_to_sender or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = await super().handle_DATA(server, session, envelope)
        session.taken += 1  # type: ignore[attr-defined]
        self.received.set()
        await asyncio.sleep(self.seconds_a_mail)
        if self.hang_up_after_text:
            _hang_up(server)
        # The sink's loop has nothing else to do: its only client is being held.
        self.go_on.wait(30)
        return self.last_word or reply
