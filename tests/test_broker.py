"""Garbage in the broker ends no worker, and wake-ups no worker takes do not pile up."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.beat import ScheduleEntry
from celery.schedules import schedule
from redis import Redis

from afiliacion import wake
from afiliacion.broker import BeatScheduler
from afiliacion.celery import app
from afiliacion.operations.models import NightRun
from afiliacion.operations.servers.processes import tail
from tests import processes
from tests.processes import Broker

PROPERTIES = {"body_encoding": "base64", "delivery_info": {"exchange": "", "routing_key": "celery"}, "delivery_tag": "1"}
WHOLE = {"body": "", "headers": {"task": "x", "id": "1"}, "properties": PROPERTIES, "content-type": "a", "content-encoding": "b"}
GARBAGE: dict[str, bytes] = {
    "no text": b"\xff\xfe\x00",
    "no JSON": b"hola",
    "half a message": b'{"body": "',
    "a number": b"7",
    "a list": b"[]",
    "nothing": b"",
    "no fields": b"{}",
    "no properties": json.dumps(WHOLE | {"properties": None}).encode(),
    "no Base64": json.dumps(WHOLE | {"body": "á"}).encode(),
    "no task": json.dumps(WHOLE | {"headers": {}}).encode(),
    "headers no object": json.dumps(WHOLE | {"headers": 7}).encode(),
    "a task nobody knows": json.dumps(WHOLE).encode(),
    "a pickle": json.dumps(
        WHOLE | {"body": base64.b64encode(b"cos\nsystem\n(S'true'\ntR.").decode(), "content-type": "application/x-python-serialize"}
    ).encode(),
    "a sweep with a body that is none": json.dumps(WHOLE | {"headers": {"task": wake.SWEEP, "id": "2"}, "body": "e30="}).encode(),
}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def memory(broker: Broker) -> Iterator[Any]:
    with Redis.from_url(broker.url.replace("redis+socket://", "unix://")) as memory:
        yield memory


def test_s15_unreadable_messages_are_discarded_and_the_worker_goes_on(
    committed: None, broker: Broker, memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep that waits behind them finds the night of today missing, and has it made."""
    log = tmp_path / "worker.log"
    monkeypatch.setitem(app.conf, "broker_url", broker.url)
    for message in GARBAGE.values():
        memory.lpush("celery", message)
    assert wake.publish()
    environment = os.environ | {
        "DATABASE_URL": processes.database_url(), "REDIS_URL": broker.url, "NIGHT_HOUR": "0", "NIGHT_MINUTE": "0", "IMSS_URL": "",
    }  # fmt: skip
    worker = processes.start(processes.worker(), environment, log)
    try:
        while not NightRun.objects.filter(finished_at__isnull=False).exists():
            assert processes.goes_on(worker), tail(log)
    finally:
        processes.end(worker)
    assert memory.llen("celery") == 0
    assert "an unreadable message of the broker was discarded" in log.read_text()


def test_beat_sends_no_wake_up_of_which_one_waits(broker: Broker, memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.conf, "broker_url", broker.url)
    scheduler = BeatScheduler(app=app, schedule_filename=str(tmp_path / "schedule"))
    sweep = ScheduleEntry("sweep", wake.SWEEP, schedule=schedule(60.0), app=app)
    rolls = ScheduleEntry("rolls", "afiliacion.roll.tasks.work", schedule=schedule(20.0), app=app)
    try:
        for _ in range(3):
            scheduler.apply_entry(sweep, producer=scheduler.producer)
        assert memory.llen("celery") == 1
        scheduler.apply_entry(rolls, producer=scheduler.producer)
        assert memory.llen("celery") == 2
        memory.rpop("celery")
        scheduler.apply_entry(sweep, producer=scheduler.producer)
        assert memory.llen("celery") == 2
    finally:
        scheduler.close()
