"""The differences with IMSS among many cases: `.venv/bin/python benchmarks/reconciliation.py [CASES=100000] [ROUNDS=5] [--plans]
[--office=FOLDER]`.

Medians of interleaved rounds, in seconds: all that the page counts; the same for an officer of one plantel; the first fifty of each
list. The baseline is one sequential read of the same tables in the same round: cases, enrolments, students, covers, movements counted,
each by one process, without an index. `--plans`: what each part takes alone, with its plan. `--office`: an office that is
kept and found again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from common import OPTIONS, median_seconds, office
from grounds.a_big_office import build
from grounds.insured import insure

NUMBERS: Final = [int(arg) for arg in sys.argv[1:] if arg.isdigit()]
CASES: Final = NUMBERS[0] if NUMBERS else 100_000
ROUNDS: Final = NUMBERS[1] if len(NUMBERS) > 1 else 5
TABLES: Final = ("cases_case", "students_enrolment", "students_student", "insurance_cover", "movements_movement")


def sequential() -> None:
    """Every row of the tables read once, in the order in which they lie."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute("SET LOCAL enable_indexonlyscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t.id <> 0")  # noqa: S608 - our own names


def main() -> None:
    from django.db import connection, transaction
    from django.utils import timezone

    from afiliacion.cases.queries import visible_cases
    from afiliacion.reconciliation import strangers, truth
    from afiliacion.reconciliation.counting import count
    from afiliacion.reconciliation.differences import OF_CASES, Difference, find
    from afiliacion.reconciliation.ground import Ground

    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # into a file, too, line by line
    today, began = timezone.localdate(), time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM cases_case LIMIT 1")
        if not cursor.fetchone():
            build(cursor, CASES, 200, today)
            insure(cursor, today)
    print(f"{CASES:,} cases built in {time.perf_counter() - began:.0f} s", flush=True)
    everywhere, one = visible_cases(None), visible_cases([7])

    def baseline() -> None:
        with transaction.atomic():
            sequential()

    def first_pages() -> None:
        ground = Ground.read(today)
        for what in OF_CASES:
            list(find(what, everywhere, ground).order_by("pk").values_list("pk", "under")[:51])

    def page(cases: Any, planteles: frozenset[int] | None) -> Any:
        ground = Ground.read(today)
        answered = strangers.answered_for(ground.registros, planteles)
        return count(cases, ground), strangers.counted(answered, ground.lists), truth.last_answers(cases, ground)

    tallies, unknown, _ = page(everywhere, None)
    found = [(tally.what, tally.n) for tally in tallies] + [(what, n) for what, _, n in unknown]
    for what in Difference:
        print(f"  {what.value:18} {sum(n for each, n in found if each is what):>9,}")
    works: list[Callable[[], object]] = [lambda: page(everywhere, None), lambda: page(one, frozenset({7})), first_pages, baseline]
    counts, officer, pages, usual = median_seconds(ROUNDS, *works)
    print(f"all counts of the page {counts:.2f} s, sequential count {usual:.2f} s, ratio {counts / usual:.1f}")
    print(f"those of one plantel {officer:.3f} s; the first fifty of each of the {len(OF_CASES)} lists {pages:.2f} s")
    if "plans" in OPTIONS:
        plans(everywhere, Ground.read(today))


def plans(cases: Any, ground: Any) -> None:
    """What each part takes alone, and its plan."""
    from django.db import connection

    from afiliacion.reconciliation import strangers, truth
    from afiliacion.reconciliation.counting import _counted
    from afiliacion.reconciliation.differences import OF_CASES
    from afiliacion.reconciliation.ground import Ground

    registros = strangers.answered_for(ground.registros, None)
    parts: dict[str, Callable[[], object]] = {
        "ground": lambda: Ground.read(ground.today), "strangers": lambda: strangers.counted(registros, ground.lists),
        "last answers": lambda: truth.last_answers(cases, ground),
    }  # fmt: skip
    for name, work in parts.items():
        print(f"== {name}: {median_seconds(2, work)[0]:.2f} s")
    for what in OF_CASES:
        sql, params = _counted(what, cases, ground).query.sql_with_params()
        with connection.cursor() as cursor:
            began = time.perf_counter()
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {sql}", params)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        print(f"== {what.value}: {time.perf_counter() - began:.2f} s\n{plan}")


with office(Path(OPTIONS["office"]) if "office" in OPTIONS else None):
    main()
