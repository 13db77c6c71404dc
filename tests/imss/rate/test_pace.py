"""How fast to ask: found out by asking, kept by everybody together."""

import asyncio
import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from aiohttp import web
from django.db import connection, connections
from django.db.models import F
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.imss.chase.run import chase
from afiliacion.imss.models import ConnectionState, Errand, ImssSettings, WorkerShare
from afiliacion.imss.queue.claims import claim
from afiliacion.imss.queue.movements import request_altas
from afiliacion.imss.queue.plan import plan
from afiliacion.imss.rate import circuit_breaker, notify, rate_estimate, worker_shares
from afiliacion.imss.rate.limiter import CATCH_UP_SECONDS, RateLimiter
from afiliacion.imss.rate.rate_estimate import RateEstimate
from afiliacion.imss.rate.worker_shares import MARGIN_SECONDS, SHARE_SECONDS
from tests.imss.authority import says, well
from tests.imss.chaos import peak
from tests.imss.conftest import at
from tests.roles import as_owner

TODAY = dt.date(2026, 8, 20)


class Authority:
    """A token bucket that refuses beyond `cap` a second and asks for a second of quiet; and an office that asks it, in simulated time."""

    def __init__(self, cap: float, burst: float, latency: float, limit: float | None) -> None:
        self.cap, self.full, self.latency, self.limit = cap, max(1.0, cap * burst), latency, limit
        self.tokens, self.refilled = self.full, 0.0
        self.taken: list[float] = []
        self.refused = 0

    def run(self, seconds: float) -> RateEstimate:
        """Ask for so long; return the pace in the end."""
        now, since, asked, looks, pause = 0.0, 0.0, 0, 0.0, float("inf")
        found = rate_estimate.first(self.limit)
        while now < seconds:
            if now >= pause:
                found, now, asked, pause = rate_estimate.refused(found, seconds=now - since, limit=self.limit), pause + 1.0, 0, float("inf")
                since = now
            if not self._ask(now):
                pause = min(pause, now + self.latency)
            asked += 1
            if now >= looks and pause == float("inf"):
                looks, before = now + 0.25, found
                found = rate_estimate.held(found, seconds=now - since, asked=asked, limit=self.limit)
                if (found.rate, found.bad) != (before.rate, before.bad):
                    since, asked = now, 0
            now += 1 / found.rate
        return found

    def _ask(self, now: float) -> bool:
        self.tokens, self.refilled = min(self.full, self.tokens + (now - self.refilled) * self.cap), now
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        self.taken.append(now)
        return True

    def share(self, begin: float, end: float) -> float:
        return sum(begin <= moment < end for moment in self.taken) / (end - begin) / self.cap


@settings(max_examples=8)
@given(cap=st.floats(40, 300), burst=st.floats(0.02, 0.2), latency=st.floats(0.02, 0.1))
@example(50, 0.1, 0.05)
@example(500, 0.1, 0.05)
def test_an_unknown_limit_is_found_within_a_minute(cap, burst, latency):
    authority = Authority(cap, burst, latency, limit=None)
    found = authority.run(90)

    assert found.rate >= 0.95 * cap
    # A pause of a second may still fall into the half minute after it.
    assert authority.share(60, 90) >= 0.92
    assert authority.refused <= 0.015 * len(authority.taken)


@settings(max_examples=8)
@given(cap=st.floats(5, 300), burst=st.floats(0.02, 1.0))
def test_a_known_limit_is_used_from_the_first_second_and_never_passed(cap, burst):
    authority = Authority(cap, burst, 0.05, limit=cap)
    authority.run(30)

    assert authority.refused == 0
    assert authority.share(0, 30) >= 0.97


