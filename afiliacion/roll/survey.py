"""The check of an import: from the file's rows to a verdict on each, kept in the tables the preview and the application read.

Nothing of the registry is written. Work is committed every few thousand rows, so that it can be watched and stopped; a check that
was cut short is begun again, since what it left is of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final, Protocol

from django.db import transaction
from django.db.models import Count, Q

from afiliacion.roll import comparing, staging
from afiliacion.roll.checking import Checker
from afiliacion.roll.columns import Mapping
from afiliacion.roll.findings import Counts
from afiliacion.roll.models import Absent, Import, Kind, Row, Severity
from afiliacion.roll.staging import CARRIED, WITHOUT_CASE, Target
from sheets.facts import Column as Facts
from sheets.order import Line

#: Rows handled between two commits, and between two looks at whether the check is still wanted.
BATCH: Final = 10_000
#: Rows applied in one transaction.
CHUNK: Final = 4_000


class List(Protocol):
    """What is checked: a file that was read (reading.Table), or rows that came otherwise."""

    @property
    def headers(self) -> list[str]: ...
    @property
    def facts(self) -> Sequence[Facts]: ...
    @property
    def lines(self) -> Iterator[Line]: ...
    def __len__(self) -> int: ...


#: Told how many rows of how many are done, between two transactions; may raise to stop.
Pulse = Callable[[int, int], None]

_REPEATED: Final = f"""
WITH gone AS (DELETE FROM roll_rows r USING roll_findings f WHERE f.line = r.line AND f.severity = 'repeated' AND NOT r.bad RETURNING r.*)
INSERT INTO roll_row (job_id, line, kind, known, to_do, {CARRIED}) SELECT %(job)s, line, 'repeated', false, false, {CARRIED} FROM gone
"""  # noqa: S608 - our own names, here and below
_REPEATED_TOLD: Final = "UPDATE roll_findings SET severity = 'warning' WHERE severity = 'repeated'"
_ROWS: Final = f"""
INSERT INTO roll_row (job_id, line, kind, known, to_do, {CARRIED})
SELECT %(job)s, line, CASE WHEN bad THEN 'invalid' WHEN enrolment_id IS NULL THEN 'new' WHEN changed THEN 'changed' ELSE 'unchanged' END,
       student_id IS NOT NULL, NOT bad AND (enrolment_id IS NULL OR changed OR wants_case), {CARRIED}
FROM (SELECT m.*, coalesce({WITHOUT_CASE}, false) AS wants_case,
             EXISTS (SELECT FROM roll_changes c WHERE c.line = m.line AND NOT c.kept) AS changed
      FROM roll_matched m) m
ORDER BY line
"""  # noqa: S608
_CHANGES: Final = (
    'INSERT INTO roll_change (job_id, line, "column", old, new, kept) SELECT %(job)s, line, name, old, new, kept FROM roll_changes'
)
# A warning is about a row that is taken; the others are told when their errors are mended.
_FINDINGS: Final = """
INSERT INTO roll_finding (job_id, severity, line, "column", value, reason)
SELECT %(job)s, f.severity, f.line, f."column", f.value, f.reason
FROM roll_findings f LEFT JOIN roll_row r ON r.job_id = %(job)s AND r.line = f.line
WHERE f.severity = 'error' OR r.kind IS DISTINCT FROM 'invalid'
ORDER BY f.line, f."column"
"""
# Whoever has already left is not missed.
_ABSENT: Final = """
INSERT INTO roll_absent (job_id, position, matricula, name)
SELECT %(job)s, row_number() OVER (ORDER BY s.name_order, s.id), e.matricula,
       trim(s.primer_apellido || ' ' || s.segundo_apellido) || ', ' || s.nombre
FROM students_enrolment e JOIN students_student s ON s.id = e.student_id
WHERE e.plantel_id = %(plantel)s AND e.ciclo_id = %(ciclo)s AND e.status = ANY(%(entitled)s)
  AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.curp_key = s.curp)
  AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.matricula = e.matricula)
