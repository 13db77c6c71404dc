"""The night against the real stand-in, real mail and a real worker."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from afiliacion.cases.models import Case, Event
from afiliacion.cases.states import State
from afiliacion.celery import app as celery_app
from afiliacion.imss.rate.circuit_breaker import database_now
from afiliacion.operations import night as nights
from afiliacion.operations import night_state
from afiliacion.operations.models import NightRun
from afiliacion.operations.night import NightBusy, run_night
from afiliacion.operations.simulation.invariants import violations
from afiliacion.operations.simulation.rehearsal import rehearse
from afiliacion.reminders.models import Reminder
from tests.imss_mock.harness import StandIn

FIRST = dt.date(2026, 8, 3)


@pytest.fixture
def stand_in(tmp_path: Any, settings: Any) -> Any:
    stand_in = StandIn(tmp_path / "imss", day=FIRST.isoformat())
    settings.IMSS_URL, settings.IMSS_FOLLOWS_DATE = f"http://127.0.0.1:{stand_in.connection.port}", True
    yield stand_in
    stand_in.stop()


def at(date: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(date, dt.time(2, 30)))


@pytest.fixture
def nothing_to_do(settings: Any) -> None:
    settings.IMSS_URL = ""


@pytest.mark.usefixtures("committed", "nothing_to_do")
class TestLedger:
    def test_a_date_has_one_night(self):
        assert run_night(FIRST, at(FIRST)).status == NightRun.Status.DONE
        with pytest.raises(NightBusy, match="La noche del 03/08/2026 ya se hizo"):
            run_night(FIRST, at(FIRST))
        assert run_night(FIRST, at(FIRST), again=True).attempts == 2

    def test_two_beats_at_once_make_one_night(self):
        start, results = threading.Barrier(2), []

        def beat():
            start.wait()
            try:
                results.append(run_night(FIRST, at(FIRST)).status)
            except NightBusy:
                results.append("busy")
            finally:
                connection.close()

        beats = [threading.Thread(target=beat) for _ in range(2)]
        for thread in beats:
            thread.start()
        for thread in beats:
            thread.join()
        assert sorted(results) == ["busy", "done"]
        assert NightRun.objects.get().attempts == 1

    def test_a_night_that_died_is_taken_over_after_its_lease(self):
        running = NightRun.objects.create(date=FIRST, lease_until=timezone.now() + dt.timedelta(minutes=5))
        with pytest.raises(NightBusy, match="otro proceso"):
            run_night(FIRST, at(FIRST))
        assert not night_state.is_missing(at(FIRST))
        NightRun.objects.filter(pk=running.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        assert night_state.is_missing(at(FIRST))
        assert run_night(FIRST, at(FIRST)).status == NightRun.Status.DONE

    def test_f19_a_night_nobody_rang_for_is_missed_until_it_was_made_once(self):
        run_night(FIRST, at(FIRST))
        second = FIRST + dt.timedelta(days=1)
        assert not night_state.is_missing(at(second) - dt.timedelta(minutes=1))
        back = at(FIRST) + dt.timedelta(hours=26)
        assert night_state.is_missing(back)
        run_night(timezone.localdate(back), back)
        assert not night_state.is_missing(back)
        assert list(NightRun.objects.order_by("date").values_list("date", "attempts")) == [(FIRST, 1), (second, 1)]

    def test_a_step_that_fails_is_written_down_and_stops_no_other(self, monkeypatch, caplog):
        def broken(*_: Any) -> list[str]:
            raise ValueError("se acabó el disco")

        monkeypatch.setattr(nights, "STEPS", (nights.NightStep("Rota", broken), *nights.STEPS))
        night = run_night(FIRST, at(FIRST))
        assert night.status == NightRun.Status.FAILED
        assert night.report[0] == {"step": "Rota", "said": [], "error": "ValueError: se acabó el disco"}
        assert len(night.report) == len(nights.STEPS)
        assert "night step failed" in caplog.text

    def test_by_hand_it_says_what_it_did(self, capsys):
        call_command("night", "--date", "2026-08-03")
        out = capsys.readouterr().out
        assert "Todos los expedientes dicen lo que sus hechos." in out
        with pytest.raises(CommandError, match="--again"):
            call_command("night", "--date", "2026-08-03")

    def test_the_sweep_rings_for_the_night_and_a_doubled_wake_up_makes_none(self, settings):
        settings.NIGHT_HOUR = settings.NIGHT_MINUTE = 0
        done = threading.Semaphore(0)
        # Both sweeps come before the night that either rings for.
        wanted = ["afiliacion.operations.tasks.sweep"] * 2

        def finished(task: Any, **_: Any) -> None:
            # The worker may be told of other rooms' work too.
            if task.name in (*wanted, "afiliacion.operations.tasks.night"):
                done.release()

        task_postrun.connect(finished)
        # What earlier tests woke a worker for is not counted.
        celery_app.control.purge()
        with start_worker(celery_app, perform_ping_check=False, pool="solo"):
            for task in wanted:
                celery_app.send_task(task)
            assert all(done.acquire(timeout=30) for _ in range(4))
        assert NightRun.objects.get().attempts == 1


@pytest.mark.slow
def test_a_term_rehearsed_breaks_no_invariant(committed: None, stand_in: StandIn, smtp_sink: Any, settings: Any):
    played = rehearse(students=60, starts_on=FIRST, days=12, seed=7)
    assert played.errors == []
    assert violations(played.days[-1].date) == []
    states = played.days[-1].states
    assert min(states[State.ALTA_ENVIADA], states[State.NSS_OBTENIDO]) > 0
    assert played.lotes["Operado"] > 0, "one plantel went by lotes"
    sent = [message["Message-ID"] for message in smtp_sink.messages]
    assert len(sent) == len(set(sent)) == Reminder.objects.filter(status=Reminder.Status.SENT, part_of=None).count()
    run_night(played.days[-1].date, at(played.days[-1].date), again=True)
    known = (Event.objects.count(), Reminder.objects.count(), Case.objects.count())
    run_night(played.days[-1].date, at(played.days[-1].date), again=True)
    assert (Event.objects.count(), Reminder.objects.count(), Case.objects.count()) == known


class Steps:
    """A night with one more step, which the test holds up: it asks whether to stop again and again, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, progress: bool) -> None:
        self.begun, self.go_on, self._progress = threading.Event(), threading.Event(), progress
        monkeypatch.setattr(nights, "STEPS", (nights.NightStep("Larga", self._long),))

    def _long(self, date: dt.date, now: dt.datetime, budget: nights.Budget) -> list[str]:
        self.begun.set()
        while not self.go_on.wait(0.02):
            if self._progress:
                budget.stop()
        return ["Terminó."]

    def until_its_first_lease_is_over(self) -> None:
        assert self.begun.wait(30)
        until = NightRun.objects.values_list("lease_until", flat=True).get()
        assert until
        while database_now() <= until:
            pass