def test_a_limit_that_moves_is_found_again():
    assert rate_estimate.refused(RateEstimate(100, 100, 104), seconds=5, limit=None) == RateEstimate(90, 90, 100)
    calm = RateEstimate(100, 100, 102)
    looked_up = rate_estimate.held(calm, seconds=121, asked=12_100, limit=None)
    assert looked_up.rate > 102
    assert rate_estimate.held(looked_up, seconds=3, asked=330, limit=None) == RateEstimate(2 * looked_up.rate, looked_up.rate)


def test_one_refusal_at_a_limit_we_were_told_is_chance_two_are_not():
    told = rate_estimate.first(100)
    assert rate_estimate.refused(told, seconds=60, limit=100) == told
    assert rate_estimate.refused(told, seconds=2, limit=100).rate < told.rate


def test_an_idle_office_learns_nothing():
    assert rate_estimate.held(RateEstimate(100), seconds=60, asked=10, limit=None) == RateEstimate(100)


def test_an_office_that_was_idle_measures_anew():
    assert rate_estimate.idled(RateEstimate(2, 2, 24), seconds=18, asked=4)
    assert not rate_estimate.idled(RateEstimate(2, 2, 24), seconds=18, asked=30)
    assert not rate_estimate.idled(RateEstimate(2, 2, 24), seconds=1, asked=0)


def test_after_an_outage_the_rate_begins_slowly():
    assert rate_estimate.after_outage(RateEstimate(197)).rate < 25
    assert rate_estimate.held(rate_estimate.after_outage(RateEstimate(197)), seconds=1, asked=25, limit=200).rate > 40


@pytest.mark.parametrize(("rate", "n"), [(200.0, 40), (1000.0, 60)])
def test_no_slot_comes_before_its_time(rate, n):
    async def take():
        limiter = RateLimiter()
        limiter.rate = rate
        began = time.monotonic()
        moments = await asyncio.gather(*(acquired(limiter) for _ in range(n)))
        return [moment - began for moment in moments]

    async def acquired(limiter):
        await limiter.acquire(unless=lambda: False)
        return time.monotonic()

    moments = sorted(asyncio.run(take()))
    assert all(moment >= place / rate - CATCH_UP_SECONDS - 0.001 for place, moment in enumerate(moments))


def test_a_slot_not_taken_is_left_for_the_next():
    """Who has waited too long does not use up the turn of who has not."""

    async def take():
        limiter, reasons = RateLimiter(), iter([False, True])
        limiter.rate = 0.01
        limiter._next_slot = time.monotonic() + 0.05
        await limiter.acquire(unless=lambda: next(reasons))
        return limiter._next_slot - time.monotonic()

    assert asyncio.run(take()) < 1


# Together


def colleague():
    """Another worker's connection to the database, not Django's: `close()` is its death."""
    known = connection.get_connection_params()
    return psycopg.connect(**{k: v for k, v in known.items() if k in ("dbname", "user", "password", "host", "port")}, autocommit=True)


@pytest.fixture
def renew():
    """Renew a share as some worker does: `renew(me)` by us, `renew(me, by=colleague)` by another."""

    def over(line, me):
        line.execute(worker_shares._LOCK)
        me = me or line.execute(worker_shares._JOIN).fetchone()[0]
        values = {"worker": me, "share": SHARE_SECONDS, "expiry": SHARE_SECONDS + MARGIN_SECONDS}
        return worker_shares.ShareGrant(me, *line.execute(worker_shares._RENEW, values).fetchone())

    return lambda me=None, by=None: over(by, me) if by else worker_shares.renew(me)


def time_passes(seconds):
    """For everybody's share, by the database's clock."""
    WorkerShare.objects.update(
        seen_at=F("seen_at") - dt.timedelta(seconds=seconds), valid_until=F("valid_until") - dt.timedelta(seconds=seconds)
    )


def test_a_new_worker_begins_when_every_other_counts_it_in(committed, renew):
    with colleague() as other:
        first = renew(by=other)
        assert (first.divisor, first.granted) == (1, True)
        me = renew()
        assert (me.divisor, me.granted) == (2, False)
        first = renew(first.worker_id, by=other)
        assert (first.divisor, first.granted) == (2, True)
        assert renew(me.worker_id).granted


