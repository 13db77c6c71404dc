"""A deploy, a broker that stops or forgets, a database that falls over, in the middle of sending: none twice, and all of them in the end.

The workers are the office's own, as processes; the clock is theirs.
"""

from __future__ import annotations

import datetime as dt
import http.client
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import connection
from django.utils import timezone
from redis import Redis

from afiliacion import wake
from afiliacion.cases.models import Case
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.letters import links
from afiliacion.reminders.models import MailRule, Reminder
from tests import processes
from tests.mailsink import FaultySink
from tests.roles import as_owner

Status = Reminder.Status
#: One connection for each hundred mails: two.
MAILS, LINES = 120, 2
#: Far more than anything here takes on an idle machine.
PATIENCE = 120.0

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("committed", "plain_static_files")]


@pytest.fixture
def now() -> dt.datetime:
    """The workers' own."""
    return timezone.now()


@pytest.fixture
def queue(make_case: Callable[..., Case], now: dt.datetime) -> Callable[[int], None]:
    """Decide so many mails, due at once whatever day and hour it is."""
    always = {"opens_at": dt.time(0), "closes_at": dt.time.max, "quiet_days": [], "rests_on_holidays": False}
    MailRule.objects.update_or_create(plantel=None, defaults=always)
    today = timezone.localdate(now)

    def decided(mails: int) -> None:
        for _ in range(mails):
            make_case(enrolled_on=today - dt.timedelta(days=30))
        assert decide(today, now).total == mails

    return decided


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[processes.Broker]:
    """A broker of our own, of this process too."""
    broker = processes.Broker(tmp_path)
    broker.start()
    monkeypatch.setenv("CELERY_BROKER_URL", broker.url)
    yield broker
    broker.stop()


@pytest.fixture
def start(sink: FaultySink, broker: processes.Broker, tmp_path: Path) -> Iterator[Callable[[list[str]], subprocess.Popen[bytes]]]:
    """Start one of the office's processes, which writes to the sink."""
    environment = os.environ | {
        "DATABASE_URL": processes.database_url(), "REDIS_URL": broker.url, "SWEEP_SECONDS": "1", "LOG_LEVEL": "WARNING",
        "EMAIL_HOST": sink.hostname, "EMAIL_PORT": str(sink.port), "REMINDER_CONNECTIONS": str(LINES), "REMINDER_LEASE_SECONDS": "10",
    }  # fmt: skip
    running: list[subprocess.Popen[bytes]] = []

    def begin(command: list[str]) -> subprocess.Popen[bytes]:
        running.append(processes.start(command, environment, tmp_path / "office.log"))
        return running[-1]

    yield begin
    for process in running:
        processes.end(process)


@pytest.fixture
def crew(start: Callable[[list[str]], subprocess.Popen[bytes]], tmp_path: Path) -> list[subprocess.Popen[bytes]]:
    """A worker, and the clock that wakes it every second."""
    return [start(processes.worker()), start(processes.beat(tmp_path / "schedule"))]


def until(holds: Callable[[], object]) -> None:
    """Wait for what other processes do."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, dict(Counter(Reminder.objects.values_list("status", flat=True)))
        time.sleep(0.02)


def all_sent() -> bool:
    return not Reminder.objects.exclude(status=Status.SENT).exists()


def test_f4_a_worker_told_to_end_finishes_the_letters_begun_and_the_next_sends_the_rest(start, broker, sink, queue):
    queue(MAILS)
    sink.seconds_a_mail = 0.03
    for received in (5, 30):
        worker = start(processes.worker())
        assert wake.publish()
        until(sink.has(received))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
        statuses = Counter(Reminder.objects.values_list("status", flat=True))
        assert statuses == {Status.SENT: len(sink.messages), Status.QUEUED: MAILS - len(sink.messages)}
        assert not Reminder.objects.exclude(lease=None).exists()
    sink.seconds_a_mail = 0.0
    start(processes.worker())
    wake.publish()
    until(all_sent)
    assert len(sink.ids()) == len(sink.messages) == MAILS


def test_f5_a_broker_that_stops_costs_nobody_a_mail_and_the_same_worker_goes_on(crew, broker, sink, queue, client, officer):
    queue(1)
    until(all_sent)
    broker.stop()
    client.force_login(officer)
    assert not wake.publish()
    assert client.get("/avisos/").status_code == 200
    queue(MAILS)
    broker.start()
    until(all_sent)
    assert [process.poll() for process in crew] == [None, None]
    assert len(sink.ids()) == len(sink.messages) == 1 + MAILS


def test_f6_a_broker_that_forgets_everything_loses_no_mail(crew, broker, sink, queue):
    queue(MAILS)
    sink.seconds_a_mail = 0.03
    with Redis.from_url(broker.url.replace("redis+socket://", "unix://")) as memory:
        for received in (1, 20, 50):
            until(sink.has(received))
            memory.flushall()
        until(all_sent)
        memory.flushall()
    queue(1)
    until(all_sent)
    assert len(sink.ids()) == len(sink.messages) == MAILS + 1


def test_f8_a_database_that_falls_over_leaves_in_doubt_a_letter_a_connection_and_the_student_a_page(crew, sink, queue, live_server):
    with as_owner() as cursor:
        # The tests' own database forgets what it has just committed, which no office's may.
        cursor.execute(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" SET synchronous_commit = on')
    queue(MAILS)
    page = _Page(live_server, Case.objects.earliest("pk"))
    sink.seconds_a_mail = 0.03
    for received in (5, 40):
        until(sink.has(received))
        processes.restart_database(page.ask)
    until(lambda: not Reminder.objects.filter(status__in=(Status.QUEUED, Status.SENDING)).exists())
    page.ask()
    statuses = Counter(Reminder.objects.values_list("status", flat=True))
    assert statuses[Status.UNCERTAIN] <= 2 * LINES
    assert statuses[Status.SENT] + statuses[Status.UNCERTAIN] == MAILS
    assert set(sink.ids().values()) == {1}
    assert statuses[Status.SENT] <= len(sink.messages) <= MAILS
    assert [process.poll() for process in crew] == [None, None]
    assert page.seen <= {page.WELL, page.AWAY}
    assert page.last == page.WELL


class _Page:
    """The page behind a student's link, asked over HTTP: what it answered, each time."""

    AWAY: Final = (503, "Volvemos en un momento")
    WELL: Final = (200, "Seguro de estudiante")

    def __init__(self, server: Any, case: Case) -> None:
        self._server = server.thread
        self._path = "/" + links.page_url(case, timezone.localdate()).split("/", 3)[3]
        self.seen: set[tuple[int, str]] = set()
        self.last = (0, "")

    def ask(self) -> None:
        line = http.client.HTTPConnection(self._server.host, self._server.port, timeout=30)
        line.request("GET", self._path)
        with line.getresponse() as answer:
            said = answer.read().decode()
        line.close()
        self.last = (answer.status, next((words for _, words in (self.AWAY, self.WELL) if words in said), said))
        self.seen.add(self.last)
