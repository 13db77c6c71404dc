"""What the night has to ask: errands opened for the cases whose state and age call for it, and closed where they no longer do.

Set-based, and safe to run at any time and any number of times: one case has at most one unfinished errand of a kind.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from afiliacion import wake
from afiliacion.cases.outcome import NIGHT, Actor
from afiliacion.cases.states import TRANSITIONS
from afiliacion.imss import movements
from afiliacion.imss.adapters import is_automatic
from afiliacion.imss.cadence import SENDS
from afiliacion.imss.models import Errand

_ASKS: Final = [Errand.Kind.LOCATE_NSS.value, Errand.Kind.CHECK_VIGENCIA.value]

# In order of case, as apply.py locks them: the foreign key's locks are taken row by row.
_OPEN: Final = """
INSERT INTO imss_errand (case_id, kind, key, status, requested_on, requested_at, requested_by_id, requested_name, next_on,
                         attempt, misses, strikes, in_doubt, lote, recibo, code, message)
SELECT DISTINCT c.id, k.kind, gen_random_uuid(), 'open', %(on)s::date, %(now)s::timestamptz, %(by)s::int, %(name)s, %(on)s::date,
       0, 0, 0, false, '', '', '', ''
FROM imss_cadence k
JOIN cases_case c ON c.state = k.state
JOIN students_student s ON s.id = c.student_id AND (k.kind = 'locate_nss' OR s.nss IS NOT NULL)
WHERE k.kind = ANY(%(asks)s)
  AND (CASE k.anchor WHEN 'due' THEN c.due_on ELSE c.state_since END) + k.after_days::int <= %(reached)s::date
  AND (%(cases)s::bigint[] IS NULL OR c.id = ANY(%(cases)s))
  AND NOT EXISTS (SELECT FROM imss_errand e WHERE e.case_id = c.id AND e.kind = k.kind AND e.status IN ('open', 'parked'))
ORDER BY c.id
ON CONFLICT DO NOTHING
RETURNING case_id, kind
"""

# Questions nobody needs answered any more, and movements neither sent nor sendable. What is in doubt, in hand, or a movement
# that waits for a person is left alone.
_CLOSE: Final = """
UPDATE imss_errand e SET status = 'done'
FROM cases_case c
WHERE c.id = e.case_id AND NOT e.in_doubt AND (e.lease_until IS NULL OR e.lease_until < clock_timestamp())
  AND (e.status = 'open' OR (e.status = 'parked' AND e.kind = ANY(%(asks)s)))
  AND NOT CASE WHEN e.kind = ANY(%(asks)s) OR e.received_on IS NOT NULL
    THEN EXISTS (SELECT FROM imss_cadence k WHERE k.kind = e.kind AND k.state = c.state)
    ELSE (e.kind, c.state) IN (SELECT * FROM unnest(%(kinds)s::text[], %(states)s::text[])) END
"""


@dataclass(slots=True)
class PlanReport:
    """Errands opened, by kind, and how many were closed because the case had moved on."""

    opened: Counter[str] = field(default_factory=Counter)
    closed: int = 0


def plan(date: dt.date, now: dt.datetime) -> PlanReport:
    """Open the errands that the cases call for on `date`, close those they no longer call for."""
    if not is_automatic():
        return PlanReport()
    with transaction.atomic():
        closed = _close()
        opened = _open(date, now, reached=date, cases=None, actor=NIGHT)
    return PlanReport(Counter(kind for _, kind in opened), closed)


def ask_now(cases: Iterable[int], *, actor: Actor, now: dt.datetime) -> list[int]:
    """Have IMSS asked about these cases (ids) right away, whatever their age, also where a person had to look first.

    Returns the cases that will be asked about; their state may call for no question at all.
    """
    today, ids = timezone.localdate(now), sorted(set(cases))
    if not is_automatic():
        return []
    with transaction.atomic():
        again = _unfinished(ids)
        movements.resume(again.values(), on=today)
        opened = _open(today, now, reached=dt.date.max, cases=ids, actor=actor)
        wake.after_commit()
    return sorted({*again, *(case_id for case_id, _ in opened)})


def _unfinished(cases: Sequence[int]) -> dict[int, int]:
    """Case -> its unfinished question, under lock."""
    found = Errand.objects.filter(case__in=cases, kind__in=_ASKS, status__in=Errand.UNFINISHED)
    return dict(found.select_for_update(of=("self",)).order_by("pk").values_list("case_id", "pk"))


def _open(on: dt.date, now: dt.datetime, *, reached: dt.date, cases: Sequence[int] | None, actor: Actor) -> list[tuple[int, str]]:
    values: dict[str, Any] = {
        "on": on,
        "now": now,
        "by": actor.user_id,
        "name": actor.name,
        "reached": reached,
        "asks": _ASKS,
        "cases": cases,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, values)
        return list(cursor.fetchall())


def _close() -> int:
    sendable = [(kind.value, state.value) for kind, verb in SENDS.items() for state in TRANSITIONS[verb]]
    kinds, states = zip(*sendable, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, {"asks": _ASKS, "kinds": list(kinds), "states": list(states)})
        return int(cursor.rowcount)