def test_a_share_is_taken_over_when_it_has_surely_ended_and_no_sooner(committed, renew):
    """Whether or not its worker still lives: cut off from the database it stopped by itself."""
    with colleague() as other:
        first = renew(by=other)
    time_passes(SHARE_SECONDS)
    me = renew()
    assert (me.divisor, me.granted) == (2, False)

    WorkerShare.objects.filter(pk=first.worker_id).update(seen_at=F("seen_at") - dt.timedelta(seconds=MARGIN_SECONDS))
    me = renew(me.worker_id)
    assert (me.divisor, me.granted) == (1, True)


def test_a_worker_cut_off_too_long_begins_as_a_new_one(committed, renew):
    with colleague() as other:
        first = renew(by=other)
        time_passes(SHARE_SECONDS + MARGIN_SECONDS)
        me = renew()
        assert (me.divisor, me.granted) == (1, True)

        assert not renew(first.worker_id, by=other).granted
        assert renew(me.worker_id).divisor == 2
        assert renew(first.worker_id, by=other).granted


def test_a_renewal_is_seen_by_the_worker_that_renews_next(committed, renew):
    """No worker decides by numbers that another is just changing."""
    with colleague() as other:
        other.execute("BEGIN")
        renew(by=other)
        with ThreadPoolExecutor(1) as pool:

            def ours():
                try:
                    return renew()
                finally:
                    connections.close_all()

            waiting = pool.submit(ours)
            with colleague() as watcher:
                while not watcher.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchone()[0]:
                    assert not waiting.done()
            other.execute("COMMIT")
            assert waiting.result(10).granted is False


def test_what_a_dead_worker_held_is_free_but_a_movement_waits_for_imss(committed, authority, quick, case_in, settings, renew):
    settings.IMSS_TIMEOUT_SECONDS = 10.0
    case_in(State.SIN_NSS)
    request_altas([case_in(State.ACUSE_ENTREGADO).pk], act=Act(NIGHT, at(TODAY)))
    plan(TODAY, at(TODAY))
    other = colleague()
    dead = renew(by=other).worker_id
    assert len(claim(TODAY, 5, holder=dead).ask) == 2
    time_passes(SHARE_SECONDS + MARGIN_SECONDS)
    worker_shares.release_crashed()
    assert WorkerShare.objects.filter(pk=dead).exists()
    assert claim(TODAY, 5).ask == []

    other.close()
    while WorkerShare.objects.exists():  # the database notices in its own time
        worker_shares.release_crashed()

    freed = claim(TODAY, 5)
    assert [taken.errand.kind for taken in freed.ask] == ["locate_nss"]
    movement = Errand.objects.get(kind="send_alta")
    assert movement.lease_until
    left = (movement.lease_until - circuit_breaker.database_now()).total_seconds()
    assert 5 < left <= 10
    assert movement.in_doubt


def test_a_lost_connection_is_no_crash_while_the_share_lasts(committed, renew):
    with colleague() as other:
        renew(by=other)
    worker_shares.release_crashed()
    assert WorkerShare.objects.exists()


def test_a_worker_released_as_crashed_joins_again(db):
    assert worker_shares.renew(0).worker_id


def run_chases(n, seconds=20):
    def run(_):
        try:
            return chase(TODAY, at(TODAY), budget_seconds=seconds)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(run, range(n)))


def test_two_workers_keep_one_limit_between_them(committed, stand_in, quick, case_in):
    for _ in range(90):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    ImssSettings.objects.update(requests_per_second=50)
    stand_in.mood(latencia_ms=20)

    reports = run_chases(2)

    # A machine that halts for a moment crowds some of them; two who each took the whole pace would ask all ninety within a second.
    asked = [dt.datetime.fromisoformat(entry["momento"]).timestamp() for entry in stand_in.ledger() if entry["operacion"] == "asignarNss"]
    assert peak(asked) <= 70
    assert sum(report.asked for report in reports) == 90
    assert all(report.asked for report in reports), "one of them did all the work: the test proves nothing"
    assert not WorkerShare.objects.exists()


