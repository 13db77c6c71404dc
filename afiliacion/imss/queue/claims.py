"""Claiming errands: each with a lease, so that no two workers ask the same and none is lost with its worker.

The claim is the committed intent. Leases end by the database's clock; an errand whose lease ran out is simply due again,
and a movement then is in doubt: it is looked up before it may be sent again (docs/adr/0004-database-is-the-truth.md).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import prefetch_related_objects

from afiliacion.database.bulk_writes import update_rows
from afiliacion.imss.client.port import Movement
from afiliacion.imss.models import BajaCause, Errand, ImssSettings
from afiliacion.imss.queue import movements
from afiliacion.imss.queue.cadence import SENDS, Cadences

#: A lease must outlast a wait in the queue, a look-up and a transmission, each as long as the client's timeout, and the writing.
LEASE_TIMEOUTS: Final = 3
WRITING_SECONDS: Final = 5.0

# One statement and one round trip, where the ORM needs a SELECT … FOR UPDATE and an UPDATE of all rows. The subselect is evaluated once, so
# that the index can be used; a bare clock_timestamp() would be evaluated for every row.
_CLAIM: Final = """
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS t),
due AS (
  SELECT id, in_doubt FROM imss_errand
  WHERE status = 'open' AND next_on <= %(date)s AND next_at <= (SELECT t FROM clock)
    AND (lease_until IS NULL OR lease_until < (SELECT t FROM clock))
  ORDER BY next_on, next_at LIMIT %(room)s FOR UPDATE SKIP LOCKED
)
UPDATE imss_errand e
SET lease_until = (SELECT t FROM clock) + make_interval(secs => %(lease)s), holder = %(holder)s,
    attempt = e.attempt + 1, misses = e.misses + 1, strikes = e.strikes + 1,
    in_doubt = e.kind = ANY(%(movements)s) AND e.received_on IS NULL
FROM due WHERE e.id = due.id
RETURNING e.id, due.in_doubt
"""

# Seconds until the next due errand: an idle worker's only question, answered by the index of due errands (benchmarks/due.py).
NEXT_DUE: Final = """
SELECT extract(epoch FROM min(next_at) - clock_timestamp())::float FROM imss_errand
WHERE status = 'open' AND next_on <= %s AND (lease_until IS NULL OR lease_until < clock_timestamp())
"""

#: Of an errand everything; of its case and student what a question and a movement are made of.
_READ: Final = (
    *(field.name for field in Errand._meta.concrete_fields), "case__state", "case__state_since", "case__due_on", "case__coverage",
    "case__plantel",
    "case__enrolment", "case__umf", "case__baja_kind", "case__student__curp", "case__student__nss", "case__student__email",
    "case__student__nombre", "case__student__primer_apellido", "case__student__segundo_apellido", "case__student_id",
)  # fmt: skip
_NO_ANSWER: Final = "El IMSS no dio una respuesta que sirva."


@dataclass(slots=True)
class ClaimedErrand:
    """A claimed errand with the data of its question. `doubtful`: an earlier attempt may have reached IMSS."""

    errand: Errand
    doubtful: bool
    #: Consecutive attempts without an answer, this one included, and those that count against the errand.
    misses: int
    strikes: int
    wanted: bool
    curp: str
    nss: str
    email: str
    movement: Movement | None
    #: By the monotonic clock of this process: a request sent later could overlap with the next claim.
    start_before: float


@dataclass(slots=True)
class ClaimResult:
    """What a claim took: errands to ask about, and how many were `set_aside`: no longer wanted, or `parked` for a person to look at."""

    ask: list[ClaimedErrand] = field(default_factory=list)
    set_aside: int = 0
    parked: int = 0


def lease_seconds() -> float:
    """Return how long an errand's lease lasts, in seconds."""
    return LEASE_TIMEOUTS * float(settings.IMSS_TIMEOUT_SECONDS) + WRITING_SECONDS


