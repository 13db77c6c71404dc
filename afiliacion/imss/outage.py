"""Is IMSS there? One row for all workers: pauses it asked for, failures in a row, the open circuit, and the outage people see.

Closed, everybody asks. After so many failures in a row it opens: nobody asks but one probe every so often, until one is answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import F
from django.utils import timezone

from afiliacion.imss.models import Line, Manners, Outage
from afiliacion.imss.port import Answer, ImssError, Recoverable, is_answer, is_failure


@dataclass(frozen=True, slots=True)
class Permit:
    """How many errands may be claimed now; if none, after how many seconds to ask again (None: not today)."""

    room: int
    wait_seconds: float | None = 0.0


def current() -> Outage | None:
    """The outage going on, for the banner; None when IMSS answers."""
    return Outage.objects.filter(until=None).first()


def permit(room: int) -> Permit:
    """Permission to claim up to `room` errands, as the line is now."""
    manners, line, clock = Manners.objects.get(), Line.objects.get(), database_now()
    if manners.paused:
        return Permit(0, None)
    if line.quiet_until and line.quiet_until > clock:
        return Permit(0, (line.quiet_until - clock).total_seconds())
    if line.probe_at is None:
        return Permit(room)
    if line.probe_at > clock:
        return Permit(0, (line.probe_at - clock).total_seconds())
    later = clock + dt.timedelta(seconds=manners.probe_seconds)
    won = Line.objects.filter(probe_at=line.probe_at).update(probe_at=later)
    return Permit(1) if won else Permit(0, manners.probe_seconds)


def note(heard: Sequence[Answer | ImssError], now: dt.datetime) -> None:
    """Take in how a batch of questions went. `now` dates the outage, should one begin or end."""
    _be_quiet(heard)
    failures = [error for error in heard if is_failure(error)]
    if any(is_answer(one) for one in heard):
        _healthy(now)
    elif failures:
        _failing(failures, now)


def database_now() -> dt.datetime:
    """The one clock all workers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


def _be_quiet(heard: Sequence[Answer | ImssError]) -> None:
    seconds = max((one.quiet_seconds for one in heard if isinstance(one, Recoverable)), default=0.0)
    if seconds:
        until = database_now() + dt.timedelta(seconds=seconds)
        Line.objects.exclude(quiet_until__gt=until).update(quiet_until=until)


def _healthy(now: dt.datetime) -> None:
    if Line.objects.exclude(failures=0, probe_at=None).update(failures=0, probe_at=None):
        Outage.objects.filter(until=None).update(until=now)


def _failing(failures: Sequence[Answer | ImssError], now: dt.datetime) -> None:
    manners = Manners.objects.get()
    Line.objects.update(failures=F("failures") + len(failures))
    line = Line.objects.get()
    if line.failures < manners.failures_to_open:
        return
    line.probe_at = database_now() + dt.timedelta(seconds=manners.probe_seconds)
    line.save(update_fields=["probe_at"])
    Outage.objects.get_or_create(until=None, defaults={"since": now, "reason": str(failures[-1])})


def sentence(outage: Outage) -> str:
    """The banner's words."""
    since = timezone.localtime(outage.since)
    return f"El IMSS no responde desde el {since:%d/%m/%Y a las %H:%M}. {outage.reason}"
