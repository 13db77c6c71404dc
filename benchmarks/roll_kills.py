"""A list loaded while worker, broker and database are killed with -9 at random moments; then every row is looked for.

    .venv/bin/python benchmarks/roll_kills.py [ROWS=50000] [KILLS=20] [SEED=1]

Always on embedded servers of its own, in a folder that goes when it ends. Prints each kill and, at the end, what the registry and the
history say against the file; exits with 1 if a single row is missing, there twice, or other than the file has it.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from common import ROOT, roll_file

from afiliacion.operations.launcher.office import Office, opened

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
#: Seconds without any progress after which something is stuck: more than the lease of anything here.
PATIENCE = 180
#: An import that is started five times in vain is taken to kill its workers (work.ATTEMPTS); we stay below.
VAIN = 2


class Worker:
    """A Celery worker of two processes, started again whenever it dies, as a service manager would."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "celery", "-A", "afiliacion", "worker", "-c", "2", "-l", "warning"]
            self._process = subprocess.Popen(  # noqa: S603 - our own worker
                command, env=self._environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Nemesis:
    """Kills worker, broker or database with -9 at random moments; of kills in a row before anything has moved again, VAIN at most."""

    def __init__(self, worker: Worker, office: Office, rng: random.Random) -> None:
        self.kills = 0
        self._worker, self._rng = worker, rng
        self._leases = {lease.server.label: lease for lease in office.leases}
        self._vain = 0
        self._last = self._next = time.monotonic()

    def keep_servers(self) -> None:
        """The keeper gives up a server that falls again and again; the process that needs it asks for another."""
        for lease in self._leases.values():
            if not lease.kept():
                lease.take()

    def strike(self, moved: float, *, applying: bool) -> str:
        """Kill a process if due; `moved`: when the import last moved. Returns its name or "". A quarter of the kills hit the check."""
        now = time.monotonic()
        if self.kills == KILLS or now < self._next or (self.kills >= KILLS // 4 and not applying):
            return ""
        self._vain = 0 if moved > self._last else self._vain + 1
        if self._vain > VAIN and now - self._last < 30:
            return ""
        victim = self._rng.choice(["worker", *self._leases])
        if victim == "worker":
            self._worker.kill()
            self._worker.start()
        else:
            for pid in self._leases[victim].server.remains():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.kills += 1
        self._last, self._next = time.monotonic(), time.monotonic() + self._rng.uniform(0.1, 1.5)
        return victim


@contextmanager
def beat(ring: Callable[[], object], seconds: float) -> Iterator[None]:
    """The clock that wakes the workers again and again, whatever was lost."""
    over = threading.Event()

    def strike() -> None:
        while not over.wait(seconds):
            ring()

    thread = threading.Thread(target=strike)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def ask(question: Callable[[], Any], mend: Callable[[], None]) -> Any:
    """The answer, however often the database has to be asked anew; `mend` sees to it that there is one."""
    from django.db import DatabaseError, InterfaceError, connection

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return question()
        except (DatabaseError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            mend()
            time.sleep(0.2)


def main(environment: dict[str, str], office: Office, folder: Path) -> int:
    import django

    os.environ.update(environment, DJANGO_SETTINGS_MODULE="afiliacion.settings", LOG_LEVEL="ERROR")
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from afiliacion import wake
    from afiliacion.roll import job_steps
    from afiliacion.roll.models import AT_WORK, Import, ImportState
    from afiliacion.roll.upload import jobs
    from students.models import Ciclo, Plantel

    call_command("migrate", verbosity=0)
    people = roll_file(folder / "lista.csv", ROWS)
    plantel = Plantel.objects.create(clave="P", name="Plantel")
    today = timezone.localdate()
    ciclo = Ciclo.objects.create(clave="C", starts_on=today - dt.timedelta(days=30), ends_on=today + dt.timedelta(days=120))
    with (folder / "lista.csv").open("rb") as file:
        job = jobs.bring(file, "lista.csv", plantel=plantel, ciclo=ciclo, now=timezone.now())
    worker = Worker({**environment, "LOG_LEVEL": "ERROR"}, folder / "worker.log")
    nemesis = Nemesis(worker, office, random.Random(SEED))
    began = moved = time.monotonic()
    last = (ImportState.UPLOADED, 0)
    try:
        with beat(lambda: wake.publish(jobs.TASK), 2.0):
            while job.state in (*AT_WORK, ImportState.CHECKED) and time.monotonic() - moved < PATIENCE:
                time.sleep(0.1)
                nemesis.keep_servers()
                ask(job.refresh_from_db, nemesis.keep_servers)
                if job.state == ImportState.CHECKED:
                    ask(lambda: jobs.confirm(job, now=timezone.now()), nemesis.keep_servers)
                at = (ImportState(job.state), ask(lambda: job_steps.applied_rows(job), nemesis.keep_servers) or job.progress)
                if at != last:
                    last, moved = at, time.monotonic()
                if victim := nemesis.strike(moved, applying=job.state == ImportState.RUNNING):
                    print(f"{time.monotonic() - began:6.1f} s  kill -9 {victim:<10} at {at[0].value} {at[1]:,}", flush=True)
    finally:
        worker.kill()
    killed = nemesis.kills
    print(f"{killed} kills in {time.monotonic() - began:.0f} s; {Import.objects.get().state}, {job.error or 'no error'}")
    wrong = list(differences(people))
    print(*wrong[:20], f"{ROWS:,} rows, {len(wrong)} differences", sep="\n")
    return int(bool(wrong) or killed < KILLS)


def differences(people: list[dict[str, str]]) -> Iterator[str]:
    """What the registry and the history say otherwise than the file: each row once, each case opened once and whole."""
    from collections import Counter

    from afiliacion.cases import counters
    from afiliacion.cases.history.consistency import broken_chains
    from afiliacion.cases.history.consistency import differences as untrue
    from afiliacion.cases.models import Case, Event
    from afiliacion.roll.models import Import, ImportState
    from students.models import Enrolment, Student

    if Import.objects.get().state != ImportState.DONE:
        yield f"the import is {Import.objects.get().state}"
    written = Counter(
        Enrolment.objects.values_list(
            "matricula", "student__curp", "student__nombre", "student__primer_apellido", "student__segundo_apellido", "student__email",
            "student__phone", "student__nss", "grupo",
        )
    )  # fmt: skip
    wanted = Counter(
        (
            r["matricula"], r["curp"], r["nombre"], r["primer_apellido"], r["segundo_apellido"], r["correo"], r["telefono"],
            r["nss"] or None, r["grupo"],
        )
        for r in people
    )  # fmt: skip
    yield from (f"not as in the file: {row}" for row in (written - wanted) + (wanted - written))
    for model in (Student, Enrolment, Case, Event):
        if model.objects.count() != len(people):
            yield f"{model.objects.count()} rows of {model.__name__}"
    done = Import.objects.get().done
    if (done.get("opened"), done.get("students_new")) != (len(people), len(people)):
        yield f"the import says it did {done}"
    yield from (str(found) for found in broken_chains())
    yield from map(str, untrue())
    yield from counters.differences()


if __name__ == "__main__":
    csv.field_size_limit(2**20)
    with tempfile.TemporaryDirectory(prefix="roll-kills-") as name:
        given = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
        place = Office(Path(name), given)
        with opened(place) as known:
            code = main(known, place, Path(name))
    sys.exit(code)
