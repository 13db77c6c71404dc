"""The check of an import: from the file's rows to a verdict on each, kept in the tables the preview and the application read.

Nothing of the registry is written. Work is committed every few thousand rows, so that it can be watched and stopped; a check that
was cut short is begun again, since what it left is of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Final, Protocol

from django.db import transaction
from django.db.models import Count, Q

from afiliacion.roll import comparing, staging
from afiliacion.roll.checking import Checker, asked
from afiliacion.roll.columns import Mapping, of_mended
from afiliacion.roll.findings import Counts, Finding
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
#: Told which share of one part of the check is done.
_Tell = Callable[[float], None]
#: How far the check is, about, once the rows are staged, compared with each other, and beside what is on record.
_STAGED: Final = 0.4
_COMPARED: Final = 0.55
_MATCHED: Final = 0.95

_MENDED: Final = "Son filas corregidas de una lista anterior (traen la columna «motivo»): a los demás inscritos no se les echa de menos."
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
    try:
        job.notes = _staged(table, mapping, target, _part(pulse, table, 0, _STAGED))
        _in_turn(_about_the_file(known), _part(pulse, table, _STAGED, _COMPARED))
        _compare_with_record(known, mapping, _part(pulse, table, _COMPARED, _MATCHED))
        mended = of_mended(mapping.headers)
        endings = [partial(staging.run, statement, known) for statement in (*([] if mended else [_ABSENT]), _FINDINGS, _CHUNKS)]
        _in_turn(endings, _part(pulse, table, _MATCHED, 1))
        counts = count(job)
        job.counts = asdict(counts)
        job.notes += [_MENDED] if mended else comparing.whole_list(known, counts.new + counts.changed + counts.unchanged)
    finally:
        staging.end()


def count(job: Import) -> Counts:
    """The rows of an import by what they mean."""
    kinds = {kind: Count("line", filter=Q(kind=kind)) for kind in Kind.values}
    found: dict[str, Any] = Row.objects.filter(job=job).aggregate(**kinds, known=Count("line", filter=Q(kind=Kind.NEW, known=True)))
    return Counts(**found, missing=Absent.objects.filter(job=job).count())


def _part(pulse: Pulse, table: List, begins: float, ends: float) -> _Tell:
    """The pulse of a part of the check that takes it from one share of the whole to another. The table may still grow."""
    return lambda share: pulse(int(len(table) * (begins + (ends - begins) * share)), len(table))


def _in_turn(steps: Sequence[Callable[[], object]], tell: _Tell) -> None:
    """Each step joins whole lists, in a transaction of its own."""
    for done, step in enumerate(steps, 1):
        with staging.whole_list():
            step()
        tell(done / len(steps))


def _staged(table: List, mapping: Mapping, target: Target, tell: _Tell) -> list[str]:
    """The rows in the session's tables, read as the whole list asks; what the list as a whole is told.

    A list is checked while it is being read, by what its columns have said of themselves so far; if the rest of it says
    otherwise (dates with the month first, a sex column of F and M), it is gone through once more.
    """
    while True:
        with transaction.atomic():
            staging.begin()
        believed = asked(mapping, table.facts)
        checker = Checker(mapping, table.facts, target.plantel, target.ciclo, target.today, target.enrolled_on is not None)
        _stage(checker, table, tell)
        if asked(mapping, table.facts) == believed:
            return checker.notes


def _stage(checker: Checker, table: List, tell: _Tell) -> None:
    """One pass over the rows into the session's tables."""
    rows, done, staged = checker.rows(table.lines), 0, BATCH
    while staged == BATCH:
        with transaction.atomic():
            staged = staging.stage(rows, BATCH)
            for severity, findings in ((Severity.ERROR, checker.errors), (Severity.WARNING, checker.warnings)):
                staging.note(severity.value, findings)
                findings.clear()
        done += staged
        tell(min(done / (len(table) or 1), 1))


def _about_the_file(known: dict[str, Any]) -> list[Callable[[], object]]:
    """What the rows say of each other, step by step. A bad row that comes twice is bad twice: each is told with its reasons."""
    return [
        staging.staged,
        partial(_fold_repeated, known),
        *(partial(_note, Severity.ERROR, question) for question in comparing.ERRORS_IN_FILE),
        *(partial(_note, Severity.WARNING, question) for question in comparing.WARNINGS_IN_FILE),
    ]


def _note(severity: Severity, question: Callable[[], Iterator[Finding]]) -> None:
    staging.note(severity.value, question())


def _fold_repeated(known: dict[str, Any]) -> None:
    staging.note("repeated", comparing.repeated())
    staging.run(_REPEATED, known)
    staging.run("DELETE FROM roll_findings f USING roll_rows r WHERE f.line = r.line AND f.severity = 'repeated'")
    staging.run(_REPEATED_TOLD)


def _compare_with_record(known: dict[str, Any], mapping: Mapping, tell: _Tell) -> None:
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
        tell(done / len(slices))
