"""The check of an import as a worker does it: its file read, the check watched and stopped, what it found written on the job."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from django.db.models.functions import Now

from afiliacion.roll import job_steps, stored_file
from afiliacion.roll.check.cancellation import CancellationWatch
from afiliacion.roll.check.checking import enrolment_days, too_far
from afiliacion.roll.check.survey import ReportProgress, survey
from afiliacion.roll.check.target import Target, target_of
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.models import Import, ImportState
from afiliacion.roll.parse import explained_headings, reading
from afiliacion.roll.parse.columns import ColumnMapping, bind
from afiliacion.roll.parse.reading import RollTable
from file_reader.facts import ColumnFacts
from file_reader.order import NumberedRow


class ImportStopped(Exception):
    """The import was cancelled meanwhile: what is being done for it is no longer wanted."""


@dataclass(frozen=True, slots=True)
class GivenRows:
    """Rows that came without a file, as a reading.RollTable has them."""

    filename: str
    headers: list[str]
    rows: Sequence[NumberedRow]
    facts: list[ColumnFacts]
    origin: str = "conjunto de datos"
    header_line: int = 1
    titles: Sequence[Sequence[str]] = ()
    hidden: int = 0

    @property
    def notes(self) -> list[str]:
        """Nothing was put right to read them."""
        return []

    @property
    def lines(self) -> Iterator[NumberedRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def check(job: Import, clock: JobClock, deadline: float | None, watch: CancellationWatch) -> bool:
    """Check what was brought, from its file, as one stretch of an import's life (work.py). Raises ImportStopped, UnreadableFile."""
    if not job_steps.step(job, (ImportState.UPLOADED, ImportState.CHECKING), state=ImportState.CHECKING):
        raise ImportStopped

    progress = _ProgressWriter(job)
    with (
        stored_file.on_disk(job) as path,
        reading.follow(path, job.filename, partial(progress, 0), shown_only=job.answers.get("hidden") == "leave") as table,
    ):
        check_table(job, table, clock, progress)
    return False


class _ProgressWriter:
    """Writes down how far a check is, every second: often enough to watch and to stop it, rarely enough to cost nothing."""

    def __init__(self, job: Import) -> None:
        self._job, self._due = job, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Raises ImportStopped if the check is not wanted any more."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + 1
        if not job_steps.step(self._job, (ImportState.CHECKING,), progress=done, total=total, beat_at=Now(), attempts=0):
            raise ImportStopped


def _check_date_for_all(target: Target) -> None:
    """A date typed once goes into every row: it is held to what a row's own is."""
    day = target.enrolled_on
    if day and (reason := too_far(day, target.ciclo, *enrolment_days(target.ciclo, target.today))):
        raise UnreadableFile(f"Fecha de inscripción para todos ({day:%d/%m/%Y}): {reason}")


def check_table(job: Import, table: RollTable | GivenRows, clock: JobClock, progress: ReportProgress | None = None) -> ColumnMapping:
    """Check a list that has been read; the import is then CHECKED. `progress` is told how far it is."""
    target = target_of(job, clock.today(job.plantel))
    job.headers = table.headers
    # Kept before they are judged: what is missing can then be said by the officer (explained_headings.py).
    job_steps.step(
        job, (ImportState.CHECKING,), origin=table.origin[:240], header_line=table.header_line, headers=table.headers,
        examples=[cells for _, cells in islice(table.lines, explained_headings.EXAMPLES)],
    )  # fmt: skip
    mapping = bind(table.headers, date_given=target.enrolled_on is not None, given=explained_headings.given(job))
    _check_date_for_all(target)
    mapping = survey(job, table, mapping, target, progress or _ProgressWriter(job))
    found = job_steps.step(
        job, (ImportState.CHECKING,), state=ImportState.CHECKED, checked_at=clock.now(), attempts=0, origin=table.origin[:240],
        header_line=table.header_line, headers=table.headers, mapping=mapping.where, notes=job.notes, counts=job.counts,
        questions=job.questions,
    )  # fmt: skip
    if not found:
        raise ImportStopped
    return mapping
