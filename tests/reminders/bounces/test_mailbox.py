"""Returns read from a mailbox, over a real socket with a small real IMAP server."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from afiliacion.reminders.bounces.mailbox import NoMailbox, receive_mailbox
from afiliacion.reminders.bounces.parse import BounceResult
from afiliacion.reminders.models import BadAddress, Reminder
from tests.reminders.bounces.test_bounces import REPORT

pytestmark = pytest.mark.django_db

PASSWORD = "una clave"  # noqa: S105 - of a server that lives for one test


class Mailbox(socketserver.ThreadingTCPServer):
    """Just enough of RFC 3501: log in, select, search, fetch, store."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.messages: list[bytes] = []
        self.seen: set[int] = set()

    @property
    def url(self) -> str:
        return f"imap://devoluciones:una%20clave@127.0.0.1:{self.server_address[1]}/INBOX"


class _Conversation(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"* OK listo\r\n")
        while line := self.rfile.readline().decode().strip():
            tag, command, *rest = line.split(" ", 2)
            self.wfile.write(self._answer(command.upper(), " ".join(rest)) + f"{tag} ".encode() + self._closing(command.upper(), rest))

    def _answer(self, command: str, rest: str) -> bytes:
        box = self.server
        if command == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command == "SELECT":
            return f"* {len(box.messages)} EXISTS\r\n".encode()
        if command == "SEARCH":
            unseen = [str(n) for n in range(1, len(box.messages) + 1) if n not in box.seen]
            return f"* SEARCH {' '.join(unseen)}\r\n".encode()
        number = int(found[0]) if (found := re.findall(r"^\d+", rest)) else 0
        if command == "FETCH":
            body = box.messages[number - 1]
            return f"* {number} FETCH (BODY[]<0> {{{len(body)}}}\r\n".encode() + body + b")\r\n"
        if command == "STORE":
            box.seen.add(number)
            return f"* {number} FETCH (FLAGS (\\Seen))\r\n".encode()
        return b"* BYE\r\n" if command == "LOGOUT" else b""

    def _closing(self, command: str, rest: list[str]) -> bytes:
        refused = command == "LOGIN" and PASSWORD not in " ".join(rest)
        return b"NO no\r\n" if refused else b"OK hecho\r\n"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _report(of: Reminder) -> bytes:
    words = {"recipient": of.recipient, "action": "failed", "status": "5.1.1", "words": "550 no existe", "message_id": of.message_id}
    return REPORT.format(**words).encode()


def test_what_came_back_is_heard_once_and_marked_as_seen(mailbox, sent, now):
    mailbox.messages = [b"Subject: Hola\r\n\r\nGracias.\r\n", _report(sent)]
    assert receive_mailbox(mailbox.url, now) == {BounceResult.NOTHING: 1, BounceResult.GONE: 1}
    assert mailbox.seen == {1, 2}
    assert BadAddress.objects.get().address == sent.recipient
    assert Reminder.objects.get().status == Reminder.Status.BOUNCED
    assert receive_mailbox(mailbox.url, now) == {}


def test_a_mailbox_that_does_not_let_us_in_says_so_and_loses_nothing(mailbox, sent, now):
    mailbox.messages = [_report(sent)]
    with pytest.raises(NoMailbox, match="no se puede leer"):
        receive_mailbox(mailbox.url.replace("una%20clave", "otra"), now)
    assert mailbox.seen == set()


def test_the_command_reads_the_mailbox_of_the_settings(mailbox, sent, settings, capsys):
    mailbox.messages = [_report(sent)]
    settings.REMINDER_BOUNCES_IMAP = mailbox.url
    call_command("hear_bounces", "--mailbox")
    assert "regresó: la dirección no existe: 1" in capsys.readouterr().out
    settings.REMINDER_BOUNCES_IMAP = ""
    with pytest.raises(CommandError, match="REMINDER_BOUNCES_IMAP"):
        call_command("hear_bounces", "--mailbox")
