"""Finding what is due among few and among many errands: `.venv/bin/python benchmarks/due.py [SMALL] [LARGE] [RUNS]`.

The same 600 are due in both; the rest is what the years have left. Each run looks for what is due, claims 600 and takes it back.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time

from common import office

_YEARS = """
INSERT INTO imss_errand (case_id, kind, key, status, requested_on, requested_at, requested_name, next_on,
                         attempt, misses, strikes, in_doubt, lote, recibo, code, message)
SELECT (array(SELECT id FROM cases_case))[1 + g %% %s], 'locate_nss', gen_random_uuid(), 'done', current_date - g %% 2000, now(), 'x',
       current_date - g %% 2000, 1, 0, 0, false, '', '', '', ''
FROM generate_series(1, %s) g
"""
DUE = 600


def milliseconds(runs: int) -> float:
    """Median of looking for what is due and claiming it."""
    from django.db import transaction
    from django.utils import timezone

    from afiliacion.imss.queue.claims import seconds_until_due, take_due

    today, taken = timezone.localdate(), []
    for _ in range(runs):
        with transaction.atomic():
            began = time.perf_counter()
            assert seconds_until_due(today) == 0
            assert len(take_due(today, DUE, 1)) == DUE
            taken.append(1000 * (time.perf_counter() - began))
            transaction.set_rollback(True)
    return statistics.median(taken)


def main(small: int = 10_000, large: int = 5_000_000, runs: int = 25) -> None:
    from django.db import connection

    from tests.imss.chaos import school

    school(DUE, random.Random(7))
    held, found = 0, []
    for rows in (small, large):
        with connection.cursor() as cursor:
            cursor.execute(_YEARS, [DUE, rows - held])
            cursor.execute("VACUUM ANALYZE imss_errand")
        held = rows
        found.append(milliseconds(runs))
        print(f"{rows:>10,} errands: {found[-1]:.2f} ms to find and claim {DUE}", flush=True)
    print(f"{found[1] / found[0]:.2f} x")


os.environ["IMSS_URL"] = "http://127.0.0.1:9"  # this process only plans
with office():
    main(*map(int, sys.argv[1:]))
