"""Day and night compressed: the same cases asked about again and again by one process. Does anything grow?

    .venv/bin/python benchmarks/soak.py [--cases 4000] [--cycles 50] [--minutes 9]

Each cycle asks about every case (vigencia, answered NO: nothing changes but the errand), clears the archive as the night does, and vacuums
as autovacuum does between two nights. Printed at the end: how fast the process' memory grows (MiB an hour and a million questions, over all
but the first fifth of the cycles), connections to the database, dead rows a vacuum leaves, the size of the tables (a cycle leaves one
finished errand a case), and the pace of the last third against that of the first.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import office

from afiliacion.cases.outcome import Act

DAY = dt.date(2026, 8, 20)
MIB = 1024 * 1024
TABLES = ("imss_errand", "imss_answer", "cases_case")
_DEAD = """
SELECT max(n_dead_tup::float / greatest(n_dead_tup + n_live_tup, 1)), sum(pg_total_relation_size(relid)) / 1048576.0
FROM pg_stat_user_tables WHERE relname = ANY(%s)
"""
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


@dataclass
class Cycle:
    """How it stood after one cycle; `at` is seconds since the first began, `asked` in all."""

    at: float
    asked: int
    seconds: float
    rss: float
    connections: int
    dead: float
    tables: float


def main(options: argparse.Namespace) -> None:
    from django.conf import settings
    from django.utils import timezone

    from afiliacion.imss.models import ImssSettings
    from tests.imss_mock.harness import StandIn

    now = timezone.make_aware(dt.datetime.combine(DAY, dt.time(12)))
    with tempfile.TemporaryDirectory() as folder:
        stand_in = StandIn(Path(folder), day=DAY.isoformat())
        settings.IMSS_URL, settings.IMSS_CONCURRENCY = f"http://127.0.0.1:{stand_in.connection.port}", 50
        ImssSettings.objects.update(requests_per_second=20_000)
        cases = sent(options.cases, now)
        cycles = soak(cases, now, options)
        stand_in.stop()
    tell(cycles)


def sent(n: int, now: dt.datetime) -> list[int]:
    """So many cases whose alta IMSS has received, and which it does not yet report as covered."""
    from afiliacion.cases import verbs
    from afiliacion.cases.models import Case
    from afiliacion.cases.outcome import NIGHT
    from afiliacion.cases.states import State
    from afiliacion.operations.simulation.invented_people import People
    from tests.imss.chaos import school

    school(n, random.Random(7))
    people = People(random.Random(8))
    who: dict[str, Any] = {"on": DAY, "act": Act(NIGHT, now)}
    without = Case.objects.filter(state=State.SIN_NSS).values_list("pk", flat=True)
    verbs.obtain_nss({pk: people.one().nss for pk in without}, **who)
    verbs.deliver_acuse(Case.objects.filter(state=State.NSS_OBTENIDO).values_list("pk", flat=True), **who)
    verbs.send_alta({pk: {"lote": "1"} for pk in Case.objects.filter(state=State.ACUSE_ENTREGADO).values_list("pk", flat=True)}, **who)
    return list(Case.objects.filter(state=State.ALTA_ENVIADA).values_list("pk", flat=True))


def soak(cases: list[int], now: dt.datetime, options: argparse.Namespace) -> list[Cycle]:
    from afiliacion.cases.outcome import NIGHT
    from afiliacion.imss.chase.run import chase
    from afiliacion.imss.queue.plan import ask_now
    from afiliacion.imss.retention import clear_archive

    cycles: list[Cycle] = []
    asked, first = 0, time.monotonic()
    while len(cycles) < options.cycles and time.monotonic() - first < 60 * options.minutes:
        began = time.monotonic()
        ask_now(cases, act=Act(NIGHT, now))
        asked += chase(DAY, now, budget_seconds=600).asked
        clear_archive(now + dt.timedelta(days=10_000))
        took = time.monotonic() - began
        cycles.append(Cycle(time.monotonic() - first, asked, took, rss(), *database()))
        last = cycles[-1]
        print(
            f"{len(cycles):>4} {asked:>9,} asked {last.seconds:6.1f} s {last.rss:6.1f} MiB {last.connections} connections "
            f"{last.dead:.1%} dead, tables {last.tables:.0f} MiB",
            flush=True,
        )
    return cycles


def rss() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB


def database() -> tuple[int, float, float]:
    """Connections, the greatest share of dead rows a vacuum leaves in the tables that are written, and their size in MiB."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_CONNECTIONS)
        connections = int(cursor.fetchone()[0])
        # A session's own counts come with the statement after this one; a vacuum before them would be overlooked.
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
        cursor.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(_DEAD, [list(TABLES)])
        dead, size = cursor.fetchone()
    return connections, float(dead), float(size)


def tell(cycles: list[Cycle]) -> None:
    warm = cycles[len(cycles) // 5 :]
    per_hour = statistics.linear_regression([each.at / 3600 for each in warm], [each.rss for each in warm]).slope
    per_million = statistics.linear_regression([each.asked / 1e6 for each in warm], [each.rss for each in warm]).slope
    third = max(len(cycles) // 3, 1)
    early, late = (statistics.median(each.seconds for each in some) for some in (cycles[:third], cycles[-third:]))
    print(f"memory {per_hour:+.2f} MiB an hour, {per_million:+.2f} MiB a million questions, {cycles[-1].rss:.0f} MiB at the end")
    print(f"connections {min(c.connections for c in cycles)} to {max(c.connections for c in cycles)}")
    print(f"dead rows {max(c.dead for c in cycles):.1%} at most; tables {warm[0].tables:.0f} MiB at first, {warm[-1].tables:.0f} at last")
    print(f"a cycle took {early:.1f} s at first, {late:.1f} s at last: {late / early:.2f} x", flush=True)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--cases", type=int, default=4_000)
parser.add_argument("--cycles", type=int, default=50)
parser.add_argument("--minutes", type=float, default=9.0)
asked_for = parser.parse_args()
os.environ["IMSS_URL"] = "http://127.0.0.1:9"  # until the stand-in says where it is
with office():
    main(asked_for)
