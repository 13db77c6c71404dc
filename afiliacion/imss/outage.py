"""Is IMSS there, and how fast may it be asked? One row for all workers: pauses it asked for, failures in a row, the open circuit, the pace;
and the outage people see.

Closed, everybody asks. After so many failures in a row it opens: nobody asks but one probe every so often, until one is answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from afiliacion.imss import pace
from afiliacion.imss.models import Line, Manners, Outage
from afiliacion.imss.pace import Pace
from afiliacion.imss.port import Answer, ImssError, NotAsked, is_answer, is_failure

_READ: Final = """
SELECT m.paused OR m.way <> 'service', m.probe_seconds, m.requests_per_second, l.rate, l.good, l.bad, l.limit, l.probe_at,
       clock_timestamp(), extract(epoch FROM l.quiet_until - clock_timestamp())::float,
       extract(epoch FROM l.probe_at - clock_timestamp())::float
FROM imss_manners m, imss_line l
"""


@dataclass(frozen=True, slots=True)
class Permit:
    """How many errands may be claimed now, and how many questions a second all workers together may ask (0: none, ask again after
    `wait_seconds`; None: not today)."""

    room: int
    wait_seconds: float | None = 0.0
    rate: float = 0.0


def current() -> Outage | None:
    """The outage going on, for the banner; None when IMSS answers."""
    return going_on().first()


def going_on() -> QuerySet[Outage]:
    """The same as a question: at most one row."""
    return Outage.objects.filter(until=None)


def permit(room: int) -> Permit:
    """Permission to claim up to `room` errands, as the line is now."""
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        paused, probe_seconds, limit, rate, good, bad, known_limit, probe_at, clock, quiet, probe_in = cursor.fetchone()
    if paused:
        return Permit(0, None)
    if quiet is not None and quiet > 0:
        return Permit(0, quiet)
    if probe_at is not None:
        return _probe(probe_at, clock, probe_in, probe_seconds) if room > 0 else Permit(0, probe_seconds)
    now = Pace(rate, good, bad)
    if limit != known_limit or not rate:
        now = pace.first(limit)
        Line.objects.update(limit=limit, **_columns(now, clock))
    return Permit(max(room, 0), rate=now.rate)


def hush(seconds: float) -> None:
    """IMSS asked everybody to be quiet that long: nobody asks until then, and slower after it."""
    with transaction.atomic():
        line, clock = Line.objects.select_for_update().get(), database_now()
        until = clock + dt.timedelta(seconds=seconds)
        if line.quiet_until and line.quiet_until >= until:
            return
        known = bool(line.quiet_until and line.quiet_until > clock)
        seconds = (clock - line.rate_since).total_seconds()
        slower = {} if known else _columns(pace.refused(_pace(line), seconds=seconds, limit=line.limit), until)
        Line.objects.update(quiet_until=until, **slower)


def note(heard: Sequence[Answer | ImssError], now: dt.datetime) -> None:
    """Take in how a batch of questions went. `now` dates the outage, should one begin or end."""
    failures = [error for error in heard if is_failure(error)]
    if any(is_answer(one) for one in heard):
        _healthy(now)
        _keep_pace(sum(not isinstance(one, NotAsked) for one in heard))
    elif failures:
        _failing(failures, now)


def database_now() -> dt.datetime:
    """The one clock all workers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


def _probe(probe_at: dt.datetime, clock: dt.datetime, probe_in: float, every: float) -> Permit:
    if probe_in > 0:
        return Permit(0, probe_in)
    won = Line.objects.filter(probe_at=probe_at).update(probe_at=clock + dt.timedelta(seconds=every))
    return Permit(1, rate=pace.FIRST) if won else Permit(0, every)


def _healthy(now: dt.datetime) -> None:
    line = Line.objects.get()
    if not line.failures and line.probe_at is None:
        return
    slower = _columns(pace.after_outage(_pace(line)), database_now()) if line.probe_at else {}
    if Line.objects.exclude(failures=0, probe_at=None).update(failures=0, probe_at=None, **slower):
        Outage.objects.filter(until=None).update(until=now)


def _keep_pace(asked: int) -> None:
    """Count what was asked; ask faster when the pace has held long enough, and write nothing when there is nothing to find out."""
    line = Line.objects.get()
    settled = line.bad is None and line.rate >= (pace.most(line.limit) or float("inf"))
    if settled:
        return
    line = Line.objects.select_for_update().get()
    clock = database_now()
    seconds = (clock - line.rate_since).total_seconds()
    before = _pace(line)
    found = pace.held(before, seconds=seconds, asked=line.asked + asked, limit=line.limit)
    anew = (found.rate, found.bad) != (before.rate, before.bad) or pace.idled(before, seconds=seconds, asked=line.asked + asked)
    Line.objects.update(**(_columns(found, clock) if anew else {"good": found.good, "asked": F("asked") + asked}))


def _failing(failures: Sequence[Answer | ImssError], now: dt.datetime) -> None:
    manners = Manners.objects.get()
    Line.objects.update(failures=F("failures") + len(failures))
    line = Line.objects.get()
    if line.failures < manners.failures_to_open:
        return
    line.probe_at = database_now() + dt.timedelta(seconds=manners.probe_seconds)
    line.save(update_fields=["probe_at"])
    Outage.objects.get_or_create(until=None, defaults={"since": now, "reason": str(failures[-1])})


def _pace(line: Line) -> Pace:
    return Pace(line.rate, line.good, line.bad)


def _columns(found: Pace, since: dt.datetime) -> dict[str, object]:
    return {"rate": found.rate, "good": found.good, "bad": found.bad, "rate_since": since, "asked": 0}


def sentence(outage: Outage) -> str:
    """The banner's words."""
    since = timezone.localtime(outage.since)
    return f"El IMSS no responde desde el {since:%d/%m/%Y a las %H:%M}. {outage.reason}"
