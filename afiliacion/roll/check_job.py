"""The check of an import as a worker does it: its file read, the check watched and stopped, what it found written on the job."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from django.db.models.functions import Now

from afiliacion.roll import filing, headings, jobs, reading
from afiliacion.roll.checking import enrolment_days, too_far
from afiliacion.roll.clock import Clock
from afiliacion.roll.columns import Mapping, bind
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.models import Import, State
from afiliacion.roll.reading import Facts, Line, Table
from afiliacion.roll.staging import Target
from afiliacion.roll.survey import Pulse, survey
from afiliacion.roll.watching import Watch


class Stopped(Exception):
    """The import was cancelled meanwhile: what is being done for it is no longer wanted."""


@dataclass(frozen=True, slots=True)
class Given:
    """Rows that came without a file, as a reading.Table has them."""

    filename: str
    headers: list[str]
    rows: Sequence[Line]
    facts: list[Facts]
    origin: str = "conjunto de datos"
    header_line: int = 1

    @property
    def lines(self) -> Iterator[Line]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def check(job: Import, clock: Clock, deadline: float | None, watch: Watch) -> bool:
    """Check what was brought, from its file, as one stretch of an import's life (work.py). Raises Stopped, UnreadableFile."""
    if not jobs.step(job, (State.UPLOADED, State.CHECKING), state=State.CHECKING):
        raise Stopped

    beat = _Beat(job)
    with filing.on_disk(job) as path, reading.follow(path, job.filename, partial(beat, 0)) as table:
        check_table(job, table, clock, beat)
    return False


class _Beat:
    """Writes down how far a check is, every second: often enough to watch and to stop it, rarely enough to cost nothing."""

    def __init__(self, job: Import) -> None:
        self._job, self._due = job, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Raises Stopped if the check is not wanted any more."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + 1
        if not jobs.step(self._job, (State.CHECKING,), progress=done, total=total, beat_at=Now(), attempts=0):
            raise Stopped


def _check_date_for_all(target: Target) -> None:
    """A date typed once goes into every row: it is held to what a row's own is."""
    day = target.enrolled_on
    if day and (reason := too_far(day, target.ciclo, *enrolment_days(target.ciclo, target.today))):
        raise UnreadableFile(f"Fecha de inscripción para todos ({day:%d/%m/%Y}): {reason}")


def check_table(job: Import, table: Table | Given, clock: Clock, beat: Pulse | None = None) -> Mapping:
    """Check a list that has been read; the import is then CHECKED. `beat` is told how far it is."""
    target = jobs.target_of(job, clock.today)
    job.headers = table.headers
    # Kept before they are judged: what is missing can then be said by the officer (headings.py).
    jobs.step(
        job, (State.CHECKING,), origin=table.origin[:240], header_line=table.header_line, headers=table.headers,
        examples=[cells for _, cells in islice(table.lines, headings.EXAMPLES)],
    )  # fmt: skip
    mapping = bind(table.headers, date_given=target.enrolled_on is not None, given=headings.given(job))
    _check_date_for_all(target)
    survey(job, table, mapping, target, beat or _Beat(job))
    found = jobs.step(
        job, (State.CHECKING,), state=State.CHECKED, checked_at=clock.now(), attempts=0, origin=table.origin[:240],
        header_line=table.header_line, headers=table.headers, mapping=mapping.where, notes=job.notes, counts=job.counts,
    )  # fmt: skip
    if not found:
        raise Stopped
    return mapping
