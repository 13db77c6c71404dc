"""How much of IMSS' limit the office uses as it runs in production: beat, sweep, workers, broker and database, all of them real.

    .venv/bin/python benchmarks/chase_production.py [--caps 20,50] [--workers 1,2] [--seconds 120] [--latency 50]

A cap is what the stand-in refuses beyond (requests/s), and the office knows it. Counted are the requests it took within so many
seconds of the first one; there is always more to ask than can be asked. One beat, at its usual interval; a worker has two
processes, as in production.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import office


@dataclass
class Run:
    """Requests taken and refused, and of how many seconds without any the time consisted (gaps of more than half a second)."""

    taken: int
    refused: int
    idle: float


def main(options: argparse.Namespace) -> None:
    for cap in map(int, options.caps.split(",")):
        for workers in map(int, options.workers.split(",")):
            run = measure(cap, workers, options.seconds, options.latency)
            share, refused = run.taken / options.seconds / cap, run.refused / (run.taken + run.refused)
            print(
                f"cap {cap:>3}/s, {workers} worker(s), {options.seconds} s: {share:.1%} of the cap, "
                f"refused {refused:.2%}, idle {run.idle:.1f} s",
                flush=True,
            )


def measure(cap: int, workers: int, seconds: int, latency: int) -> Run:
    """Let the office ask for that long."""
    from tests import processes
    from tests.imss.chaos import school
    from tests.imss_mock.harness import StandIn

    wanted(cap)
    school(int(cap * seconds * 1.1) + 50, random.Random(time.time_ns()))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        stand_in, broker = StandIn(folder / "imss", day=None), processes.Broker(folder / "broker")
        stand_in.mood(latencia_ms=latency, tope_por_segundo=cap)
        broker.start()
        environment = os.environ | {
            "DATABASE_URL": processes.database_url(), "REDIS_URL": broker.url, "LOG_LEVEL": "WARNING",
            "IMSS_URL": f"http://127.0.0.1:{stand_in.connection.port}", "IMSS_FOLLOWS_DATE": "0",
        }  # fmt: skip
        commands = [processes.beat(folder / "schedule"), *[processes.worker()] * workers]
        running = [processes.start(command, environment, folder / "office.log") for command in commands]
        try:
            while not (entries := stand_in.ledger()):
                time.sleep(0.5)
            time.sleep(seconds)
            entries = stand_in.ledger()
        finally:
            for process in running:
                processes.end(process)
            broker.stop()
            stand_in.stop()
    return count(entries, seconds)


def wanted(cap: int) -> None:
    """The office knows the cap; nothing is left of an earlier run."""
    from afiliacion.imss.chase import lease
    from afiliacion.imss.models import ConnectionState, Errand, ImssSettings, WorkerShare
    from students.models import Ciclo, Plantel

    Errand.objects.update(status=Errand.Status.DONE, lease_until=None)
    WorkerShare.objects.all().delete()
    ConnectionState.objects.update(rate=0, good=0, bad=None, limit=None, quiet_until=None, probe_at=None, failures=0)
    lease.release()
    ImssSettings.objects.update(requests_per_second=cap)
    # The next run's school is another one.
    for model in (Plantel, Ciclo):
        model.objects.filter(clave="CAOS").update(clave=f"C{time.time_ns() % 10**9}")


def count(entries: list[dict[str, Any]], seconds: int) -> Run:
    moments = sorted((dt.datetime.fromisoformat(entry["momento"]), entry["estatus"]) for entry in entries)
    end = moments[0][0] + dt.timedelta(seconds=seconds)
    within = [(moment, status) for moment, status in moments if moment <= end]
    gaps = [(after - before).total_seconds() for (before, _), (after, _) in zip(within, [*within[1:], (end, 0)], strict=True)]
    refused = sum(status == 429 for _, status in within)
    return Run(len(within) - refused, refused, sum(gap for gap in gaps if gap > 0.5))


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--caps", default="20,50")
parser.add_argument("--workers", default="1,2")
parser.add_argument("--seconds", type=int, default=120)
parser.add_argument("--latency", type=int, default=50)
asked = parser.parse_args()
os.environ["IMSS_URL"] = "http://127.0.0.1:9"  # this process only plans
with office():
    main(asked)
