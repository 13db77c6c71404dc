"""Load a list of enrolled students here and now: look at what it would do, or do it. Thin over the jobs of work.py.

preview(path, "lista.xlsx", plantel=…, ciclo=…, today=…) -> Preview
apply(path, "lista.xlsx", plantel=…, ciclo=…, now=…, who=…) -> Report
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from afiliacion.roll import models
from afiliacion.roll.check import comparing
from afiliacion.roll.findings import FieldChange, ImportDone, MissingStudent, RowCounts, RowFinding, UnreadableFile
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import Import, ImportState, Severity
from afiliacion.roll.parse.columns import COLUMNS, RollColumn, of_plantel
from afiliacion.roll.upload import jobs
from students.models import Ciclo, Plantel

#: Remarks and samples a preview holds of each kind; the tables have them all.
MOST: Final = 10_000
SAMPLE: Final = 200


class NotLoaded(UnreadableFile):
    """The list was not loaded, or not to its end; str() says why and what to do. What was loaded is whole."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list says and would do. Lists are samples (errors and warnings: the first MOST); `counts` are exact."""

    job: Import
    counts: RowCounts
    errors: list[RowFinding]
    warnings: list[RowFinding]
    changes: list[FieldChange]
    missing: list[MissingStudent]
    error_count: int
    warning_count: int
    change_count: int

    @property
    def filename(self) -> str:
        return self.job.filename

    @property
    def origin(self) -> str:
        """How the file was read: its encoding and delimiter, or its sheet."""
        return self.job.origin

    @property
    def notes(self) -> list[str]:
        return list(self.job.notes)

    @property
    def rows(self) -> int:
        """Rows of students in the file."""
        counts = self.counts
        return counts.new + counts.changed + counts.unchanged + counts.invalid + counts.asked + counts.repeated + counts.no_curp

    @property
    def unread(self) -> list[str]:
        """Headings of the file that mean nothing to the roll."""
        read = {*(self.job.mapping or {}).values(), *of_plantel(self.job.headers)}
        return [header for at, header in enumerate(self.job.headers) if at not in read and header.strip()]

    @property
    def absent(self) -> list[RollColumn]:
        """The optional columns that the file does not bring."""
        return [column for column in COLUMNS if column.name not in (self.job.mapping or {})]

    @property
    def good(self) -> int:
        """Rows that would write something, but for those that wait for an answer."""
        return self.counts.new + self.counts.changed + self.counts.noting

    @property
    def nothing_to_do(self) -> bool:
        return not self.good


@dataclass(frozen=True, slots=True)
class Report:
    """What was done, and the preview as it stood at that moment."""

    preview: Preview
    done: ImportDone


def preview(
    path: Path,
    filename: str,
    *,
    plantel: Plantel,
    ciclo: Ciclo,
    today: dt.date,
    enrolled_on: dt.date | None = None,
    own: frozenset[int] | None = frozenset(),
) -> Preview:
    """What loading this file would do. Keeps nothing, sends nothing.

    `enrolled_on` is for the rows without a date of their own. `own`: ids of the planteles the importer works at
    (students.staff.plantel_ids), None for all; `plantel` always counts as one.

    Raises:
        UnreadableFile: if the file is refused whole.
        NotLoaded: if the same file is being loaded right now.
    """
    clock = JobClock.at(today)
    with transaction.atomic():
        job = _brought(path, filename, now=clock.now(), plantel=plantel, ciclo=ciclo, enrolled_on=enrolled_on, own=own)
        found = preview_of(_checked(job, clock))
        transaction.set_rollback(True)
    return found


def apply(
    path: Path,
    filename: str,
    *,
    plantel: Plantel,
    ciclo: Ciclo,
    now: dt.datetime,
    who: str = "",
    user: User | None = None,
    enrolled_on: dt.date | None = None,
    own: frozenset[int] | None = frozenset(),
) -> Report:
    """Load the good rows of this file as an import of its own, in the name of `who`, and wait until it is done; see `preview`.

    Loading the same file again does nothing.

    Raises:
        UnreadableFile: if the file is refused whole.
        NotLoaded: if the same file is being loaded elsewhere, or the import stopped on the way; what was loaded is whole.
    """
    clock = JobClock(lambda: now)
    said: dict[str, Any] = {"plantel": plantel, "ciclo": ciclo, "owner": user, "owner_name": who, "enrolled_on": enrolled_on, "own": own}
    job = _checked(_brought(path, filename, now=now, **said), clock)
    found = preview_of(job)
    jobs.confirm(job, now=now, by=user, name=who, own=own)
    if not work.finish(job, clock) or job.state not in (ImportState.DONE, ImportState.DONE_WITH_ERRORS):
        raise NotLoaded(f"La carga quedó «{job.get_state_display()}». {job.error}".strip())
    return Report(found, done_of(job))


def preview_of(job: Import) -> Preview:
    """What the check of an import found."""
    changes = [
        FieldChange(c.line, matricula, c.column, comparing.shown(c.column, c.old), comparing.shown(c.column, c.new))
        for c, matricula in _changes(job)
    ]
    return Preview(
        job, RowCounts(**job.counts), _findings(job, Severity.ERROR), _findings(job, Severity.WARNING), changes,
        [MissingStudent(absent.matricula, absent.name, absent.before) for absent in job.absent.all()[:SAMPLE]],
        job.findings.filter(severity=Severity.ERROR).count(), job.findings.filter(severity=Severity.WARNING).count(),
        job.changes.filter(kept=False).count(),
    )  # fmt: skip


def done_of(job: Import) -> ImportDone:
    """What an import has done, with the first steps that cases did not allow."""
    skipped = job.findings.filter(severity=Severity.SKIPPED).values_list("value", "reason")[:MOST]
    return ImportDone(**{**job.done, "skipped": [(matricula, reason) for matricula, reason in skipped]})


def _brought(path: Path, filename: str, **said: Any) -> Import:
    with path.open("rb") as file:
        try:
            return jobs.bring(file, filename, **said)
        except jobs.AlreadyBrought as other:
            raise NotLoaded(str(other)) from other


def _checked(job: Import, clock: JobClock) -> Import:
    work.finish(job, clock)
    if job.state != ImportState.CHECKED:
        raise UnreadableFile(job.error or "Otro proceso está revisando la misma lista.")
    return job


def _findings(job: Import, severity: Severity) -> list[RowFinding]:
    rows = job.findings.filter(severity=severity).values_list("line", "column", "value", "reason")[:MOST]
    return [RowFinding(*row) for row in rows]


def _changes(job: Import) -> list[tuple[models.Change, str]]:
    found = list(job.changes.filter(kept=False)[:SAMPLE])
    matriculas = dict(job.rows.filter(line__in={change.line for change in found}).values_list("line", "matricula"))
    return [(change, matriculas[change.line] or "") for change in found]