def seconds_until_due(date: dt.date) -> float | None:
    """Return the seconds until the next unclaimed errand of `date` is due (0: now); None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_DUE, [date])
        seconds: float | None = cursor.fetchone()[0]
    return None if seconds is None else max(seconds, 0.0)


def claim(date: dt.date, room: int, *, holder: int | None = None) -> ClaimResult:
    """Claim up to `room` errands due on `date` for the worker `holder` (a WorkerShare's id). To be committed before a request is sent."""
    start_before = time.monotonic() + float(settings.IMSS_TIMEOUT_SECONDS)
    with transaction.atomic():
        doubts = take_due(date, room, holder)
        errands = Errand.objects.filter(pk__among=doubts).select_related("case__student").only(*_READ).order_by("pk")
        return _sort(list(errands), doubts, start_before, date)


def take_due(date: dt.date, room: int, holder: int | None) -> dict[int, bool]:
    """Lease up to `room` due errands; return the id of each, and whether it was in doubt."""
    kinds = [kind.value for kind in Errand.MOVEMENTS]
    values: dict[str, Any] = {"date": date, "room": room, "lease": lease_seconds(), "movements": kinds, "holder": holder}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        return dict(cursor.fetchall())


def _sort(errands: Sequence[Errand], doubts: dict[int, bool], start_before: float, date: dt.date) -> ClaimResult:
    cadences, most_strikes = Cadences(), ImssSettings.objects.get().most_strikes
    result, aside, outdated = ClaimResult(), list[_SetAside](), list[Errand]()
    unsent = [errand for errand in errands if errand.kind in SENDS and errand.received_on is None and not doubts[errand.pk]]
    later, owed = movements.postponed(unsent, date), movements.still_owed(unsent, date)
    for errand in errands:
        claimed = _claimed(errand, cadences, doubts[errand.pk], start_before)
        if errand.kind == Errand.Kind.SEND_BAJA and errand in unsent and errand.pk not in owed:
            claimed.wanted = False
        if errand.pk in later:
            result.set_aside += 1
        elif reason := _why_not(claimed, most_strikes):
            aside.append(reason)
        elif _outdated(claimed):
            outdated.append(errand)
        else:
            result.ask.append(claimed)
    _freeze_movements([claimed for claimed in result.ask if claimed.errand.kind in SENDS and claimed.movement is None])
    _set_aside(aside)
    movements.replace(outdated)
    result.set_aside += len(aside) + len(outdated)
    result.parked = sum(row.status == Errand.Status.PARKED for row in aside)
    return result


class _SetAside(NamedTuple):
    """An errand (id) that is not asked about, and the columns that say why."""

    pk: int
    status: str
    message: str
    in_doubt: bool


def _why_not(claimed: ClaimedErrand, most_strikes: int) -> _SetAside | None:
    """Return why an errand is set aside instead of asked about; None: ask."""
    errand = claimed.errand
    if errand.strikes > most_strikes:
        return _SetAside(errand.pk, Errand.Status.PARKED, errand.message or _NO_ANSWER, claimed.doubtful)
    if claimed.doubtful or errand.received_on:
        return None
    if not claimed.wanted:
        return _SetAside(errand.pk, Errand.Status.DONE, errand.message, claimed.doubtful)
    return None


def _outdated(claimed: ClaimedErrand) -> bool:
    """Whether its movement, surely not taken by IMSS, has the NSS or CURP of before a correction."""
    movement = claimed.movement
    taken = claimed.doubtful or claimed.errand.received_on
    return bool(movement and not taken and (movement.curp, movement.nss) != (claimed.curp, claimed.nss))


def _claimed(errand: Errand, cadences: Cadences, doubtful: bool, start_before: float) -> ClaimedErrand:
    student = errand.case.student
    movement = Movement.from_json(errand.movement) if errand.movement else None
    wanted = cadences.wanted(errand, errand.case) and (errand.kind == Errand.Kind.LOCATE_NSS or bool(student.nss or errand.nss))
    # A baja is of the number it was sent under; for all else the student's own counts.
    nss = errand.nss if errand.kind == Errand.Kind.SEND_BAJA and errand.nss else student.nss or ""
    return ClaimedErrand(errand, doubtful, errand.misses, errand.strikes, wanted, student.curp, nss, student.email, movement, start_before)


def _freeze_movements(new: Sequence[ClaimedErrand]) -> None:
    """Store the movement with its first claim. It never changes after that: a retry must be the same movement."""
    if not new:
        return
    prefetch_related_objects([claimed.errand for claimed in new], "case__plantel", "case__enrolment")
    causes = dict(BajaCause.objects.values_list("reason", "causa"))
    for claimed in new:
        claimed.movement = movements.build(claimed.errand, causes)
    update_rows(Errand, ["movement"], [(claimed.errand.pk, claimed.movement.as_json()) for claimed in new if claimed.movement])


def _set_aside(rows: Sequence[_SetAside]) -> None:
    if rows:
        update_rows(Errand, ["status", "message", "in_doubt"], rows)
        Errand.objects.filter(pk__among=[row.pk for row in rows]).update(lease_until=None)
