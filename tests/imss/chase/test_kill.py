"""A worker killed or told to end, a broker that forgets or stops, in the middle of a chase: nothing is lost, IMSS is told nothing twice."""

import datetime as dt
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db.models.functions import Now
from redis import Redis

from afiliacion import wake
from afiliacion.cases.history.chain import broken_link
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.imss.chase.run import chase
from afiliacion.imss.models import Errand, ImssSettings, WorkerShare
from afiliacion.imss.queue.movements import request_altas
from afiliacion.operations.servers.processes import tail
from tests import processes
from tests.imss.conftest import at
from tests.imss_mock.harness import StandIn
from tests.processes import Broker, database_url, end, start

TODAY = dt.date(2026, 8, 20)
CASES = 40


def chase_until(stand_in: StandIn, received: int, number: int = signal.SIGKILL) -> None:
    """Run the real command in a process of its own, and send it a signal as soon as IMSS has been told that much in all."""
    environment = os.environ | {
        "DATABASE_URL": database_url(), "IMSS_URL": django_settings.IMSS_URL,
        "IMSS_CONCURRENCY": "4", "IMSS_FOLLOWS_DATE": "1",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "chase", "--date", TODAY.isoformat()]
    worker = subprocess.Popen(command, cwd=django_settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        _wait_for(stand_in, received, worker)
        worker.send_signal(number)
        assert worker.wait() == (0 if number == signal.SIGTERM else -number)
    finally:
        worker.kill()
        worker.wait()


def test_told_to_end_it_leaves_nothing_in_doubt(committed: None, stand_in: StandIn, quick: Any, case_in: Callable[..., Case]) -> None:
    """F4: a deploy. What is under way is waited for and written down, the rest is free for the next worker."""
    cases = [case_in(State.ACUSE_ENTREGADO) for _ in range(CASES)]
    request_altas([case.pk for case in cases], act=Act(NIGHT, at(TODAY)))
    stand_in.mood(latencia_ms=20)
    for received in (5, 20):
        chase_until(stand_in, received, signal.SIGTERM)
        assert not Errand.objects.filter(in_doubt=True).exists()
        assert not Errand.objects.filter(lease_until__isnull=False).exists()
        assert not WorkerShare.objects.exists()

    assert 20 <= Case.objects.filter(state=State.ALTA_ENVIADA).count() < CASES, "it did not end when it was told"
    assert chase(TODAY, at(TODAY), budget_seconds=30).left == 0
    _ledger_agrees(stand_in)


def test_killed_again_and_again(committed: None, stand_in: StandIn, quick: Any, case_in: Callable[..., Case]) -> None:
    cases = [case_in(State.ACUSE_ENTREGADO) for _ in range(CASES)]
    request_altas([case.pk for case in cases], act=Act(NIGHT, at(TODAY)))
    stand_in.mood(latencia_ms=20)
    in_doubt = 0
    for received in (5, 20, 32):
        chase_until(stand_in, received)
        in_doubt += Errand.objects.filter(in_doubt=True).count()
        # As if the leases' time had passed.
        Errand.objects.filter(lease_until__isnull=False).update(lease_until=Now() - dt.timedelta(seconds=1))

    stand_in.mood()
    report = chase(TODAY, at(TODAY), budget_seconds=30)

    assert in_doubt, "no kill hit an errand in hand: the test proves nothing"
    assert (report.left, report.parked) == (0, 0)
    assert set(Case.objects.values_list("state", flat=True)) == {State.ALTA_ENVIADA}
    assert Counter(Event.objects.filter(verb="send_alta").values_list("case_id", flat=True)) == Counter(case.pk for case in cases)
    assert all(broken_link(list(c.events.order_by("seq")), c.version, c.head_hash) == "" for c in Case.objects.all())
    _ledger_agrees(stand_in)


def _ledger_agrees(stand_in: StandIn) -> None:
    """One movement a person, under the one key of their errand, with the lote the case's history tells."""
    received = [entry for entry in stand_in.ledger() if entry["operacion"] == "enviarMovimiento" and entry["resultado"] == "RECIBIDO"]
    lotes = {entry["clave_idempotencia"]: entry["respuesta"]["id_lote"] for entry in received}
    assert len({entry["curp"] for entry in received}) == len(lotes) == CASES
    assert lotes == {str(errand.key): errand.lote for errand in Errand.objects.all()}
    assert sorted(lotes.values()) == sorted(event.details["lote"] for event in Event.objects.filter(verb="send_alta"))


@pytest.mark.slow
def test_f4_a_worker_of_celery_told_to_end_goes_within_its_patience_and_the_next_goes_on(
    committed: None, stand_in: StandIn, quick: Any, case_in: Callable[..., Case], tmp_path: Path
) -> None:
    cases = [case_in(State.ACUSE_ENTREGADO) for _ in range(CASES)]
    request_altas([case.pk for case in cases], act=Act(NIGHT, at(TODAY)))
    ImssSettings.objects.update(requests_per_second=8)
    broker, log = Broker(tmp_path / "broker"), tmp_path / "worker.log"
    environment = of_the_office(broker)
    broker.start()
    beat = start(processes.beat(tmp_path / "schedule"), environment, log)
    try:
        for received in (5, 15):
            worker = start(processes.worker(), environment, log)
            try:
                _wait_for(stand_in, received, worker)
                assert os.getpriority(os.PRIO_PROCESS, worker.pid) > 0, "it does not give way to the pages"
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(timeout=10) == 0, tail(log)
            finally:
                end(worker)
            assert not Errand.objects.filter(in_doubt=True).exists()
            assert not Errand.objects.filter(lease_until__isnull=False).exists()
            assert not WorkerShare.objects.exists()
        assert 15 <= Case.objects.filter(state=State.ALTA_ENVIADA).count() < CASES, "it did not end when it was told"
        ImssSettings.objects.update(requests_per_second=1000)
        worker = start(processes.worker(), environment, log)
        try:
            _wait_for(stand_in, CASES, worker)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(timeout=10) == 0, tail(log)
        finally:
            end(worker)
    finally:
        end(beat)
        broker.stop()
    assert Case.objects.filter(state=State.ALTA_ENVIADA).count() == CASES
    _ledger_agrees(stand_in)


@pytest.mark.slow
def test_f5_f6_a_broker_that_forgets_or_stops_costs_no_movement_and_the_same_worker_goes_on(
    committed: None, stand_in: StandIn, quick: Any, case_in: Callable[..., Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [case_in(State.ACUSE_ENTREGADO).pk for _ in range(CASES)]
    ImssSettings.objects.update(requests_per_second=20)
    broker, log = Broker(tmp_path / "broker"), tmp_path / "office.log"
    monkeypatch.setenv("CELERY_BROKER_URL", broker.url)
    broker.start()
    worker, beat = (start(command, of_the_office(broker), log) for command in (processes.worker(), processes.beat(tmp_path / "schedule")))
    try:
        with Redis.from_url(broker.url.replace("redis+socket://", "unix://")) as memory:
            for first in range(0, 30, 6):
                request_altas(cases[first : first + 6], act=Act(NIGHT, at(TODAY)))
                memory.flushall()
                _wait_for(stand_in, first + 3, worker)
        broker.stop()
        assert not wake.publish()
        assert request_altas(cases[30:], act=Act(NIGHT, at(TODAY))).done == cases[30:]
        broker.start()
        _wait_for(stand_in, CASES, worker)
        while Errand.objects.filter(status=Errand.Status.OPEN, lote="").exists():
            assert processes.goes_on(worker), tail(log)
            assert processes.goes_on(beat), tail(log)
    finally:
        end(beat)
        end(worker)
        broker.stop()
    _ledger_agrees(stand_in)


def of_the_office(broker: Broker) -> dict[str, str]:
    """What a worker and a beat of this office are told."""
    return os.environ | {
        "DATABASE_URL": database_url(), "REDIS_URL": broker.url, "SWEEP_SECONDS": "1", "LOG_LEVEL": "WARNING",
        "IMSS_URL": django_settings.IMSS_URL, "IMSS_CONCURRENCY": "4", "IMSS_TIMEOUT_SECONDS": "3", "IMSS_FOLLOWS_DATE": "0",
    }  # fmt: skip


def _wait_for(stand_in: StandIn, received: int, worker: subprocess.Popen[bytes]) -> None:
    """Until IMSS has been told that many movements in all."""
    last = told = 0
    while told < received:
        assert processes.goes_on(worker), "it ended by itself"
        for entry in stand_in.ledger(last):
            last = entry["id"]
            told += entry["operacion"] == "enviarMovimiento"
