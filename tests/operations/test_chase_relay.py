"""One chase after the other, for as long as errands are due: handed over from task to task, and only one at a time."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import F
from django.utils import timezone

from afiliacion import wake
from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.celery import app
from afiliacion.imss.chase import lease
from afiliacion.imss.models import ConnectionState, Errand, ImssSettings
from afiliacion.imss.queue.plan import plan
from afiliacion.operations import chase_relay
from afiliacion.operations.servers.processes import tail
from tests import processes
from tests.imss.authority import Authority, says, well
from tests.imss.chase.test_database_faults import breaks_off
from tests.processes import Broker

CASES = 60


@pytest.fixture
def queue() -> Iterator[Callable[[], list[bytes]]]:
    """What waits in the broker."""
    with app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        channel.client.delete("celery")
        yield lambda: list(channel.client.lrange("celery", 0, -1))
        channel.client.delete("celery")


def due(make: Callable[..., Case], n: int) -> dt.date:
    """That many cases to ask about today."""
    now = timezone.now()
    for _ in range(n):
        make(State.SIN_NSS)
    plan(timezone.localdate(now), now)
    return timezone.localdate(now)


def ask(door: Callable[..., None], date: dt.date, seconds: float = 10.0, *, stopped: bool = False) -> None:
    door(date, timezone.now(), budget_seconds=seconds, stop=lambda: stopped)


def test_one_wake_up_is_enough_for_all_that_is_due(
    committed: None,
    authority: Authority,
    quick: Any,
    case_in: Callable[..., Case],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the time of one task: before, what it left waited for the next minute, and a cap was used for two thirds."""
    due(case_in, CASES)
    ImssSettings.objects.update(requests_per_second=20)
    broker, log = Broker(tmp_path / "broker"), tmp_path / "worker.log"
    broker.start()
    environment = os.environ | {
        "DATABASE_URL": processes.database_url(), "REDIS_URL": broker.url, "LOG_LEVEL": "WARNING", "CHASE_SECONDS": "0.7",
        "IMSS_URL": authority.url, "IMSS_FOLLOWS_DATE": "0", "IMSS_TIMEOUT_SECONDS": "5",
    }  # fmt: skip
    worker = processes.start(processes.worker(), environment, log)
    monkeypatch.setitem(app.conf, "broker_url", broker.url)
    try:
        assert wake.publish()
        while Errand.objects.filter(status=Errand.Status.OPEN).exists():
            assert processes.goes_on(worker), tail(log)
    finally:
        processes.end(worker)
        broker.stop()
    assert len(authority.asked) == CASES
    # So many requests at this rate take longer than one task, of which no other wake-up made a second.
    assert authority.at[-1] - authority.at[0] > 2 * 0.7


def test_a_chase_hands_over_once_and_nothing_when_all_is_asked(committed, authority, quick, case_in, queue):
    ImssSettings.objects.update(requests_per_second=20)
    date = due(case_in, 30)
    ask(chase_relay.begin, date, 0.5)
    (message,) = queue()
    assert b"go_on_asking" in message
    asked = len(authority.asked)
    assert 0 < asked < 30

    ask(chase_relay.begin, date)
    assert len(authority.asked) == asked, "a sweep begins no second chase beside the one handed over"
    ask(chase_relay.go_on, date)
    assert len(authority.asked) == 30
    ask(chase_relay.go_on, date)
    assert len(queue()) == 1
    assert ConnectionState.objects.get().chase_until is None


def test_a_message_that_came_twice_asks_nothing(committed, authority, quick, case_in):
    date = due(case_in, 3)
    ask(chase_relay.go_on, date)
    assert authority.asked == []


def test_a_hand_over_that_got_lost_is_begun_anew(committed, authority, quick, case_in):
    date = due(case_in, 3)
    assert lease.begin()
    assert lease.hand_over(date)
    ask(chase_relay.begin, date)
    assert authority.asked == []
    ConnectionState.objects.update(chase_until=F("chase_until") - lease.LOST)
    ask(chase_relay.begin, date)
    assert len(authority.asked) == 3


def test_a_task_that_died_loses_its_lease(committed, authority, quick, case_in):
    date = due(case_in, 3)
    assert lease.begin()
    assert not lease.begin()
    ConnectionState.objects.update(chase_until=F("chase_until") - lease.LEASE)
    ask(chase_relay.begin, date)
    assert len(authority.asked) == 3


def test_told_to_stop_it_hands_over_to_another_worker(committed, authority, quick, case_in, queue):
    date = due(case_in, 3)
    ask(chase_relay.begin, date, stopped=True)
    assert (len(queue()), authority.asked) == (1, [])


@pytest.mark.parametrize("pause", [{"paused": True}, {"way": ImssSettings.Way.BY_HAND}])
def test_the_kill_switch_ends_the_relay(committed, authority, quick, case_in, queue, pause):
    date = due(case_in, 3)
    ImssSettings.objects.update(**pause)
    ask(chase_relay.begin, date)
    assert (queue(), authority.asked) == ([], [])
    assert lease.begin()


def test_an_outage_keeps_no_worker_busy(committed, authority, quick, case_in, queue):
    """The sweep of every minute probes it."""
    date = due(case_in, 30)
    authority.behave = says({}, status=503)
    ask(chase_relay.begin, date, 1.0)
    assert (queue(), ConnectionState.objects.get().chase_until) == ([], None)
    authority.behave = well
    ask(chase_relay.begin, date)
    assert not Errand.objects.filter(status=Errand.Status.OPEN, next_on__lte=date).exists()


def test_without_a_broker_the_next_sweep_goes_on(committed, authority, quick, case_in, monkeypatch):
    date = due(case_in, 3)
    monkeypatch.setitem(app.conf, "broker_url", "redis://127.0.0.1:9/0")
    ask(chase_relay.begin, date, stopped=True)
    ask(chase_relay.begin, date)
    assert len(authority.asked) == 3


def test_a_chase_that_fails_gives_the_lease_back(committed, authority, quick, case_in):
    date = due(case_in, 3)
    with breaks_off("40001", 1000), pytest.raises(Exception, match="SerializationFailure") as raised:
        ask(chase_relay.begin, date)
    assert isinstance(raised.value.__cause__, OperationalError)
    ask(chase_relay.begin, date)
    assert not Errand.objects.filter(status=Errand.Status.OPEN, next_on__lte=date).exists()
