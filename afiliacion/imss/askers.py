"""Who is asking IMSS right now, so that all together keep one pace and a dead worker's errands go on at once.

Every worker divides the pace and the places by the number of workers it saw last, and writes that number down. A newcomer does not begin
until everybody counts it in: at no moment do the shares add up to more than the whole. A worker is alive as long as the database has its
connection, which a kill -9 ends at once; whoever looks next takes it off the list and frees what it held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection

from afiliacion.imss.claims import lease_seconds
from afiliacion.imss.models import Errand

_JOIN: Final = """
INSERT INTO imss_asker (pid, backend_start, among)
SELECT pid, backend_start, (SELECT count(*) + 1 FROM imss_asker) FROM pg_stat_activity WHERE pid = pg_backend_pid()
RETURNING id
"""
# A connection hidden from us (another role's) counts as alive. One not heard of for as long as a lease has nothing left to ask.
_BURY: Final = """
DELETE FROM imss_asker a
WHERE a.id IS DISTINCT FROM %(me)s::bigint AND (a.seen_at < clock_timestamp() - make_interval(secs => %(lease)s) OR NOT EXISTS (
  SELECT FROM pg_stat_activity s WHERE s.pid = a.pid AND (s.backend_start IS NULL OR s.backend_start = a.backend_start)))
RETURNING id
"""
# Nobody waits for a question asked twice. A movement may still be in the works at IMSS for as long as we would have waited.
_FREE: Final = """
UPDATE imss_errand SET lease_until = CASE
  WHEN kind = ANY(%(movements)s) THEN least(lease_until, clock_timestamp() + make_interval(secs => %(patience)s))
  ELSE clock_timestamp() END
WHERE lease_until IS NOT NULL AND holder = ANY(%(dead)s)
"""
_LOOK: Final = """
UPDATE imss_asker SET seen_at = clock_timestamp(), pid = pg_backend_pid(), among = (SELECT count(*) FROM imss_asker),
  backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
WHERE id = %s RETURNING among
"""
_COUNTED_IN: Final = "SELECT coalesce(min(among), 0) >= %s FROM imss_asker WHERE id <> %s"


@dataclass(frozen=True, slots=True)
class Share:
    """`among` how many everything is divided, and whether all of them know it."""

    among: int
    agreed: bool


def join() -> int:
    """Be one of those who ask; return the id to look and leave with."""
    with connection.cursor() as cursor:
        cursor.execute(_JOIN)
        return int(cursor.fetchone()[0])


def bury(me: int | None = None) -> None:
    """Take the dead off the list; what they held is free. `me` is alive."""
    with connection.cursor() as cursor:
        cursor.execute(_BURY, {"me": me, "lease": lease_seconds()})
        if dead := [row[0] for row in cursor.fetchall()]:
            movements = [kind.value for kind in Errand.MOVEMENTS]
            cursor.execute(_FREE, {"dead": dead, "movements": movements, "patience": float(settings.IMSS_TIMEOUT_SECONDS)})


def look(me: int) -> Share | None:
    """Who else is there now, and say that we know. None: we were taken for dead, join again."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [me])
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(_COUNTED_IN, [row[0], me])
        return Share(row[0], row[0] == 1 or bool(cursor.fetchone()[0]))


def leave(me: int) -> None:
    """Nothing in hand and nothing to come: the others may have our share."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM imss_asker WHERE id = %s", [me])
