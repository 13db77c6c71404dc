"""Reading and checking a list, beside what a user would get otherwise: `python benchmarks/reading.py [ROWS] [ROUNDS]`.

Per kind of file, medians of interleaved rounds: seconds to read it (process, limits and spool included), the same by csv.reader or
openpyxl's read-only mode, the ratio, the checks of every row, and how much memory the reader took at most (its own process, KiB).
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "benchmark")
os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afiliacion.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.conf import settings  # noqa: E402
from openpyxl import load_workbook  # noqa: E402

from afiliacion.exports import xlsx_file  # noqa: E402
from afiliacion.operations.simulation.invented_people import People  # noqa: E402
from afiliacion.roll.check.checking import Checker  # noqa: E402
from afiliacion.roll.check.reading_rules import rules_of  # noqa: E402
from afiliacion.roll.parse import reading  # noqa: E402
from afiliacion.roll.parse.columns import COLUMNS, bind  # noqa: E402
from limited_process.limits import Limits  # noqa: E402
from students.models import Ciclo, Plantel  # noqa: E402

PLANTEL = Plantel(clave="P", name="Plantel")
CICLO = Ciclo(clave="2026-2", starts_on=dt.date(2026, 8, 3), ends_on=dt.date(2027, 1, 22))


def rows(number: int) -> Iterator[list[str]]:
    yield [column.name for column in COLUMNS]
    people = People(random.Random(7))
    for n in range(number):
        p = people.one()
        yield [
            f"{26_000_000 + n}", p.curp, p.nombre, p.primer_apellido, p.segundo_apellido, f"{p.birth_date:%d/%m/%Y}", p.sex, p.entity,
            f"a{n}@alumnos.example.mx", f"33{n:08d}", p.nss if n % 3 else "", f"{n % 9 + 1}-A", "2026-08-06", "activo",
        ]  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def check(table: reading.RollTable) -> None:
    mapping, today = bind(table.headers, date_given=False), dt.date(2026, 8, 20)
    checker = Checker(mapping, rules_of(mapping, table.facts, CICLO, today), PLANTEL, CICLO, today, date_given=False)
    for _ in checker.rows(table.lines):
        pass
    assert not checker.errors


def by_csv(path: Path) -> None:
    with path.open(newline="") as file:
        for _ in csv.reader(file):
            pass


def by_openpyxl(path: Path) -> None:
    for _ in load_workbook(path, read_only=True).active.iter_rows(values_only=True):
        pass


_MEASURED = """
import os, resource, subprocess, sys
os.dup2(os.open(os.devnull, os.O_WRONLY), 3)
subprocess.run(sys.argv[1:], pass_fds=[3], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(path: Path) -> int:
    """What the reader's process took at most, in KiB: asked by a small parent, since a large one would be counted in."""
    limits = Limits(settings.ROLL_READER_BYTES, settings.ROLL_READER_SECONDS, settings.ROLL_MAX_UNPACKED_BYTES).words()
    order = reading._order(path, path.name)  # noqa: SLF001 - as the office does
    reader = [sys.executable, "-S", "-P", "-m", "limited_process", *limits, "file_reader", order, "3"]
    env = {"PYTHONPATH": str(Path(__file__).resolve().parent.parent), "PYTHONUTF8": "1"}
    return int(subprocess.run([sys.executable, "-S", "-c", _MEASURED, *reader], env=env, stdout=subprocess.PIPE, check=True).stdout)  # noqa: S603


def main(number: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text, book = Path(folder, "lista.csv"), Path(folder, "lista.xlsx")
        with text.open("w", newline="") as file:
            csv.writer(file).writerows(rows(number))
        with xlsx_file(rows(number), "Lista") as made:
            book.write_bytes(made.read())
        for path, other in ((text, by_csv), (book, by_openpyxl)):
            ours, theirs, checks = [], [], []
            for _ in range(rounds):
                tables: list[reading.RollTable] = []
                ours.append(timed(lambda: tables.append(reading.read(path, path.name))))
                theirs.append(timed(lambda: other(path)))
                checks.append(timed(lambda: check(tables[0])))
            mine, usual, checked = map(statistics.median, (ours, theirs, checks))
            print(
                f"{path.suffix[1:]} {number:,} rows: read {mine:.2f} s, {other.__name__} {usual:.2f} s, ratio {mine / usual:.2f}; "
                f"checked in {checked:.2f} s; reader's peak {peak(path):,} KiB"
            )


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    main(*given, *[100_000, 3][len(given) :])
