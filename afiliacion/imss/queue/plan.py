"""Opening and closing the night's errands: opened for the cases whose state and age call for a question, closed where they no longer do.

Set-based, and safe to run at any time and any number of times: one case has at most one unfinished errand of a kind.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from afiliacion import wake
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import RESTING, TRANSITIONS
from afiliacion.imss.client.adapters import is_automatic
from afiliacion.imss.models import Errand
from afiliacion.imss.queue import movements
from afiliacion.imss.queue.cadence import SENDS

_ASKS: Final = [Errand.Kind.LOCATE_NSS.value, Errand.Kind.CHECK_VIGENCIA.value]
_RESTING: Final = sorted(state.value for state in RESTING)

# One statement for all cases: through the ORM every case due would be read and sent back as a row. In order of case, as chase/apply.py
# locks them: the foreign key's locks are taken row by row.
_OPEN: Final = """
INSERT INTO imss_errand (case_id, kind, key, status, requested_on, requested_at, requested_by_id, requested_name, next_on,
                         attempt, misses, strikes, in_doubt, lote, recibo, code, message)
SELECT DISTINCT c.id, k.kind, gen_random_uuid(), 'open', %(on)s::date, %(now)s::timestamptz, %(by)s::int, %(name)s, %(on)s::date,
       0, 0, 0, false, '', '', '', ''
FROM imss_cadence k
CROSS JOIN LATERAL unnest(CASE k.state WHEN 'REPOSO' THEN %(resting)s::text[] ELSE ARRAY[k.state::text] END) w(state)
JOIN cases_case c ON c.state = w.state
  AND (k.kind = 'check_vigencia' AND c.coverage = 'other' AND c.state = ANY(%(resting)s)) = (k.state = 'REPOSO')
JOIN students_student s ON s.id = c.student_id AND (k.kind = 'locate_nss' OR s.nss IS NOT NULL)
WHERE k.kind = ANY(%(asks)s)
  AND (CASE k.anchor WHEN 'due' THEN c.due_on ELSE c.state_since END) + k.after_days::int <= %(reached)s::date
  AND (%(cases)s::bigint[] IS NULL OR c.id = ANY(%(cases)s))
  AND NOT EXISTS (SELECT FROM imss_errand e WHERE e.case_id = c.id AND e.kind = k.kind AND e.status IN ('open', 'parked'))
ORDER BY c.id
ON CONFLICT DO NOTHING
RETURNING case_id, kind
"""

# Questions no longer needed, and movements neither sent nor sendable. Errands in doubt or claimed, movements that IMSS has received, and
# those that wait for a person, are left alone. A case at rest with another cover calls for no alta, and for questions of its own
# (cadence.py).
_CLOSE: Final = """
UPDATE imss_errand e SET status = 'done'
FROM cases_case c
WHERE c.id = e.case_id AND NOT e.in_doubt AND e.received_on IS NULL AND (e.lease_until IS NULL OR e.lease_until < clock_timestamp())
  AND (e.status = 'open' OR (e.status = 'parked' AND e.kind = ANY(%(asks)s)))
  AND NOT CASE WHEN e.kind = ANY(%(asks)s)
    THEN EXISTS (SELECT FROM imss_cadence k WHERE k.kind = e.kind AND k.state = CASE
        WHEN e.kind = 'check_vigencia' AND c.coverage = 'other' AND c.state = ANY(%(resting)s) THEN 'REPOSO' ELSE c.state END)
    ELSE (e.kind, c.state) IN (SELECT * FROM unnest(%(kinds)s::text[], %(states)s::text[]))
      AND NOT (e.kind = 'send_alta' AND c.coverage = 'other' AND c.state = ANY(%(resting)s)) END
"""


@dataclass(slots=True)
class PlanReport:
    """Errands opened, by kind, and how many were closed because the case had moved on."""

    opened: Counter[str] = field(default_factory=Counter)
    closed: int = 0


def plan(date: dt.date, now: dt.datetime) -> PlanReport:
    """Open the errands that the cases call for on `date`, close those they no longer call for; return how many."""
    if not is_automatic():
        return PlanReport()
    with transaction.atomic():
        _give_unwanted_altas(date)
        closed = _close()
        opened = _open(date, Act(NIGHT, now), reached=date, cases=None)
    return PlanReport(Counter(errand.kind for errand in opened), closed)


def ask_now(cases: Iterable[int], *, act: Act) -> list[int]:
    """Make these cases (ids) due for a question at once, whatever their age, also those that waited for a person.

    Returns the cases (ids) that IMSS will be asked about: the state of some may call for no question.
    """
    today, ids = timezone.localdate(act.now), sorted(set(cases))
    if not is_automatic():
        return []
    with transaction.atomic():
        again = _unfinished(ids)
        movements.resume(again.values(), on=today)
        opened = _open(today, act, reached=dt.date.max, cases=ids)
        wake.after_commit()
    return sorted({*again, *(errand.case_id for errand in opened)})


def _unfinished(cases: Sequence[int]) -> dict[int, int]:
    """Return case id -> id of its unfinished question, locked."""
    found = Errand.objects.filter(case__in=cases, kind__in=_ASKS, status__in=Errand.UNFINISHED)
    return dict(found.select_for_update(of=("self",)).order_by("pk").values_list("case_id", "pk"))


class _Opened(NamedTuple):
    case_id: int
    kind: str


def _open(on: dt.date, act: Act, *, reached: dt.date, cases: Sequence[int] | None) -> list[_Opened]:
    values: dict[str, Any] = {
        "on": on,
        "now": act.now,
        "by": act.actor.user_id,
        "name": act.actor.name,
        "reached": reached,
        "asks": _ASKS,
        "cases": cases,
        "resting": _RESTING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, values)
        return [_Opened(*row) for row in cursor.fetchall()]


def _give_unwanted_altas(date: dt.date) -> None:
    unsent = Errand.objects.filter(status__in=Errand.UNFINISHED, received_on=None, in_doubt=False)
    movements.give_to_cases_that_want_them(
        unsent.filter(Q(lease_until=None) | Q(lease_until__lt=Now())).select_for_update(of=("self",)), date
    )


def _close() -> int:
    sendable = [(kind.value, state.value) for kind, verb in SENDS.items() for state in TRANSITIONS[verb]]
    kinds, states = zip(*sendable, strict=True)
    values = {"asks": _ASKS, "resting": _RESTING, "kinds": list(kinds), "states": list(states)}
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, values)
        return int(cursor.rowcount)
