"""Read how many cases are in which state and due when, from counters instead of counting the cases.

The trigger on cases inserts differences and updates nothing, so concurrent transactions never wait for one another's counters; `fold` adds
the differences up. In every transaction the sums are exactly the counts (docs/adr/0018).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection, models, transaction
from django.db.models import F

from afiliacion.cases.models import IS_COUNTED, Case, DueTally, FunnelDay, StandingTally
from afiliacion.cases.states import Milestone, Turn

#: A table is folded when it holds this many more rows than it has different keys.
SLACK: Final = 2_000
_LOCK: Final = 0x7A11E5

_TABLES: Final[Sequence[tuple[type[models.Model], tuple[str, ...]]]] = (
    (StandingTally, ("plantel_id", "ciclo_id", "state", "turn", "coverage", "reached")),
    (DueTally, ("plantel_id", "state", "turn", "due_on", "alerted")),
)


class StateCount(NamedTuple):
    """`n` cases of one ciclo and plantel with the same state, turn, coverage and milestone. A tuple: every list makes hundreds."""

    plantel_id: int | None
    ciclo_id: int
    state: str
    turn: str
    coverage: str
    reached: int
    n: int


class DueCount(NamedTuple):
    """`n` cases with a step pending, due on the same day (None: no clock runs)."""

    state: str
    turn: str
    due_on: dt.date | None
    alerted: bool
    n: int


def standing(planteles: Iterable[int] | None) -> list[StateCount]:
    """Where the cases of these planteles stand (None: all of them, counted together)."""
    return [StateCount._make(row) for row in _sums(StandingTally, "plantel_id, ciclo_id, state, turn, coverage, reached", planteles)]


def due(planteles: Iterable[int] | None) -> list[DueCount]:
    """When the cases of these planteles are due (None: all of them)."""
    return [DueCount._make(row) for row in _sums(DueTally, "state, turn, due_on, alerted", planteles)]


def _sums(model: type[models.Model], key: str, planteles: Iterable[int] | None) -> list[tuple[Any, ...]]:
    """The sum of each key that is not zero. Every list asks this first: put together by Django it took ten times as long."""
    where, params = ("plantel_id IS NULL", []) if planteles is None else ("plantel_id = ANY(%s)", [list(planteles)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, sum(n) FROM {model._meta.db_table} WHERE {where} GROUP BY {key} HAVING sum(n) <> 0",  # noqa: S608 - names of our own
            params,
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def fold() -> int:
    """Add up the differences of tables that have grown; the sums stay what they are. Returns how many rows went."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        return sum(_fold(cursor, model._meta.db_table, key) for model, key in _TABLES)


def _fold(cursor: Any, table: str, key: Sequence[str]) -> int:
    names = ", ".join(key)
    cursor.execute(f"SELECT count(*) - count(DISTINCT ({names})) FROM {table}")  # noqa: S608 - names of our own
    if cursor.fetchone()[0] < SLACK:
        return 0
    cursor.execute(
        f"WITH gone AS (DELETE FROM {table} RETURNING {names}, n), "  # noqa: S608
        f"kept AS (INSERT INTO {table} ({names}, n) SELECT {names}, sum(n) FROM gone GROUP BY {names} HAVING sum(n) <> 0 RETURNING 1) "
        "SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM kept)"
    )
    return int(cursor.fetchone()[0])


_REAL: Final = {
    "cases_standingtally": f"SELECT plantel_id, ciclo_id, state, turn, coverage, reached, 1 AS n FROM cases_case c WHERE {IS_COUNTED}",  # noqa: S608
    "cases_duetally": (
        f"SELECT plantel_id, state, turn, due_on, alerted_on IS NOT NULL AS alerted, 1 AS n FROM cases_case c "  # noqa: S608
        f"WHERE turn <> '{Turn.NADIE}' AND {IS_COUNTED}"
    ),
}


def differences() -> Iterator[str]:
    """Every counter that is not the real count, in words. Reads every case once: for the night and for tests."""
    for model, key in _TABLES:
        table = model._meta.db_table
        names, rest = ", ".join(key), ", ".join(key[1:])
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH real AS MATERIALIZED ({_REAL[table]}) "  # noqa: S608
                f"SELECT {names}, sum(n) FROM (SELECT {names}, n FROM {table} UNION ALL SELECT {names}, -n FROM real "
                f"UNION ALL SELECT NULL, {rest}, -n FROM real) x GROUP BY {names} HAVING sum(n) <> 0"
            )
            for *place, extra in cursor.fetchall():
                where = ", ".join(f"{name}={value}" for name, value in zip(key, place, strict=True))
                yield f"{table} ({where}): cuenta {extra:+d} de más"


def note_funnel(day: dt.date) -> int:
    """Write down how far every plantel's ciclos had come on `day`; a repeated day is written over. Returns how many rows."""
    reached = ", ".join(f"coalesce(sum(n) FILTER (WHERE reached >= {milestone.value}), 0)" for milestone in Milestone)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {FunnelDay._meta.db_table} (plantel_id, ciclo_id, date, reached) "  # noqa: S608
            f"SELECT t.plantel_id, t.ciclo_id, %(day)s, ARRAY[{reached}]::integer[] FROM {StandingTally._meta.db_table} t "
            "JOIN students_ciclo c ON c.id = t.ciclo_id AND %(day)s BETWEEN c.starts_on AND c.ends_on "
            "WHERE t.plantel_id IS NOT NULL GROUP BY 1, 2 "
            "ON CONFLICT (ciclo_id, date, plantel_id) DO UPDATE SET reached = EXCLUDED.reached",
            {"day": day},
        )
        return int(cursor.rowcount)


def wrong_copies() -> Iterator[str]:
    """Every case whose copy of the registry is not what the registry says, in words."""
    right = {"ciclo": F("enrolment__ciclo"), "grupo": F("enrolment__grupo"), "name_order": F("student__name_order")}
    for case in Case.objects.exclude(**right).only("pk").iterator():
        yield f"{case.folio}: su ciclo, grupo o nombre en las listas no es el del registro"
