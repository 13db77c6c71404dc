"""A pytest plugin: the servers the tests need, real ones, gone when the tests end (even when they are killed).

Loaded with `-p tests.servers`, ahead of the settings. With DATABASE_URL (or TEST_DATABASE_URL) and REDIS_URL set it
uses those servers and starts none.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from afiliacion.operations.embedded import Postgres, Server, Valkey
from afiliacion.operations.leases import Lease
from afiliacion.operations.problem import Problem

LOOPBACK = "127.0.0.1"
# Nothing listens on the port "discard": a test that mails without `smtp_sink` fails at once, and no mail leaves.
NOWHERE = "9"


class Servers:
    """The throwaway servers that nobody has named in the environment, below one temporary directory."""

    def __init__(self) -> None:
        self.data = Path(tempfile.gettempdir(), f"afiliacion-tests-{secrets.token_hex(8)}")
        wanted: dict[str, Server] = {"DATABASE_URL": Postgres(self.data, throwaway=True), "REDIS_URL": Valkey(self.data, throwaway=True)}
        own = {name: server for name, server in wanted.items() if not os.environ.get(name)}
        self.environment = {name: server.url for name, server in own.items()}
        self.leases = [Lease(server) for server in own.values()]

    def begin(self) -> None:
        self.data.mkdir(mode=0o700)
        for lease in self.leases:
            lease.begin()

    def wait(self) -> None:
        for lease in self.leases:
            lease.wait()

    def end(self) -> None:
        for lease in self.leases:
            lease.release()
        for lease in self.leases:
            lease.give_back()
        shutil.rmtree(self.data, ignore_errors=True)


def _prepare_environment() -> Servers:
    if url := os.environ.get("TEST_DATABASE_URL"):
        os.environ["DATABASE_URL"] = url
    found = Servers()
    os.environ.update(found.environment, AFILIACION_DATA=str(found.data), EMAIL_HOST=LOOPBACK, EMAIL_PORT=NOWHERE)
    os.environ.setdefault("SECRET_KEY", "only-for-tests")
    return found


servers = _prepare_environment()
atexit.register(servers.end)


def pytest_sessionstart() -> None:
    """They start while the tests are being collected."""
    servers.begin()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    try:
        servers.wait()
    except Problem as problem:
        pytest.exit(str(problem), returncode=pytest.ExitCode.USAGE_ERROR)


def pytest_unconfigure() -> None:
    servers.end()


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


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[MailSink]:
    sink = MailSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def smtp_sink(smtp_server: MailSink, settings: Any) -> MailSink:
    """An empty sink, with Django's mail really sent to it over SMTP."""
    smtp_server.messages.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = smtp_server.hostname, smtp_server.port
    return smtp_server