"""
_CHUNKS: Final = """
INSERT INTO roll_chunk (job_id, number, first_line, last_line, rows, done)
SELECT %(job)s, chunk + 1, min(line), max(line), count(*), '{}'
FROM (SELECT line, (row_number() OVER (ORDER BY line) - 1) / %(size)s AS chunk FROM roll_row WHERE job_id = %(job)s AND to_do) r
GROUP BY chunk
"""


def survey(job: Import, table: List, mapping: Mapping, target: Target, pulse: Pulse) -> None:
    """Check every row of the table and keep what was found; fills `job`'s notes and counts (the caller saves it).

    Raises:
        UnreadableFile: while the rows are read, if the file is refused after all.
    """
    known = {**target.parameters, "job": job.pk, "size": CHUNK}
    with transaction.atomic():
        staging.forget(job.pk)
        staging.begin()
    try:
        job.notes = _stage(table, mapping, target, pulse)
        staging.know_registry()
        with staging.whole_list():
            staging.staged()
            _compare_rows(known)
        _compare_with_record(known, mapping, len(table), pulse)
        for statement in (_ABSENT, _FINDINGS, _CHUNKS):
            with staging.whole_list():
                staging.run(statement, known)
            pulse(len(table), len(table))
        counts = count(job)
        job.counts = asdict(counts)
        job.notes += comparing.whole_list(known, counts.new + counts.changed + counts.unchanged)
    finally:
        staging.end()


def count(job: Import) -> Counts:
    """The rows of an import by what they mean."""
    kinds = {kind: Count("line", filter=Q(kind=kind)) for kind in Kind.values}
    found: dict[str, Any] = Row.objects.filter(job=job).aggregate(**kinds, known=Count("line", filter=Q(kind=Kind.NEW, known=True)))
    return Counts(**found, missing=Absent.objects.filter(job=job).count())


def _stage(table: List, mapping: Mapping, target: Target, pulse: Pulse) -> list[str]:
    """One pass over the rows into the session's tables; what the list as a whole is told."""
    checker = Checker(mapping, table.facts, target.ciclo, target.today, target.enrolled_on is not None)
    rows, done, staged = checker.rows(table.lines), 0, BATCH
    while staged == BATCH:
        with transaction.atomic():
            staged = staging.stage(rows, BATCH)
            for severity, findings in ((Severity.ERROR, checker.errors), (Severity.WARNING, checker.warnings)):
                staging.note(severity.value, findings)
                findings.clear()
        done += staged
        pulse(done // 2, len(table))
    return checker.notes


def _compare_rows(known: dict[str, Any]) -> None:
    """What the rows say of each other. A bad row that comes twice is bad twice: each is told with its reasons."""
    staging.note("repeated", comparing.repeated())
    staging.run(_REPEATED, known)
    staging.run("DELETE FROM roll_findings f USING roll_rows r WHERE f.line = r.line AND f.severity = 'repeated'")
    staging.run(_REPEATED_TOLD)
    staging.note(Severity.ERROR.value, comparing.errors_in_file())
    staging.note(Severity.WARNING.value, comparing.warnings_in_file())


def _compare_with_record(known: dict[str, Any], mapping: Mapping, rows: int, pulse: Pulse) -> None:
    """Slice by slice, what is on record says about the rows; then which are good, and what they change."""
    slices = staging.slices(BATCH)
    for done, (first, last) in enumerate(slices, 1):
        with transaction.atomic():
            parameters = {**known, "first": first, "last": last}
            staging.match(staging.OF_FILE, parameters, writing=False)
            errors = list(comparing.errors_on_record(parameters))
            staging.note(Severity.ERROR.value, errors)
            staging.mark_bad([finding.line for finding in errors])
            staging.compare()
            staging.note(Severity.WARNING.value, comparing.warnings_on_record(parameters, has_email="correo" in mapping.where))
            staging.run(_ROWS, parameters)
            staging.run(_CHANGES, parameters)
        pulse(rows // 2 + rows * done // (2 * len(slices)), rows)
