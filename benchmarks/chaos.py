"""An hour of everything that can go wrong, compressed, and a verdict: `.venv/bin/python benchmarks/chaos.py --seed 7`.

    [--cases 20000] [--kills 50] [--seconds 300] [--rate 200] [--workers 2] [--beats 2] [--seed 7]

Workers are killed (kill -9, with their children), the broker is stopped and comes back empty, the database is restarted as after a power
cut (the embedded one; of a server every connection is ended), IMSS is down a third of the time, one answer in a hundred is about another
student, clocks are wrong (with libfaketime). Exit code 1 if one case is not where the stand-in's ledger says, or any other rule was broken.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from pathlib import Path

from common import office

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--cases", type=int, default=20_000)
parser.add_argument("--kills", type=int, default=50)
parser.add_argument("--seconds", type=float, default=300)
parser.add_argument("--rate", type=int, default=200)
parser.add_argument("--patience", type=float, default=300)
parser.add_argument("--workers", type=int, default=2)
parser.add_argument("--beats", type=int, default=2)
parser.add_argument("--seed", type=int, default=7)


def main() -> int:
    from tests.imss.chaos import Hour, go_through
    from tests.processes import restart_database

    logging.getLogger("tests.imss.chaos").setLevel(logging.INFO)  # what happens, on stderr, as it happens
    hour = Hour(**vars(asked))
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        verdict = go_through(hour, Path(folder), restart_database)
    for name, figure in verdict.figures.items():
        print(f"{name:36} {figure}")
    print("\n".join(verdict.wrong[:20]) or "Every case is where the authority says; nothing is left over.")
    return bool(verdict.wrong)


asked = parser.parse_args()
os.environ["IMSS_URL"] = "http://127.0.0.1:9"  # this process only plans
with office():
    sys.exit(main())