def test_a_pause_asked_of_one_is_kept_by_the_others(committed, authority, quick, case_in):
    """The worker that hears it last hears it in time: nothing goes out in the second half of the pause."""
    for _ in range(80):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    ImssSettings.objects.update(requests_per_second=50)

    async def busy_once(request, asked):
        if len(authority.asked) == 30:
            return await says({}, status=429, Retry_After="2")(request, asked)
        return await well(request, asked)

    authority.behave = busy_once
    reports = run_chases(2)

    refused = authority.at[29]
    assert [moment for moment in authority.at if refused + 1 < moment < refused + 1.9] == []
    assert sum(report.steps["obtain_nss"] for report in reports) == 80


@contextmanager
def a_chase_under_way(authority):
    """A chase in a thread of its own, from its first question on; what it will have to report."""
    begun = threading.Event()

    async def tell(request, asked):
        begun.set()
        return await well(request, asked)

    authority.behave = tell
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(run_chases, 1)
        assert begun.wait(10)
        yield waiting


def test_the_kill_switch_is_received_at_once(committed, authority, quick, case_in):
    for _ in range(30):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    ImssSettings.objects.update(requests_per_second=20)
    with a_chase_under_way(authority) as waiting:
        ImssSettings.objects.update(paused=True)
        (report,) = waiting.result(20)

    assert 0 < len(authority.asked) < 30
    assert report.left == 30 - len(authority.asked)
    assert not Errand.objects.filter(lease_until__isnull=False).exists()


def test_a_database_that_breaks_off_costs_a_moment(committed, authority, quick, case_in):
    for _ in range(40):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    ImssSettings.objects.update(requests_per_second=40)
    with a_chase_under_way(authority) as waiting:
        with as_owner() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        (report,) = waiting.result(60)

    assert (report.left, len(authority.asked)) == (0, 40)
    assert report.steps["obtain_nss"] + report.late == 40


@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_a_lock_held_by_another_is_waited_for(committed, authority, quick, case_in, caplog, limit):
    """F9: what the database breaks off is done again, whole."""
    cases = [case_in(State.SIN_NSS) for _ in range(5)]
    plan(TODAY, at(TODAY))

    def impatient():
        with connection.cursor() as cursor:
            cursor.execute(f"SET {limit} = '300ms'")
        try:
            return chase(TODAY, at(TODAY), budget_seconds=20)
        finally:
            connections.close_all()

    with colleague() as other, ThreadPoolExecutor(1) as pool:
        other.execute("BEGIN")
        other.execute("SELECT FROM cases_case FOR UPDATE")
        waiting = pool.submit(impatient)
        while "the database interrupted" not in caplog.text:
            assert not waiting.done()
        other.execute("ROLLBACK")
        report = waiting.result(60)

    assert (report.left, report.asked, report.steps) == (0, 5, {"obtain_nss": 5})
    assert {case.events.count() for case in cases} == {2}


def test_the_database_and_the_listener_use_the_same_words(committed):
    with colleague() as other:
        other.execute(f"LISTEN {notify.CHANNEL}")
        ConnectionState.objects.update(probe_at=timezone.now())
        ImssSettings.objects.update(paused=True)
        WorkerShare.objects.create(pid=1, divisor=1)
        received = [notification.payload for notification in other.notifies(timeout=20, stop_after=3)]
    assert received == [notify.STOP, notify.STOP, notify.LOOK]


def test_notifications_that_cannot_be_received_do_no_harm(committed, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setitem(connection.settings_dict, "PORT", "9")

        async def listen():
            async with notify.listening(pytest.fail, pytest.fail):
                await asyncio.sleep(0)
            return web.Response().status

        assert asyncio.run(listen()) == 200
