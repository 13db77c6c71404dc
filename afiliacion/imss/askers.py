"""Who is asking IMSS right now, so that all together keep one pace and a dead worker's errands soon go on.

Every worker divides the pace and the places by the number of workers it saw last, and writes that number down. Its share is a lease: it
ends SHARE_SECONDS after it was last renewed, and the worker knows when, by its own clock, whether or not the database can be reached. The
others count it until MARGIN_SECONDS later. Who has none, a newcomer or somebody cut off for too long, gets one when everybody counts it in.
So at no moment do the shares add up to more than the whole, and nobody waits for anybody longer than a lease.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from afiliacion.imss.claims import lease_seconds
from afiliacion.imss.models import Errand

#: Longer than it takes to come back to the database with a batch of answers.
SHARE_SECONDS: Final = 3.5
#: For clocks that do not run alike, and for the way from a turn taken to a question that has left.
MARGIN_SECONDS: Final = 0.5

# Until the end of the transaction. An arbitrary number, ours alone.
_ALONE: Final = "SELECT pg_advisory_xact_lock(1482951)"
_JOIN: Final = "INSERT INTO imss_asker (pid, backend_start, among) VALUES (pg_backend_pid(), NULL, 1) RETURNING id"
_RENEW: Final = """
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS t),
others AS (
  SELECT count(*) + 1 AS among, coalesce(min(among), 2147483647) AS counted_in FROM imss_asker, clock
  WHERE id <> %(me)s AND seen_at > t - make_interval(secs => %(surely)s)
)
UPDATE imss_asker a SET seen_at = t, among = others.among, pid = pg_backend_pid(),
  backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()),
  asks_until = CASE WHEN a.asks_until > t OR others.counted_in >= others.among THEN t + make_interval(secs => %(share)s) END
FROM clock, others WHERE a.id = %(me)s
RETURNING a.among, a.asks_until IS NOT NULL
"""
# Who may still be asking is not dead, whatever became of its connection. A connection hidden from us (another role's) counts as alive.
# One not heard of for as long as a lease has nothing left to ask.
_BURY: Final = """
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS t)
DELETE FROM imss_asker a USING clock
WHERE a.id IS DISTINCT FROM %(me)s::bigint AND a.seen_at < t - make_interval(secs => %(surely)s)
  AND (a.seen_at < t - make_interval(secs => %(lease)s) OR NOT EXISTS (
    SELECT FROM pg_stat_activity s
    WHERE s.pid = a.pid AND (s.backend_start IS NULL OR a.backend_start IS NULL OR s.backend_start = a.backend_start)))
RETURNING id
"""
# Nobody waits for a question asked twice. A movement may still be in the works at IMSS for as long as we would have waited.
_FREE: Final = """
UPDATE imss_errand SET lease_until = CASE
  WHEN kind = ANY(%(movements)s) THEN least(lease_until, clock_timestamp() + make_interval(secs => %(patience)s))
  ELSE clock_timestamp() END
WHERE lease_until IS NOT NULL AND holder = ANY(%(dead)s)
"""


@dataclass(frozen=True, slots=True)
class Share:
    """What asker `me` may have of the whole: one part `among` so many, if it is `ours` (for SHARE_SECONDS from before it was renewed)."""

    me: int
    among: int
    ours: bool


def renew(me: int | None) -> Share:
    """Say that we are there and whom we count, as asker `me` (None, or taken for dead meanwhile: as a new one), and have our share for
    longer. To be committed at once: the others wait for it, so that nobody decides by numbers somebody is just changing."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
        row = _renewed(cursor, me) if me else None
        if me is None or row is None:
            me = _join(cursor)
            row = _renewed(cursor, me)
    return Share(me, *row)


def _join(cursor: Any) -> int:
    cursor.execute(_JOIN)
    return int(cursor.fetchone()[0])


def _renewed(cursor: Any, me: int) -> Any:
    cursor.execute(_RENEW, {"me": me, "share": SHARE_SECONDS, "surely": SHARE_SECONDS + MARGIN_SECONDS})
    return cursor.fetchone()


def bury(me: int | None = None) -> None:
    """Take the dead off the list; what they held is free. `me` is alive."""
    with connection.cursor() as cursor:
        cursor.execute(_BURY, {"me": me, "lease": lease_seconds(), "surely": SHARE_SECONDS + MARGIN_SECONDS})
        if dead := [row[0] for row in cursor.fetchall()]:
            _free(cursor, dead)


def leave(me: int) -> None:
    """Nothing more to ask: the others may have our share, and what we still held if something of ours broke."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM imss_asker WHERE id = %s", [me])
        _free(cursor, [me])


def _free(cursor: Any, dead: list[int]) -> None:
    movements = [kind.value for kind in Errand.MOVEMENTS]
    cursor.execute(_FREE, {"dead": dead, "movements": movements, "patience": float(settings.IMSS_TIMEOUT_SECONDS)})