@pytest.fixture
def in_a_thread() -> Iterator[Callable[[], Future[NightRun]]]:
    """Run the night of FIRST in another thread, as another worker would."""

    def run() -> NightRun:
        try:
            return run_night(FIRST, at(FIRST))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        yield lambda: pool.submit(run)


@pytest.mark.usefixtures("committed", "nothing_to_do")
class TestLease:
    @pytest.fixture(autouse=True)
    def _short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(nights, "LEASE", dt.timedelta(seconds=1.5))

    def test_a_night_that_makes_progress_keeps_its_lease_however_long_it_takes(self, monkeypatch, in_a_thread):
        steps = Steps(monkeypatch, progress=True)
        first = in_a_thread()
        steps.until_its_first_lease_is_over()
        with pytest.raises(NightBusy, match="otro proceso"):
            run_night(FIRST, at(FIRST))
        assert not night_state.is_missing(at(FIRST))
        steps.go_on.set()
        assert first.result(30).status == NightRun.Status.DONE
        assert NightRun.objects.get().attempts == 1

    def test_a_night_that_hangs_is_taken_over_and_its_end_is_not_written(self, monkeypatch, in_a_thread):
        steps = Steps(monkeypatch, progress=False)
        first = in_a_thread()
        steps.until_its_first_lease_is_over()
        monkeypatch.setattr(nights, "STEPS", (nights.NightStep("Corta", lambda *_: ["Otra."]),))
        assert run_night(FIRST, at(FIRST)).status == NightRun.Status.DONE
        steps.go_on.set()
        with pytest.raises(NightBusy, match="la retomó otro proceso"):
            first.result(30)
        night = NightRun.objects.get()
        assert (night.attempts, [line["step"] for line in night.report]) == (2, ["Corta"])
