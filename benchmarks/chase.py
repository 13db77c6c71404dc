"""The chase against the stand-in IMSS: how much of its limit is used, what a case costs, how much memory; several workers together.

    .venv/bin/python benchmarks/chase.py [--cases 20000] [--workers 2] [--caps 50,200,500,none,unknown] [--latency 50] [--baseline "CMD"]

A cap is what the stand-in refuses beyond (requests/s); `none`: no cap; `unknown:200`: it has that one and the office was not told.
Each run asks with its own people, the servers are those of DATABASE_URL and REDIS_URL or embedded ones. `--baseline` is a command that runs
another chase and prints a line of JSON with "cases_s"; it is run before and after the uncapped one, for the ratio.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from common import office

from afiliacion.cases.outcome import Act

ROOT = Path(__file__).resolve().parent.parent
DAY = dt.date(2026, 8, 20)
#: A capped run lasts about so long; so does what a run without a known cap is given to find it.
SECONDS = 40
FIND_SECONDS = 60


@dataclass
class Run:
    cases: int
    seconds: float
    accepted: int
    refused: int
    late_rate: float
    cpu_ms: float
    rss_mib: float
    commits: float
    left: int


def main(options: argparse.Namespace) -> None:
    from tests.imss_mock.harness import StandIn

    baselines = [baseline(options.baseline)] if options.baseline else []
    for name in options.caps.split(","):
        unknown = name.startswith("unknown")
        cap = 0 if name == "none" else int(name.partition(":")[2] or 200) if unknown else int(name)
        wanted = min(options.cases, cap * (FIND_SECONDS + SECONDS if unknown else SECONDS)) if cap else options.cases
        print(f"cap {name}: {wanted:,} cases …", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            stand_in = StandIn(Path(folder), day=DAY.isoformat())
            stand_in.mood(latencia_ms=options.latency, tope_por_segundo=cap)
            run = chase(stand_in, school(wanted), options.workers, None if unknown else cap or 20_000)
            stand_in.stop()
        tell(name, cap, run)
        if name == "none" and options.baseline:
            baselines.append(baseline(options.baseline))
            print(
                f"  {run.cases / run.seconds / statistics.mean(baselines):.1f} x the baseline ({statistics.mean(baselines):,.0f} cases/s)"
            )


def tell(name: str, cap: int, run: Run) -> None:
    share = f", {run.accepted / run.seconds / cap:.1%} of the cap" if cap else ""
    late = f", {run.late_rate / cap:.1%} after {FIND_SECONDS} s" if run.late_rate else ""
    total = run.accepted + run.refused
    print(
        f"cap {name:12} {run.cases:>6,} cases {run.cases / run.seconds:>7,.0f} cases/s{share}{late}, refused {run.refused / total:.2%}, "
        f"CPU {run.cpu_ms:.2f} ms a case, {run.rss_mib:.0f} MiB, {run.commits:.3f} commits a case, left {run.left}",
        flush=True,
    )


def school(n: int) -> int:
    """That many cases without an NSS, due tonight; those of earlier runs are due no more."""
    from django.utils import timezone

    from afiliacion.cases import enrol
    from afiliacion.cases.outcome import NIGHT
    from afiliacion.imss.models import Errand
    from afiliacion.imss.queue.plan import plan
    from afiliacion.operations.simulation.invented_people import People
    from students import names
    from students.models import Ciclo, Enrolment, Plantel, RegistroPatronal, Student

    Errand.objects.update(status=Errand.Status.DONE)
    now = timezone.make_aware(dt.datetime.combine(DAY, dt.time(2)))
    plantel = Plantel.objects.get_or_create(clave="P", defaults={"name": "Plantel"})[0]
    RegistroPatronal.objects.get_or_create(plantel=plantel, valid_from=None, defaults={"registro": "A0112345321"})
    ciclo = Ciclo.objects.get_or_create(clave="C", defaults={"starts_on": dt.date(2026, 8, 1), "ends_on": dt.date(2027, 1, 31)})[0]
    people = People(random.Random(time.time_ns()))
    crowd = {p.curp: p for p in (people.one() for _ in range(n))}.values()
    students = Student.objects.bulk_create(
        [
            Student(
                curp=p.curp, nombre=p.nombre, primer_apellido=p.primer_apellido, segundo_apellido=p.segundo_apellido,
                birth_date=p.birth_date, sex=p.sex, entity=p.entity, name_search=names.search_key(p.nombre, p.primer_apellido),
                name_order=names.sort_key(p.primer_apellido, p.segundo_apellido, p.nombre),
            )
            for p in crowd
        ], ignore_conflicts=False,
    )  # fmt: skip
    rows = [Enrolment(student=s, plantel=plantel, ciclo=ciclo, matricula=str(s.pk), enrolled_on=dt.date(2026, 8, 6)) for s in students]
    opened = enrol.enrol([row.pk for row in Enrolment.objects.bulk_create(rows)], act=Act(NIGHT, now)).opened
    plan(DAY, now)
    Errand.objects.exclude(case__in=opened).update(status=Errand.Status.DONE)
    return len(opened)


def chase(stand_in: Any, cases: int, workers: int, limit: float | None) -> Run:
    from django.db import connection

    from afiliacion.imss.models import ConnectionState, Errand, ImssSettings

    ImssSettings.objects.update(requests_per_second=limit)
    ConnectionState.objects.update(rate=0, good=0, bad=None, limit=None, quiet_until=None, probe_at=None, failures=0)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    environment = worker_environment(stand_in.connection.port)
    idle = cpu_of([start(environment, DAY - dt.timedelta(days=1)) for _ in range(workers)])[0]
    commits = committed()
    cpu, rss = cpu_of([start(environment, DAY) for _ in range(workers)])
    commits = committed() - commits
    entries = stand_in.ledger()
    moments = sorted(dt.datetime.fromisoformat(entry["momento"]) for entry in entries if entry["estatus"] != 429)
    refused = len(entries) - len(moments)
    began, seconds = moments[0], (moments[-1] - moments[0]).total_seconds()
    late = [moment for moment in moments if limit is None and (moment - began).total_seconds() > FIND_SECONDS]
    late_rate = len(late) / (seconds - FIND_SECONDS) if late else 0.0
    left = Errand.objects.filter(status="open", next_on__lte=DAY).count()
    return Run(cases, seconds, len(moments), refused, late_rate, 1000 * (cpu - idle) / cases, rss, commits / cases, left)


def worker_environment(port: int) -> dict[str, str]:
    from django.db import connection

    known = connection.settings_dict
    query = {"dbname": known["NAME"], **{key: known[key.upper()] for key in ("host", "port", "user", "password") if known[key.upper()]}}
    return os.environ | {
        "DATABASE_URL": f"postgresql:///?{urlencode(query)}", "IMSS_URL": f"http://127.0.0.1:{port}",
        "IMSS_FOLLOWS_DATE": "0", "IMSS_CONCURRENCY": os.environ.get("IMSS_CONCURRENCY", "100"),
    }  # fmt: skip


def start(environment: dict[str, str], day: dt.date) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "chase", "--date", day.isoformat(), "--seconds", "600"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def cpu_of(processes: list[subprocess.Popen[bytes]]) -> tuple[float, float]:
    """CPU seconds of all, and the most memory of one in MiB, once they have ended."""
    cpu = rss = 0.0
    for process in processes:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, "a worker failed"
        cpu += usage.ru_utime + usage.ru_stime
        rss = max(rss, usage.ru_maxrss / 1024)
    return cpu, rss


def committed() -> int:
    from django.db import connection

    time.sleep(1.5)  # PostgreSQL adds a session's counts up a second after its last transaction
    with connection.cursor() as cursor:
        # Our own session's come with its next statement, unless asked for: VACUUM alone makes hundreds.
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot(), xact_commit FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[1])


def baseline(command: str) -> float:
    told = subprocess.run(shlex.split(command), stdout=subprocess.PIPE, check=True, text=True).stdout  # noqa: S603 - the caller's
    return float(json.loads(told.strip().splitlines()[-1])["cases_s"])


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--cases", type=int, default=20_000)
parser.add_argument("--workers", type=int, default=2)
parser.add_argument("--caps", default="50,200,500,unknown:200,none")
parser.add_argument("--latency", type=int, default=50)
parser.add_argument("--baseline", default="")
asked = parser.parse_args()
os.environ["IMSS_URL"] = "http://127.0.0.1:9"  # this process only plans
with office():
    main(asked)
