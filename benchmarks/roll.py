"""A list from its file to students, enrolments, cases and events, side by side with what one would get otherwise.

    .venv/bin/python benchmarks/roll.py [ROWS=100000] [RUNS=3] [LARGE=300000]

In each round: `copy validated` (raw COPY of one table, each row checked in Python: the limit of this kind of machine), the product
(brought, read, checked, previewed, confirmed, applied: in worker processes of its own), and the same list again with 1 % changed.
Then, once: django-import-export as its admin does it (dry run with its differences, then the real one) on 10,000 rows of that one
table; LARGE rows in the product (0: not); a page of the office beside an import; cancelling. Prints seconds, rows/s, ratios, commits,
rows written, memory, silence.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import common
from common import ROOT, office, roll_file

NUMBERS = [int(word) for word in sys.argv[1:] if word.isdigit()]
ROWS, RUNS, LARGE = (NUMBERS[n] if len(NUMBERS) > n else known for n, known in enumerate((100_000, 3, 300_000)))
# As many as its rate was first measured with.
ADMIN_ROWS = 10_000
TABLES = ("students_student", "students_enrolment", "cases_case", "cases_event")
TODAY = dt.date.today()  # noqa: DTZ011
COLUMNS = list(common.COLUMNS[:12])
_CURP = re.compile(
    r"[A-Z]{4}\d{6}[HMX](AS|B[CS]|C[CLMSH]|D[FG]|G[TR]|HG|JC|M[CNS]|N[TLE]|OC|PL|Q[TR]|S[PLR]|T[CSL]|VZ|YN|ZS)[A-Z]{3}[A-Z\d]\d"
)
_DIGITS = {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ")}


# The worker, in a process of its own


def work(job_id: int) -> None:
    """Work on one import until it waits for a person; print what it took."""
    import django

    django.setup()
    from afiliacion.celery import lower_priority
    from afiliacion.roll.job_time import JobClock
    from afiliacion.roll.load import work as working
    from afiliacion.roll.models import Import

    lower_priority()
    began, clock = time.perf_counter(), JobClock()
    working.finish(Import.objects.get(pk=job_id), clock)
    print(json.dumps({"seconds": time.perf_counter() - began, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def worker(job: Any, watch: list[float] | None = None) -> dict[str, float]:
    """Have a worker work on `job`; `watch` is given the seconds between two moves of its progress."""
    from django.db import connection
    from psycopg.conninfo import make_conninfo

    from afiliacion.roll.job_steps import applied_rows

    url = make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    command = [sys.executable, __file__, "work", str(job.pk)]
    with subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.PIPE, cwd=ROOT) as process:  # noqa: S603
        last, moved = None, None
        while process.poll() is None:
            job.refresh_from_db()
            now = (job.state, job.progress, applied_rows(job))
            if now != last:
                if watch is not None and moved is not None:
                    watch.append(time.monotonic() - moved)
                last, moved = now, time.monotonic()
            time.sleep(0.1)
        assert process.stdout is not None
        said: dict[str, float] = json.loads(process.stdout.read() or b"{}")
    job.refresh_from_db()
    return said


class Round:
    """A plantel of its own, into which lists are loaded."""

    def __init__(self, name: str, ciclo: Any) -> None:
        from students.models import Plantel

        self.plantel, self.ciclo = Plantel.objects.create(clave=name, name=name), ciclo

    def brought(self, path: Path) -> Any:
        from django.utils import timezone

        from afiliacion.roll.upload import jobs

        with path.open("rb") as file:
            return jobs.bring(file, f"{path.name}.csv", plantel=self.plantel, ciclo=self.ciclo, now=timezone.now())

    def load(self, path: Path, watch: list[float] | None = None) -> dict[str, float]:
        """Bring, check, look at the preview, confirm, apply: seconds, peak memory, commits, rows written."""
        from django.utils import timezone

        from afiliacion.roll.models import ImportState
        from afiliacion.roll.upload import jobs, run_now

        log, writes, began = _ask("SELECT pg_current_wal_insert_lsn()"), _writes(), time.perf_counter()
        job = self.brought(path)
        brought = time.perf_counter() - began
        checked = worker(job, watch)
        assert job.state == ImportState.CHECKED, job.error
        began = time.perf_counter()
        run_now.preview_of(job)
        jobs.confirm(job, now=timezone.now())
        looked = time.perf_counter() - began
        applied = worker(job, watch)
        assert job.state == ImportState.DONE, (job.state, job.error)
        return {
            "check": brought + checked["seconds"] + looked, "apply": applied["seconds"],
            "total": brought + checked["seconds"] + looked + applied["seconds"], "mib": max(checked["mib"], applied["mib"]),
            "commits": _commits(log), "writes": _writes() - writes,
        }  # fmt: skip


def _ask(sql: str) -> Any:
    from django.db import connection

    time.sleep(1.2)  # the statistics of a session that ended arrive a second later
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _commits(since: str) -> int:
    """Transactions that wrote something since that place of the database's log, autovacuum's too; looking at progress writes nothing."""
    records = f"pg_get_wal_stats('{since}', pg_current_wal_insert_lsn(), true)"
    return int(_ask(f"SELECT sum(count) FROM {records} r WHERE r.\"resource_manager/record_type\" = 'Transaction/COMMIT'"))  # noqa: S608


def _writes() -> int:
    names = ", ".join(f"'{table}'" for table in TABLES)
    return int(_ask(f"SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables WHERE relname IN ({names})"))  # noqa: S608


# What one would get otherwise


def one_table() -> Any:
    """One plain table with the usual indexes, as a model."""
    from django.db import connection, models

    names = {name: models.CharField(max_length=120, blank=True) for name in COLUMNS if name not in ("curp", "matricula")}
    keys = {"curp": models.CharField(max_length=18, unique=True), "matricula": models.CharField(max_length=20, db_index=True)}
    meta = type("Meta", (), {"app_label": "students"})
    model = type("Plain", (models.Model,), {**keys, **names, "Meta": meta, "__module__": __name__})
    with connection.schema_editor() as editor:
        editor.create_model(model)
    return model


def copy_validated(table: str, path: Path) -> None:
    """COPY to a temporary table, each row checked on its way, and one INSERT … ON CONFLICT: no cases, no history, no preview."""
    from django.core.validators import EmailValidator
    from django.db import connection, transaction

    email = EmailValidator()
    others = [name for name in COLUMNS if name != "curp"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE stage ({', '.join(f'{name} text' for name in COLUMNS)}) ON COMMIT DROP")
        with path.open(encoding="utf-8", newline="") as file, cursor.copy("COPY stage FROM STDIN") as copy:
            for row in csv.DictReader(file):
                _check(row, email)
                copy.write_row([row[name] for name in COLUMNS])
        cursor.execute("ANALYZE stage")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(COLUMNS)}) SELECT {', '.join(COLUMNS)} FROM stage ON CONFLICT (curp) DO UPDATE SET "  # noqa: S608
            f"{', '.join(f'{name} = EXCLUDED.{name}' for name in others)} WHERE ({', '.join(f'{table}.{name}' for name in others)}) "
            f"IS DISTINCT FROM ({', '.join(f'EXCLUDED.{name}' for name in others)})"
        )


def _check(row: dict[str, str], email: Any) -> None:
    curp = row["curp"]
    total = sum(_DIGITS[sign] * weight for sign, weight in zip(curp, range(18, 1, -1), strict=False))
    born = dt.datetime.strptime(row["fecha_nacimiento"], "%d/%m/%Y")  # noqa: DTZ007
    assert _CURP.fullmatch(curp)
    assert (10 - total % 10) % 10 == int(curp[17])
    assert (born.strftime("%y%m%d"), row["sexo"]) == (curp[4:10], curp[10])
    email(row["correo"])
    assert row["nss"] == "" or (len(row["nss"]) == 11 and row["nss"].isdigit())


def admin_path(model: Any, path: Path) -> None:
    """django-import-export as its admin does it: a dry run with its differences for the preview, then the real one."""
    import tablib
    from import_export.resources import modelresource_factory

    meta = type("Meta", (), {"model": model, "import_id_fields": ("curp",), "fields": COLUMNS})
    plain = type("Plain", (modelresource_factory(model),), {"Meta": meta})
    data = tablib.Dataset().load(path.read_text(encoding="utf-8"), format="csv")
    for dry_run in (True, False):
        result = plain().import_data(data, dry_run=dry_run, raise_errors=False)
        assert not result.has_errors()
        assert not result.has_validation_errors()


# The others, meanwhile


def page_times(browser: Any, seconds: float) -> list[float]:
    """Milliseconds of the work list, asked for again and again with a breath between."""
    taken, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        assert browser.get("/expedientes/").status_code == 200
        taken.append((time.perf_counter() - began) * 1000)
        time.sleep(0.05)
    return taken


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main() -> None:
    from django.db import connection

    from students.models import Ciclo

    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION pg_walinspect")
    ciclo = Ciclo.objects.create(clave="C", starts_on=TODAY - dt.timedelta(days=30), ends_on=TODAY + dt.timedelta(days=120))
    model = one_table()
    with tempfile.TemporaryDirectory(prefix="roll-") as name:
        folder = Path(name)
        files = {"new": 0, "again": 100}
        for which, changed in files.items():
            subprocess.run([sys.executable, __file__, "file", str(folder / which), str(ROWS), str(changed)], check=True, cwd=ROOT)  # noqa: S603
        total = rounds(folder, ciclo, model._meta.db_table)
        rate = admin_rate(folder, model)
        print(f"  {ROWS / total / rate:.0f} x django-import-export's admin path ({rate:.0f} rows/s)")
        if LARGE:
            larger(folder, ciclo)
        meanwhile(folder, ciclo)


def rounds(folder: Path, ciclo: Any, table: str) -> float:
    """The limit, the first load and the second, interleaved; the median of the first."""
    limit, new, reload = [], [], []
    silences: list[float] = []
    for n in range(RUNS):
        empty(table)
        began = time.perf_counter()
        copy_validated(table, folder / "new")
        limit.append(time.perf_counter() - began)
        empty(*TABLES, "roll_import")
        place = Round(f"P{n}", ciclo)
        new.append(place.load(folder / "new", silences))
        reload.append(place.load(folder / "again", silences))
        print(f"round {n + 1}: limit {limit[-1]:.1f} s, new {_told(new[-1])}, again {_told(reload[-1])}", flush=True)
    fast, total, second = statistics.median(limit), *(statistics.median(r["total"] for r in rs) for rs in (new, reload))
    print(f"{ROWS:,} new rows: {total:.1f} s, {ROWS / total:,.0f} rows/s = {total / fast:.1f} x copy validated ({fast:.1f} s)")
    written = reload[-1]["writes"] / ROWS
    print(f"  again with 1 % changed: {second:.1f} s = {second / total:.2f} of the first; {written:.2%} of rows written")
    print(f"  one commit per {ROWS / new[-1]['commits']:,.0f} rows; peak {max(r['mib'] for r in new):.0f} MiB")
    print(f"  longest silence of the progress: {max(silences):.1f} s")
    return float(total)


def _told(took: dict[str, float]) -> str:
    return f"{took['total']:.1f} s (check {took['check']:.1f}, apply {took['apply']:.1f})"


def empty(*tables: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET afiliacion.may_truncate = on")
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def admin_rate(folder: Path, model: Any) -> float:
    """Rows a second of import-export's admin path."""
    roll_file(folder / "few", ADMIN_ROWS)
    empty(model._meta.db_table)
    began = time.perf_counter()
    admin_path(model, folder / "few")
    return ADMIN_ROWS / (time.perf_counter() - began)


