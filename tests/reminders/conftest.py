"""Cases in any state by the real verbs, and a mail server that fails as told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, Outcome
from afiliacion.cases.states import State
from afiliacion.operations.simulation.invented_people import People
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.models import Reminder, ReminderKind
from students.models import Student
from tests.mailsink import FaultySink

ON = dt.date(2026, 8, 10)
PROOF = "e" * 64
NIGHT = dt.date(2026, 8, 12)


@pytest.fixture(scope="session")
def faulty_server() -> Iterator[FaultySink]:
    sink = FaultySink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def sink(faulty_server: FaultySink, settings: Any) -> Iterator[FaultySink]:
    faulty_server.calm()
    settings.EMAIL_HOST, settings.EMAIL_PORT = faulty_server.hostname, faulty_server.port
    yield faulty_server
    faulty_server.go_on.set()


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
        act = Act(actor, now)
        steps: dict[State, list[Callable[[], Outcome]]] = {State.SIN_NSS: [], State.NSS_OBTENIDO: []}
        steps[State.EN_SUBDELEGACION] = [lambda: verbs.escalate(told, act=act)]
        steps[State.ACUSE_ENTREGADO] = [lambda: verbs.deliver_acuse([case.pk], on=on, act=act)]
        steps[State.ALTA_ENVIADA] = [*steps[State.ACUSE_ENTREGADO], lambda: verbs.send_alta({case.pk: {}}, on=on, act=act)]
        steps[State.VIGENTE] = [*steps[State.ALTA_ENVIADA], lambda: verbs.confirm_vigencia(told, act=act)]
        steps[State.SIN_VIGENCIA] = [*steps[State.ALTA_ENVIADA], lambda: verbs.reject_alta(told, act=act)]
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


@pytest.fixture
def sent(make_in, now) -> Reminder:
    make_in(State.SIN_NSS)
    decide(NIGHT, now)
    reminder = Reminder.objects.get()
    reminder.status, reminder.sent_at, reminder.message_id = Reminder.Status.SENT, now, reminder.own_message_id()
    reminder.save()
    return reminder
