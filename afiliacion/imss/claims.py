"""Taking errands in hand: claimed with a lease, so that no two workers ask the same and none is lost with its worker.

The claim is the committed intent. Leases end by the database's clock; an errand whose lease ran out is simply due again,
and a movement then is in doubt: it is looked up before it may be sent again (docs/adr/0004-database-is-the-truth.md).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import prefetch_related_objects

from afiliacion.cases.bulk import update_rows
from afiliacion.imss import movements
from afiliacion.imss.cadence import SENDS, Cadences
from afiliacion.imss.models import BajaCause, Errand, Manners
from afiliacion.imss.port import Movement

#: A lease must outlast a wait in the queue, a look-up and a transmission, each as long as the client's patience, and the writing.
LEASE_TIMEOUTS: Final = 3
WRITING_SECONDS: Final = 5.0

# The subselect is evaluated once, so the index can be used; a bare clock_timestamp() would be asked for every row.
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

#: Of an errand everything; of its case and student what is asked with, and what a movement is made of.
_READ: Final = (
    *(field.name for field in Errand._meta.concrete_fields), "case__state", "case__state_since", "case__due_on", "case__plantel",
    "case__enrolment", "case__umf", "case__baja_kind", "case__student__curp", "case__student__nss", "case__student__email",
    "case__student__nombre", "case__student__primer_apellido", "case__student__segundo_apellido",
)  # fmt: skip
_NO_ANSWER: Final = "El IMSS no dio una respuesta que sirva."
_OTHER_DATA: Final = "El NSS o la CURP del alumno cambió después de pedir el movimiento: vuelva a pedirlo."


@dataclass(slots=True)
class Claimed:
    """An errand in hand, with what is needed to ask. `doubtful`: an earlier try may have reached IMSS."""

    errand: Errand
    doubtful: bool
    #: Tries in a row without an answer, this one included, and those that count against it.
    misses: int
    strikes: int
    wanted: bool
    curp: str
    nss: str
    email: str
    movement: Movement | None
    #: By the monotonic clock of this process: asking later than this could overlap with the next claim.
    start_before: float


@dataclass(slots=True)
class Claims:
    """What a claim took: errands to ask about, and how many it only put away: no longer wanted, or `parked` for a person to see."""

    ask: list[Claimed] = field(default_factory=list)
    put_away: int = 0
    parked: int = 0


def lease_seconds() -> float:
    return LEASE_TIMEOUTS * float(settings.IMSS_TIMEOUT_SECONDS) + WRITING_SECONDS


def claim(date: dt.date, room: int, *, holder: int | None = None) -> Claims:
    """Take up to `room` errands due on `date`, for that asker. To be committed before anything is asked."""
    start_before = time.monotonic() + float(settings.IMSS_TIMEOUT_SECONDS)
    with transaction.atomic():
        doubts = _take(date, room, holder)
        errands = Errand.objects.filter(pk__among=doubts).select_related("case__student").only(*_READ).order_by("pk")
        return _sort(list(errands), doubts, start_before)


def _take(date: dt.date, room: int, holder: int | None) -> dict[int, bool]:
    """Errand id -> whether it was in doubt."""
    kinds = [kind.value for kind in Errand.MOVEMENTS]
    values: dict[str, Any] = {"date": date, "room": room, "lease": lease_seconds(), "movements": kinds, "holder": holder}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        return dict(cursor.fetchall())


def _sort(errands: Sequence[Errand], doubts: dict[int, bool], start_before: float) -> Claims:
    cadences, most_strikes = Cadences(), Manners.objects.get().most_strikes
    claims, away = Claims(), list[tuple[int, str, str, bool]]()
    for errand in errands:
        taken = _in_hand(errand, cadences, doubts[errand.pk], start_before)
        if put := _why_not(taken, most_strikes):
            away.append((errand.pk, *put, taken.doubtful))
        else:
            claims.ask.append(taken)
    _freeze([taken for taken in claims.ask if taken.errand.kind in SENDS and taken.movement is None])
    _put_away(away)
    claims.put_away = len(away)
    claims.parked = sum(row[1] == Errand.Status.PARKED for row in away)
    return claims


def _why_not(taken: Claimed, most_strikes: int) -> tuple[str, str] | None:
    """The status and message with which an errand is put away instead of asked about; None: ask."""
    errand = taken.errand
    if errand.strikes > most_strikes:
        return Errand.Status.PARKED, errand.message or _NO_ANSWER
    if taken.doubtful or errand.received_on:
        return None
    if not taken.wanted:
        return Errand.Status.DONE, errand.message
    student = errand.case.student
    if taken.movement and (taken.movement.curp, taken.movement.nss) != (student.curp, student.nss):
        return Errand.Status.PARKED, _OTHER_DATA
    return None


def _in_hand(errand: Errand, cadences: Cadences, doubtful: bool, start_before: float) -> Claimed:
    student = errand.case.student
    movement = Movement.from_json(errand.movement) if errand.movement else None
    wanted = cadences.wanted(errand, errand.case) and (errand.kind == Errand.Kind.LOCATE_NSS or bool(student.nss))
    return Claimed(
        errand, doubtful, errand.misses, errand.strikes, wanted, student.curp, student.nss or "", student.email, movement, start_before
    )


def _freeze(fresh: Sequence[Claimed]) -> None:
    """What is sent is decided by the first claim and never changes: a retry must be the same movement."""
    if not fresh:
        return
    prefetch_related_objects([taken.errand for taken in fresh], "case__plantel", "case__enrolment")
    causes = dict(BajaCause.objects.values_list("reason", "causa"))
    for taken in fresh:
        taken.movement = movements.build(taken.errand, causes)
    update_rows(Errand, ["movement"], [(taken.errand.pk, taken.movement.as_json()) for taken in fresh if taken.movement])


def _put_away(away: Sequence[tuple[int, str, str, bool]]) -> None:
    if away:
        update_rows(Errand, ["status", "message", "in_doubt"], away)
        Errand.objects.filter(pk__among=[row[0] for row in away]).update(lease_until=None)
