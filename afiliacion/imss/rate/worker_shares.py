"""Which workers send requests to IMSS now, so that together they keep one rate and a crashed worker's errands soon go on.

Every worker divides the rate and the concurrency by the number of workers it counted last, and writes that number down (`divisor`). Its
share is a lease of SHARE_SECONDS from its last renewal; the worker knows by its own clock when it ends, whether or not it reaches the
database. The others count it until MARGIN_SECONDS later. A worker without a share (new, or cut off for too long) is granted one when every
other worker counts it in. So at no moment do the shares add up to more than the whole, and no worker waits longer than a lease.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from afiliacion.imss.models import Errand
from afiliacion.imss.queue.claims import lease_seconds

#: Longer than it takes to come back to the database with a batch of answers.
SHARE_SECONDS: Final = 3.5
#: For clocks that do not run alike, and for the time from a slot taken to a request sent.
MARGIN_SECONDS: Final = 0.5

# Until the end of the transaction. An arbitrary number, used for nothing else.
_LOCK: Final = "SELECT pg_advisory_xact_lock(1482951)"
_JOIN: Final = "INSERT INTO imss_asker (pid, backend_start, divisor) VALUES (pg_backend_pid(), NULL, 1) RETURNING id"
# In SQL, for the numbers must be read and written under one lock by one clock: one statement, several times a second and worker.
_RENEW: Final = """
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS t),
others AS (
  SELECT count(*) + 1 AS workers, coalesce(min(divisor), 2147483647) AS counted_in FROM imss_asker, clock
  WHERE id <> %(worker)s AND seen_at > t - make_interval(secs => %(expiry)s)
)
UPDATE imss_asker a SET seen_at = t, divisor = others.workers, pid = pg_backend_pid(),
  backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()),
  valid_until = CASE WHEN a.valid_until > t OR others.counted_in >= others.workers THEN t + make_interval(secs => %(share)s) END
FROM clock, others WHERE a.id = %(worker)s
RETURNING a.divisor, a.valid_until IS NOT NULL
"""
# A worker whose share may still be valid has not crashed, whatever became of its connection. A connection hidden from us (another role's)
# counts as alive. A worker not seen for as long as an errand's lease holds no errand any more.
_DELETE_CRASHED: Final = """
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS t)
DELETE FROM imss_asker a USING clock
WHERE a.id IS DISTINCT FROM %(worker)s::bigint AND a.seen_at < t - make_interval(secs => %(expiry)s)
  AND (a.seen_at < t - make_interval(secs => %(lease)s) OR NOT EXISTS (
    SELECT FROM pg_stat_activity s
    WHERE s.pid = a.pid AND (s.backend_start IS NULL OR a.backend_start IS NULL OR s.backend_start = a.backend_start)))
RETURNING id
"""
# A question asked twice does no harm. A movement may still be in the works at IMSS for as long as the worker would have waited.
_RELEASE: Final = """
UPDATE imss_errand SET lease_until = CASE
  WHEN kind = ANY(%(movements)s) THEN least(lease_until, clock_timestamp() + make_interval(secs => %(patience)s))
  ELSE clock_timestamp() END
WHERE lease_until IS NOT NULL AND holder = ANY(%(workers)s)
"""


@dataclass(frozen=True, slots=True)
class ShareGrant:
    """The share of worker `worker_id` (a WorkerShare's id): one part in `divisor`, if `granted` (SHARE_SECONDS from before the renewal)."""

    worker_id: int
    divisor: int
    granted: bool


def renew(worker_id: int | None) -> ShareGrant:
    """Renew the share of this worker (None, or released meanwhile: joins as a new one) and write down how many workers it counts.

    To be committed at once: the others wait for it, so that no worker decides by numbers that are just changing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        row = _renewed(cursor, worker_id) if worker_id else None
        if worker_id is None or row is None:
            worker_id = _join(cursor)
            row = _renewed(cursor, worker_id)
    return ShareGrant(worker_id, *row)


def _join(cursor: Any) -> int:
    cursor.execute(_JOIN)
    return int(cursor.fetchone()[0])


def _renewed(cursor: Any, worker_id: int) -> Any:
    cursor.execute(_RENEW, {"worker": worker_id, "share": SHARE_SECONDS, "expiry": SHARE_SECONDS + MARGIN_SECONDS})
    return cursor.fetchone()


def release_crashed(worker_id: int | None = None) -> None:
    """Delete the shares of crashed workers and release the errands they held. `worker_id`: the caller's own, which is left alone."""
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_CRASHED, {"worker": worker_id, "lease": lease_seconds(), "expiry": SHARE_SECONDS + MARGIN_SECONDS})
        if crashed := [row[0] for row in cursor.fetchall()]:
            _release(cursor, crashed)


def leave(worker_id: int) -> None:
    """Give the share back: nothing more to ask. Errands still held (an error interrupted the chase) are released."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM imss_asker WHERE id = %s", [worker_id])
        _release(cursor, [worker_id])


def _release(cursor: Any, workers: list[int]) -> None:
    movements = [kind.value for kind in Errand.MOVEMENTS]
    cursor.execute(_RELEASE, {"workers": workers, "movements": movements, "patience": float(settings.IMSS_TIMEOUT_SECONDS)})