def larger(folder: Path, ciclo: Any) -> None:
    subprocess.run([sys.executable, __file__, "file", str(folder / "large"), str(LARGE), "0"], check=True, cwd=ROOT)  # noqa: S603
    empty(*TABLES, "roll_import")
    silences: list[float] = []
    took = Round("L", ciclo).load(folder / "large", silences)
    rate = LARGE / took["total"]
    print(f"{LARGE:,} rows: {_told(took)}, {rate:,.0f} rows/s, peak {took['mib']:.0f} MiB, silence {max(silences):.1f} s")


def watched(job: Any) -> None:
    """In a thread: `worker`, and its connection closed, so that the database can go."""
    from django.db import connection

    try:
        worker(job)
    finally:
        connection.close()


def meanwhile(folder: Path, ciclo: Any) -> None:
    """What others notice of an import, and how soon it stops when asked to."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client, override_settings
    from django.utils import timezone

    from afiliacion.roll.upload import jobs
    from students.models import StaffPost

    user = get_user_model().objects.create_user("coordinación", is_staff=True)
    StaffPost.objects.create(user=user)
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(user)
    plain = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=plain):
        page_times(browser, 1)
        idle = p95(page_times(browser, 5))
        empty(*TABLES, "roll_import")
        job = Round("O", ciclo).brought(folder / "new")
        worker(job)
        jobs.confirm(job, now=timezone.now())
        thread = threading.Thread(target=watched, args=(job,))
        thread.start()
        time.sleep(2)
        busy = p95(page_times(browser, 4))
        asked = time.perf_counter()
        jobs.cancel(job, now=timezone.now())
        thread.join()
    print(f"another's page meanwhile: p95 {busy:.0f} ms = {busy / idle:.1f} x idle ({idle:.0f} ms)")
    print(f"cancelled ({job.state}) and the worker free in {time.perf_counter() - asked:.1f} s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(int(sys.argv[2]))
    elif sys.argv[1:2] == ["file"]:
        roll_file(Path(sys.argv[2]), int(sys.argv[3]), changed_every=int(sys.argv[4]))
    else:
        with office():
            main()
