"""What a worker does with imports: check what was brought, apply what was confirmed, take back what was undone.

A wake-up carries nothing. The worker that holds an import's lock in the database works on it; the lock goes with its session, so a
worker that dies leaves the import free, as its last commit says (docs/adr/0012).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from psycopg.errors import QueryCanceled

from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.database import statements
from afiliacion.roll import job_steps
from afiliacion.roll.check import job as check_job
from afiliacion.roll.check.cancellation import CancellationWatch
from afiliacion.roll.check.target import target_of
from afiliacion.roll.findings import ReaderDied, UnreadableFile
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import applying, undoing
from afiliacion.roll.models import AT_WORK, Chunk, Finding, Import, ImportState, Severity

log = logging.getLogger(__name__)

#: Starts without anything committed in between, before an import is taken to kill its workers.
ATTEMPTS: Final = 5
_LOCK: Final = "SELECT pg_try_advisory_lock(hashtextextended('roll import ' || %(job)s, 0))"
_UNLOCK: Final = "SELECT pg_advisory_unlock(hashtextextended('roll import ' || %(job)s, 0))"
# A worker whose machine is gone, or that hangs in the middle of a chunk, must not keep its locks for hours.
_SESSION: Final = """
SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
SET idle_in_transaction_session_timeout = '2min'
"""
_POISON: Final = (
    "El proceso que la atiende se interrumpió {n} veces seguidas sin avanzar. Lo cargado hasta ahí quedó completo. Avise a sistemas; "
    "después puede reintentarla."
)
_BROKEN: Final = (
    "Un error interno la detuvo ({what}). Lo cargado hasta ahí quedó completo y nada quedó a medias. Avise a sistemas con este texto; "
    "después puede reintentarla."
)
_BUILT_UPON: Final = (
    "Alguien avanzó en uno de sus expedientes mientras se deshacía, así que lo demás se dejó como estaba. Lo ya deshecho quedó deshecho."
)


def work(*, seconds: float, clock: JobClock) -> bool:
    """Do what imports are waiting for, for about so long. Whether something is left that could be done now."""
    deadline = time.monotonic() + seconds
    waiting = Import.objects.filter(state__in=AT_WORK).order_by("uploaded_at", "pk").values_list("pk", flat=True)
    for job_id in list(waiting):
        if time.monotonic() > deadline:
            return True
        with _held(job_id) as mine:
            if mine and _go_on(Import.objects.get(pk=job_id), clock, deadline):
                return True
    return False


def finish(job: Import, clock: JobClock) -> bool:
    """Work on one import here and now until it waits for a person; False if another process is at it."""
    with _held(job.pk) as mine:
        while mine and _go_on(job, clock, None):
            pass
    job.refresh_from_db()
    return mine


def _go_on(job: Import, clock: JobClock, deadline: float | None) -> bool:
    """Do the next step of an import (check, apply or take back); return whether there is more to do now. A failure is noted for staff."""
    job.refresh_from_db()
    if job.state not in AT_WORK or not _start(job):
        return False
    watch = CancellationWatch(job.pk)
    try:
        with watch.watching():
            return _DO[ImportState(job.state)](job, clock, deadline, watch)
    except check_job.ImportStopped:
        return False
    except ReaderDied as death:
        _fail(job, str(death))
    except UnreadableFile as refusal:
        _end(job, ImportState.REFUSED, str(refusal))
    except (OperationalError, InterfaceError) as error:
        if isinstance(error.__cause__, QueryCanceled):
            log.info("what was being done for import %s was broken off", job.pk)
            return False
        # The database went away: the import stays as it is, and the sweep comes back.
        log.exception("import %s was interrupted", job.pk)
    except Exception as error:
        log.exception("import %s failed", job.pk)
        _fail(job, _BROKEN.format(what=f"{type(error).__name__}: {error}"[:300]))
    return False


def _start(job: Import) -> bool:
    """Count the start before it is made, so that an import that crashes its worker is given up after ATTEMPTS."""
    Import.objects.filter(pk=job.pk).update(attempts=F("attempts") + 1, beat_at=Now())
    job.refresh_from_db(fields=["attempts"])
    if job.attempts <= ATTEMPTS:
        return True
    _fail(job, _POISON.format(n=ATTEMPTS))
    return False


def _fail(job: Import, reason: str) -> None:
    _end(job, ImportState.FAILED, reason)


def _end(job: Import, state: ImportState, reason: str) -> None:
    job_steps.step(job, AT_WORK, state=state, error=reason, finished_at=Now())
    job.refresh_from_db()


def _begin_writing(job: Import, clock: JobClock, deadline: float | None, watch: CancellationWatch) -> bool:
    """One import writes a plantel and ciclo at a time; the next one waits until it is over."""
    try:
        with transaction.atomic():
            total = sum(Chunk.objects.filter(job=job).values_list("rows", flat=True))
            return bool(job_steps.step(job, (ImportState.CONFIRMED,), state=ImportState.RUNNING, progress=0, total=total, attempts=0))
    except IntegrityError:
        Import.objects.filter(pk=job.pk).update(attempts=0)
        return False


def _apply(job: Import, clock: JobClock, deadline: float | None, watch: CancellationWatch) -> bool:
    """Apply chunks on some connections at once, each chunk a transaction of its own, until none is left or the time is over."""
    workers = _ChunkWorkers(job, clock, deadline, watch)
    if connection.in_atomic_block or settings.ROLL_THREADS < 2:
        workers.work()
    else:
        with ThreadPoolExecutor(settings.ROLL_THREADS, thread_name_prefix="roll") as pool:
            running = [pool.submit(workers.work_apart) for _ in range(settings.ROLL_THREADS)]
        for future in running:
            future.result()
    return not _close(job, clock)


class _ChunkWorkers:
    """Workers that apply the chunks of one import; when one fails, the others stop after their chunk."""

    def __init__(self, job: Import, clock: JobClock, deadline: float | None, watch: CancellationWatch) -> None:
        self._job, self._clock, self._deadline, self._watch = job, clock, deadline, watch
        self._target, self._actor = target_of(job, clock.today(job.plantel)), job_steps.actor_of(job)
        self._stop = threading.Event()
        self._moved = threading.Event()

    def work(self) -> None:
        while not self._stop.is_set() and not (self._deadline and time.monotonic() > self._deadline):
            if applying.apply_next(self._job, self._target, act=Act(self._actor, self._clock.now(), self._target.planteles)) is None:
                return
            if not self._moved.is_set():
                self._moved.set()
                Import.objects.filter(pk=self._job.pk).update(attempts=0)

    def work_apart(self) -> None:
        """In a thread, on a connection of its own."""
        try:
            _prepare()
            self._watch.cancel_this_connection_on_abort()
            self.work()
        except BaseException:
            self._stop.set()
            raise
        finally:
            connection.close()


def _undo(job: Import, clock: JobClock, deadline: float | None, watch: CancellationWatch) -> bool:
    """Take back chunk after chunk."""
    loader, actor = (
        job_steps.actor_of(job),
        Actor(ActorKind.PERSON if job.undone_by_id else ActorKind.IMPORT, job.undone_name, job.undone_by_id),
    )
    while not (deadline and time.monotonic() > deadline):
        try:
            chunk = undoing.undo_next(job, loader, act=Act(actor, clock.now()))
        except undoing.BuiltUpon:
            _fail(job, _BUILT_UPON)
            return False
        if chunk is None:
            job_steps.step(job, (ImportState.UNDOING,), state=ImportState.UNDONE, finished_at=clock.now())
            return False
        Import.objects.filter(pk=job.pk).update(progress=F("progress") + chunk.rows, beat_at=Now(), attempts=0)
    return True


def _close(job: Import, clock: JobClock) -> bool:
    """The import is done if all its chunks are; whether there is nothing more to do now."""
    job.refresh_from_db()
    if job.state != ImportState.RUNNING:
        return True
    if Chunk.objects.filter(job=job, applied_at=None).exists():
        return False
    left = job.counts["invalid"] or Finding.objects.filter(job=job, severity__in=(Severity.REFUSED, Severity.SKIPPED)).exists()
    state = ImportState.DONE_WITH_ERRORS if left else ImportState.DONE
    job_steps.step(
        job, (ImportState.RUNNING,), state=state, progress=F("total"), done=asdict(applying.summed(job)), finished_at=clock.now()
    )
    return True


_DO: Final[dict[ImportState, Callable[[Import, JobClock, float | None, CancellationWatch], bool]]] = {
    ImportState.UPLOADED: check_job.check,
    ImportState.CHECKING: check_job.check,
    ImportState.CONFIRMED: _begin_writing,
    ImportState.RUNNING: _apply,
    ImportState.UNDOING: _undo,
}


def _prepare() -> None:
    statements.run(_SESSION)


@contextmanager
def _held(job_id: int) -> Iterator[bool]:
    """Hold an import's lock: one process works on it at a time, and the lock dies with it."""
    if not connection.in_atomic_block:
        _prepare()
    mine = bool(statements.rows_of(_LOCK, {"job": job_id})[0][0])
    try:
        yield mine
    finally:
        if mine and connection.connection is not None and not connection.connection.closed:
            statements.rows_of(_UNLOCK, {"job": job_id})
