"""An import among crashes: whatever dies, each row of the list is in once, and what cannot go on says why."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case, Event
from afiliacion.roll.check import survey
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import Chunk, Import, ImportState
from afiliacion.roll.upload import jobs
from students.models import Enrolment, Student
from tests.processes import database_url
from tests.roll.conftest import as_csv, row
from tests.roll.load.test_load import somebody_waits

ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import django
django.setup()
from afiliacion.roll import models
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
work.finish(models.Import.objects.latest("pk"), JobClock())
"""


@pytest.fixture
def confirmed(plantel, ciclo, now, people, monkeypatch) -> Callable[[int], list[str]]:
    """An import of so many people in chunks of ten, checked and confirmed; their CURPs in order."""

    def confirmed(rows: int) -> list[str]:
        monkeypatch.setattr(survey, "CHUNK", 10)
        crowd = [people.one() for _ in range(rows)]
        content = io.BytesIO(as_csv(row(person, f"26{n:06d}") for n, person in enumerate(crowd)))
        job = jobs.bring(content, "lista.csv", plantel=plantel, ciclo=ciclo, now=now)
        work.finish(job, JobClock(lambda: now))
        assert jobs.confirm(job, now=now)
        return [person.curp for person in crowd]

    return confirmed


def a_worker() -> subprocess.Popen[bytes]:
    """A process of its own that works on the import, in this test's database."""
    environment = {**os.environ, "DATABASE_URL": database_url(), "ROLL_THREADS": "1", "DJANGO_SETTINGS_MODULE": "afiliacion.settings"}
    return subprocess.Popen([sys.executable, "-c", WORKER], env=environment, cwd=ROOT)  # noqa: S603 - our own words


def test_f21_a_worker_killed_in_the_middle_of_a_chunk_leaves_whole_chunks_and_the_next_goes_on(committed, confirmed, now):
    curps = confirmed(50)
    with transaction.atomic():
        # Another session holds the CURP of the 25th: the worker waits in the middle of its third chunk, and is killed there.
        other = Student(curp=curps[24], nombre="N", primer_apellido="A", birth_date="2000-01-01", sex="H", entity="JC")
        other.save()
        with a_worker() as worker:
            assert somebody_waits()
            worker.kill()
        transaction.set_rollback(True)
    assert Import.objects.get().state == ImportState.RUNNING
    assert Chunk.objects.filter(applied_at__isnull=False).count() == 2
    assert sorted(Student.objects.values_list("curp", flat=True)) == sorted(curps[:20])
    work.finish(Import.objects.get(), JobClock(lambda: now))
    job = Import.objects.get()
    assert (job.state, job.done["opened"]) == (ImportState.DONE, 50)
    assert sorted(Student.objects.values_list("curp", flat=True)) == sorted(curps)
    assert Enrolment.objects.count() == Case.objects.count() == Event.objects.count() == 50
    assert list(differences()) == []
    assert list(broken_chains()) == []


@pytest.mark.django_db
def test_what_kills_its_worker_again_and_again_is_stopped_and_says_so(confirmed, now):
    confirmed(1)
    Import.objects.update(attempts=work.ATTEMPTS)
    work.work(seconds=30, clock=JobClock(lambda: now))
    job = Import.objects.get()
    assert (job.state, "veces seguidas" in job.error, Student.objects.count()) == (ImportState.FAILED, True, 0)
    assert jobs.retry(job)
    work.finish(job, JobClock(lambda: now))
    assert (job.state, Student.objects.count()) == (ImportState.DONE, 1)


@pytest.mark.django_db
def test_a_reader_that_dies_is_no_fault_of_the_file_which_can_be_tried_again(confirmed, now, settings):
    confirmed(1)
    memory, settings.ROLL_READER_BYTES = settings.ROLL_READER_BYTES, 2**80  # no limit can be so high: it ends before it reads
    job = Import.objects.get()
    Import.objects.update(state=ImportState.UPLOADED, confirmed_at=None)
    work.finish(job, JobClock(lambda: now))
    assert (job.state, "Reinténtela" in job.error) == (ImportState.FAILED, True)
    settings.ROLL_READER_BYTES = memory
    assert jobs.retry(job)
    work.finish(job, JobClock(lambda: now))
    assert (job.state, job.counts["new"]) == (ImportState.CHECKED, 1)


def on_a_connection_of_its_own(work: Callable[..., Any], *args: Any, **named: Any) -> Any:
    try:
        return work(*args, **named)
    finally:
        connection.close()


def test_cancelled_it_does_not_wait_for_the_statement_that_runs(committed, confirmed, now):
    curps = confirmed(20)
    job = Import.objects.get()
    with ThreadPoolExecutor() as pool, transaction.atomic():
        # Another session holds the CURP of the 15th for as long as it likes.
        Student(curp=curps[14], nombre="N", primer_apellido="A", birth_date="2000-01-01", sex="H", entity="JC").save()
        working = pool.submit(on_a_connection_of_its_own, work.finish, job, JobClock(lambda: now))
        assert somebody_waits()
        assert pool.submit(on_a_connection_of_its_own, jobs.cancel, Import.objects.get(), now=now).result()
        assert working.result(timeout=60)
        transaction.set_rollback(True)
    assert (job.state, job.error, Student.objects.count() % 10) == (ImportState.CANCELLED, "", 0)


@pytest.mark.django_db
def test_cancelled_halfway_it_stays_halfway_and_can_go_on(confirmed, now):
    confirmed(30)
    job, clock = Import.objects.get(), JobClock(lambda: now)
    Import.objects.update(state=ImportState.RUNNING)
    work.work(seconds=-1, clock=clock)
    job.refresh_from_db()
    Chunk.objects.filter(number=3).update(rows=0)
    assert jobs.cancel(job, now=now)
    work.finish(job, clock)
    assert (job.state, Student.objects.count()) == (ImportState.CANCELLED, 0)
    assert jobs.retry(job)
    work.finish(job, clock)
    assert (job.state, Student.objects.count()) == (ImportState.DONE, 30)
