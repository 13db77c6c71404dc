"""Cases in any state by the real verbs, and a mail server that can be rude."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Actor, Outcome
from afiliacion.cases.states import State
from afiliacion.operations.people import People
from afiliacion.reminders.decide import decide
from afiliacion.reminders.models import Reminder, ReminderKind
from students.models import Student
from tests.servers import MailSink

ON = dt.date(2026, 8, 10)
PROOF = "e" * 64


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class RudeSink(MailSink):
    """Keeps mail like MailSink, and answers as told: by recipient, by sender, or by holding its last word."""

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


@pytest.fixture(scope="session")
def rude_server() -> Iterator[RudeSink]:
    sink = RudeSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def sink(rude_server: RudeSink, settings: Any) -> Iterator[RudeSink]:
    rude_server.calm()
    settings.EMAIL_HOST, settings.EMAIL_PORT = rude_server.hostname, rude_server.port
    yield rude_server
    rude_server.go_on.set()


@pytest.fixture
def kinds(db: None) -> dict[str, ReminderKind]:
    return {kind.key: kind for kind in ReminderKind.objects.all()}


@pytest.fixture
def make_in(
    make_case: Callable[..., Case], make_student: Callable[..., Student], people: People, actor: Actor, now: dt.datetime
) -> Callable[..., Case]:
    """A case in the state asked for, there since `on`; further fields are the student's."""

    def move(case: Case, state: State, on: dt.date) -> Case:
        told = {case.pk: Happening(on, evidence=PROOF, reason="Prueba")}
        who: dict[str, Any] = {"actor": actor, "now": now}
        steps: dict[State, list[Callable[[], Outcome]]] = {State.SIN_NSS: [], State.NSS_OBTENIDO: []}
        steps[State.EN_SUBDELEGACION] = [lambda: verbs.escalate(told, **who)]
        steps[State.ACUSE_ENTREGADO] = [lambda: verbs.deliver_acuse([case.pk], on=on, **who)]
        steps[State.ALTA_ENVIADA] = [*steps[State.ACUSE_ENTREGADO], lambda: verbs.send_alta({case.pk: {}}, on=on, **who)]
        steps[State.VIGENTE] = [*steps[State.ALTA_ENVIADA], lambda: verbs.confirm_vigencia(told, **who)]
        steps[State.SIN_VIGENCIA] = [*steps[State.ALTA_ENVIADA], lambda: verbs.reject_alta(told, **who)]
        for step in steps[state]:
            outcome = step()
            assert outcome.done == [case.pk], outcome.skipped
        case.refresh_from_db()
        assert case.state == state
        return case

    def make(state: State, *, on: dt.date = ON, **student: Any) -> Case:
        nss = None if state is State.SIN_NSS else people.one().nss
        return move(make_case(student=make_student(nss=nss, **student)), state, on)

    return make


def told(case: Case) -> list[tuple[dt.date, str]]:
    """Nights and kinds of the mails the ledger has for a case, in order."""
    return list(Reminder.objects.filter(case=case).order_by("night", "pk").values_list("night", "kind__key"))


def through(nights: Iterable[dt.date], now: dt.datetime) -> None:
    """Decide each night, and let its mails go out before the next one."""
    for night in nights:
        decide(night, now)
        Reminder.objects.filter(status=Reminder.Status.QUEUED).update(status=Reminder.Status.SENT, sent_at=now, message_id="<x@y>")
