"""Whatever crashes, overlaps or reruns: no one is told the same thing twice."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings as project
from django.db import transaction
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afiliacion.cases.states import State
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.delivery import outbox
from afiliacion.reminders.delivery.mime import mail_bytes
from afiliacion.reminders.delivery.send import SendReport, send_due
from afiliacion.reminders.delivery.settle import settle
from afiliacion.reminders.delivery.smtp import SmtpConnection, envelope_sender
from afiliacion.reminders.models import Reminder
from tests.processes import database_url

NIGHT = dt.date(2026, 8, 12)
Status = Reminder.Status

SENDER = """
import datetime as dt, django
django.setup()
from afiliacion.reminders.delivery.send import send_due
send_due(dt.datetime.fromisoformat({now!r}), 100)
"""


@pytest.mark.usefixtures("committed")
def test_kill_9_between_the_text_and_the_write_back_doubles_nothing(sink, make_in, now):
    for _ in range(5):
        make_in(State.SIN_NSS)
    decide(NIGHT, now)
    sink.go_on.clear()
    with _sender_process(sink, now) as sender:
        assert sink.received.wait(60)
        sender.send_signal(signal.SIGKILL)
        sender.wait(10)
    sink.go_on.set()
    _leases_run_out()
    assert send_due(now, 100) == SendReport(sent=4, uncertain=1)
    assert send_due(now + dt.timedelta(days=1), 100) == SendReport()
    assert len(sink.messages) == 5
    assert set(sink.ids().values()) == {1}
    assert Reminder.objects.get(status=Status.UNCERTAIN).error


@pytest.mark.usefixtures("committed")
def test_kill_9_again_and_again_doubles_nothing_and_doubts_few(sink, make_in, now):
    for _ in range(30):
        make_in(State.SIN_NSS)
    decide(NIGHT, now)
    for _ in range(3):
        sink.received.clear()
        with _sender_process(sink, now) as sender:
            assert sink.received.wait(60)
            sender.send_signal(signal.SIGKILL)
            sender.wait(10)
        _leases_run_out()
    send_due(now, 100)
    statuses = Counter(Reminder.objects.values_list("status", flat=True))
    assert statuses[Status.SENT] + statuses[Status.UNCERTAIN] == 30
    # One connection for so few mails: at most one letter in doubt for each kill.
    assert statuses[Status.UNCERTAIN] <= 3
    assert set(sink.ids().values()) == {1}


def _sender_process(sink, now: dt.datetime) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DATABASE_URL": database_url(), "EMAIL_HOST": sink.hostname, "EMAIL_PORT": str(sink.port)}
    environment |= {"DJANGO_SETTINGS_MODULE": "afiliacion.settings", "PYTHONPATH": str(project.BASE_DIR)}
    return subprocess.Popen([sys.executable, "-c", SENDER.format(now=now.isoformat())], env=environment)  # noqa: S603 - our own code


def _leases_run_out() -> None:
    Reminder.objects.exclude(lease=None).update(lease_until="2000-01-01T00:00:00Z")


# A crash is what is never executed: each sender stops after so many of its steps.
ACTIONS = st.one_of(
    st.tuples(st.just("decide"), st.integers(0, 8)),
    st.tuples(st.just("decide, then roll back"), st.integers(0, 8)),
    st.tuples(st.sampled_from(["claim", "announce", "deliver", "write back", "write back late"]), st.integers(1, 3)),
    st.tuples(st.just("leases run out"), st.just(0)),
    st.tuples(st.just("sweep"), st.just(0)),
)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(ACTIONS, min_size=3, max_size=25))
def test_at_most_once_whatever_reruns_and_wherever_it_crashes(sink, make_in, now, actions):
    with transaction.atomic():
        sink.calm()
        for state in (State.SIN_NSS, State.NSS_OBTENIDO, State.EN_SUBDELEGACION):
            make_in(state)
        for action, n in (*actions, ("decide", 8), ("leases run out", 0), ("sweep", 0), ("write back", 9)):
            _act(action, n, now)
        _check(sink.ids())
        transaction.set_rollback(True)


def _act(action: str, n: int, now: dt.datetime) -> None:
    if action == "decide":
        decide(NIGHT + dt.timedelta(days=n), now)
    elif action == "decide, then roll back":
        with transaction.atomic():
            decide(NIGHT + dt.timedelta(days=n), now)
            transaction.set_rollback(True)
    elif action == "leases run out":
        _leases_run_out()
    elif action == "sweep":
        outbox.give_up_expired()
        outbox.drop_obsolete(now)
    else:
        _send_until(action, n, now)


def _send_until(last_step: str, n: int, now: dt.datetime) -> None:
    with SmtpConnection() as line:
        for claimed in outbox.claim(n, now):
            row = claimed.row
            if last_step == "claim" or not settle([], [claimed], now).ours or last_step == "announce":
                continue
            content = mail_bytes(claimed.letter, recipient=row.recipient, message_id=row.message_id, now=now)
            reply = line.deliver(envelope_sender(), row.recipient, content)
            if last_step == "write back late":
                _leases_run_out()
                outbox.give_up_expired()
            if last_step != "deliver":
                settle([(claimed, reply)], [], now)


def _check(delivered: Counter[str]) -> None:
    rows = {row.message_id or f"never claimed {row.pk}": row for row in Reminder.objects.all()}
    assert delivered.keys() <= rows.keys()
    for message_id, row in rows.items():
        times = delivered[message_id]
        assert times <= 1
        assert row.status != Status.SENT or times == 1
        assert row.status not in {Status.QUEUED, Status.DROPPED} or times == 0
    doubles = Reminder.objects.values("case", "kind", "step", "recipient").annotate(n=Count("pk")).filter(n__gt=1)
    assert not doubles.exists()
    a_night = Reminder.objects.values("student", "night").annotate(n=Count("pk")).filter(n__gt=1)
    assert not a_night.exists()
