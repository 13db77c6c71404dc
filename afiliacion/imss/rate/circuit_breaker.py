"""The circuit breaker and the rate, shared by all workers through one row: pauses IMSS asked for, consecutive failures, the open circuit,
the rate of requests; and the outage shown to people.

Closed, every worker sends requests. After `ImssSettings.failures_to_open` consecutive failures it opens: no requests but one probe every
`probe_seconds`, until one is answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from afiliacion.imss.client.port import ImssAnswer, ImssError, NotAsked, is_answer, is_failure
from afiliacion.imss.models import ConnectionState, ImssSettings, Outage
from afiliacion.imss.rate import rate_estimate
from afiliacion.imss.rate.rate_estimate import RateEstimate

# Both rows and the database's clock in one round trip: read before every claim, several times a second and worker.
_READ: Final = """
SELECT m.paused OR m.way <> 'service', m.probe_seconds, m.requests_per_second, l.rate, l.good, l.bad, l.limit, l.probe_at,
       clock_timestamp(), extract(epoch FROM l.quiet_until - clock_timestamp())::float,
       extract(epoch FROM l.probe_at - clock_timestamp())::float
FROM imss_manners m, imss_line l
"""


class _Reading(NamedTuple):
    """A row of _READ. `quiet` and `probe_in`: seconds until `quiet_until` and `probe_at` (None: not set)."""

    paused: bool
    probe_seconds: float
    limit: float | None
    rate: float
    good: float
    bad: float | None
    known_limit: float | None
    probe_at: dt.datetime | None
    clock: dt.datetime
    quiet: float | None
    probe_in: float | None


@dataclass(frozen=True, slots=True)
class Permit:
    """How many errands may be claimed now, and at what `rate` all workers together may send requests (a second; 0: none, try again after
    `wait_seconds`; None: not today)."""

    room: int
    wait_seconds: float | None = 0.0
    rate: float = 0.0


def current() -> Outage | None:
    """Return the outage going on; None when IMSS answers."""
    return going_on().first()


def going_on() -> QuerySet[Outage]:
    """Return the query of the outage going on: at most one row."""
    return Outage.objects.filter(until=None)


def permit(room: int) -> Permit:
    """Return the permission to claim up to `room` errands, by the state of the connection. The probe's turn, if due, is taken."""
    now = _read()
    if now.paused:
        return Permit(0, None)
    if now.quiet is not None and now.quiet > 0:
        return Permit(0, now.quiet)
    if now.probe_at is not None:
        return _probe(now) if room > 0 else Permit(0, now.probe_seconds)
    if now.limit == now.known_limit and now.rate:
        return Permit(max(room, 0), rate=now.rate)
    found = rate_estimate.first(now.limit)
    ConnectionState.objects.update(limit=now.limit, **_columns(found, now.clock))
    return Permit(max(room, 0), rate=found.rate)


def pause_all(seconds: float) -> None:
    """Stop all workers for that long, as IMSS asked (Retry-After), and lower the rate for the time after it."""
    with transaction.atomic():
        state, clock = ConnectionState.objects.select_for_update().get(), database_now()
        until = clock + dt.timedelta(seconds=seconds)
        if state.quiet_until and state.quiet_until >= until:
            return
        is_known = bool(state.quiet_until and state.quiet_until > clock)
        seconds = (clock - state.rate_since).total_seconds()
        slower = {} if is_known else _columns(rate_estimate.refused(_estimate(state), seconds=seconds, limit=state.limit), until)
        ConnectionState.objects.update(quiet_until=until, **slower)


def record(results: Sequence[ImssAnswer | ImssError], now: dt.datetime) -> None:
    """Record how a batch of requests went. `now` dates the outage, should one begin or end."""
    failures = [error for error in results if is_failure(error)]
    if any(is_answer(one) for one in results):
        _record_success(now)
        _adjust_rate(sum(not isinstance(one, NotAsked) for one in results))
    elif failures:
        _record_failures(failures, now)


def database_now() -> dt.datetime:
    """Return the database's clock, the one all workers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


def sentence(outage: Outage) -> str:
    """Return the banner's words, in Spanish."""
    since = timezone.localtime(outage.since)
    return f"El IMSS no responde desde el {since:%d/%m/%Y a las %H:%M}. {outage.reason}"


def _read() -> _Reading:
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        return _Reading(*cursor.fetchone())


def _probe(now: _Reading) -> Permit:
    """Compare-and-set: one worker wins the probe, the others wait for the next."""
    if now.probe_in is not None and now.probe_in > 0:
        return Permit(0, now.probe_in)
    next_probe = now.clock + dt.timedelta(seconds=now.probe_seconds)
    won = ConnectionState.objects.filter(probe_at=now.probe_at).update(probe_at=next_probe)
    return Permit(1, rate=rate_estimate.FIRST) if won else Permit(0, now.probe_seconds)


def _record_success(now: dt.datetime) -> None:
    state = ConnectionState.objects.get()
    if not state.failures and state.probe_at is None:
        return
    slower = _columns(rate_estimate.after_outage(_estimate(state)), database_now()) if state.probe_at else {}
    if ConnectionState.objects.exclude(failures=0, probe_at=None).update(failures=0, probe_at=None, **slower):
        Outage.objects.filter(until=None).update(until=now)


def _adjust_rate(asked: int) -> None:
    """Count the requests; raise the rate when it has held long enough, and write nothing when there is nothing to find out."""
    state = ConnectionState.objects.get()
    is_settled = state.bad is None and state.rate >= (rate_estimate.most(state.limit) or float("inf"))
    if is_settled:
        return
    state = ConnectionState.objects.select_for_update().get()
    clock = database_now()
    seconds = (clock - state.rate_since).total_seconds()
    before = _estimate(state)
    found = rate_estimate.held(before, seconds=seconds, asked=state.asked + asked, limit=state.limit)
    is_new = (found.rate, found.bad) != (before.rate, before.bad) or rate_estimate.idled(before, seconds=seconds, asked=state.asked + asked)
    ConnectionState.objects.update(**(_columns(found, clock) if is_new else {"good": found.good, "asked": F("asked") + asked}))


def _record_failures(failures: Sequence[ImssAnswer | ImssError], now: dt.datetime) -> None:
    rules = ImssSettings.objects.get()
    ConnectionState.objects.update(failures=F("failures") + len(failures))
    state = ConnectionState.objects.get()
    if state.failures < rules.failures_to_open:
        return
    state.probe_at = database_now() + dt.timedelta(seconds=rules.probe_seconds)
    state.save(update_fields=["probe_at"])
    Outage.objects.get_or_create(until=None, defaults={"since": now, "reason": str(failures[-1])})


def _estimate(state: ConnectionState) -> RateEstimate:
    return RateEstimate(state.rate, state.good, state.bad)


def _columns(found: RateEstimate, since: dt.datetime) -> dict[str, object]:
    return {"rate": found.rate, "good": found.good, "bad": found.bad, "rate_since": since, "asked": 0}
