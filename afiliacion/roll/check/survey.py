"""The check of an import: from the file's rows to a verdict on each, kept in the tables the preview and the application read.

Nothing of the registry is written. Work is committed every few thousand rows, so that it can be watched and stopped; a check that
was cut short is begun again, since what it left is of no use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Final, Protocol

from django.db import transaction
from django.db.models import Count, Q

from afiliacion.database import statements
from afiliacion.roll.check import chunks, comparing, matching, matriculas, not_returning, persons, staging, without_curp
from afiliacion.roll.check.checking import Checker
from afiliacion.roll.check.enrolment_dates import NewDates
from afiliacion.roll.check.matching import WITHOUT_CASE
from afiliacion.roll.check.matriculas import MatriculaMove
from afiliacion.roll.check.reading_rules import rules_of
from afiliacion.roll.check.sharing import taken_back
from afiliacion.roll.check.staging import CARRIED
from afiliacion.roll.check.target import Target
from afiliacion.roll.findings import RowCounts, RowFinding
from afiliacion.roll.models import Absent, Import, Row, RowKind, Severity
from afiliacion.roll.parse import school_words
from afiliacion.roll.parse.columns import ColumnMapping, of_mended
from file_reader.facts import ColumnFacts
from file_reader.order import NumberedRow

#: Rows handled between two commits, and between two looks at whether the check is still wanted.
BATCH: Final = 10_000
#: Rows applied in one transaction.
CHUNK: Final = 4_000


class ListToCheck(Protocol):
    """What is checked: a file that was read (reading.RollTable), or rows that came otherwise."""

    @property
    def headers(self) -> list[str]: ...
    @property
    def facts(self) -> Sequence[ColumnFacts]: ...
    @property
    def titles(self) -> Sequence[Sequence[str]]: ...
    @property
    def hidden(self) -> int: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def lines(self) -> Iterator[NumberedRow]: ...
    def __len__(self) -> int: ...


#: Told how many rows of how many are done, between two transactions; may raise to stop.
ReportProgress = Callable[[int, int], None]
#: Told which share of one part of the check is done.
_ReportShare = Callable[[float], None]
#: How far the check is, about, once the rows are staged, compared with each other, and beside what is on record.
_STAGED: Final = 0.4
_COMPARED: Final = 0.55
_MATCHED: Final = 0.95

_MENDED: Final = "Son filas corregidas de una lista anterior (traen la columna «motivo»): a los demás inscritos no se les echa de menos."
_REPEATED: Final = f"""
WITH gone AS (DELETE FROM roll_rows r USING roll_findings f WHERE f.line = r.line AND f.severity = 'repeated' AND NOT r.bad RETURNING r.*)
INSERT INTO roll_row (job_id, line, kind, known, to_do, answer, {CARRIED})
SELECT %(job)s, line, 'repeated', false, false, '', {CARRIED} FROM gone
"""  # noqa: S608 - our own names, here and below
_REPEATED_TOLD: Final = "UPDATE roll_findings SET severity = 'warning' WHERE severity = 'repeated'"
_ROWS: Final = f"""
INSERT INTO roll_row (job_id, line, kind, known, to_do, twin_id, answer, {CARRIED})
SELECT %(job)s, line, CASE WHEN bad THEN 'invalid' WHEN twin_id IS NOT NULL THEN 'asked' WHEN enrolment_id IS NULL OR taken_back THEN 'new'
         WHEN changed THEN 'changed' ELSE 'unchanged' END,
       student_id IS NOT NULL AND NOT only_taken_back,
       NOT bad AND (enrolment_id IS NULL OR taken_back OR twin_id IS NOT NULL OR changed OR wants_case), twin_id, '', {CARRIED}
FROM (SELECT m.*, taken_back AND NOT EXISTS (SELECT FROM students_enrolment o WHERE o.student_id = m.student_id
                                             AND NOT {taken_back("o")} OFFSET 0) AS only_taken_back,
             coalesce({WITHOUT_CASE}, false) AS wants_case,
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
# Students who have left already are not missed.
_ABSENT: Final = f"""
INSERT INTO roll_absent (job_id, position, matricula, name, before)
SELECT %(job)s, row_number() OVER (ORDER BY s.name_order, s.id), e.matricula,
       trim(s.primer_apellido || ' ' || s.segundo_apellido) || ', ' || s.nombre, ''
FROM students_enrolment e JOIN students_student s ON s.id = e.student_id
WHERE e.plantel_id = %(plantel)s AND e.ciclo_id = %(ciclo)s AND e.status = ANY(%(entitled)s)
  AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.curp_key = s.curp)
  AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.matricula = e.matricula)
  AND NOT {persons.BROUGHT_FORMERLY}
"""  # noqa: S608 - our own condition
_NOT_FREE: Final = """
UPDATE roll_row SET kind = 'invalid', to_do = false WHERE job_id = %(job)s AND line = ANY(%(lines)s);
DELETE FROM roll_change WHERE job_id = %(job)s AND line = ANY(%(lines)s)
"""


def survey(job: Import, table: ListToCheck, mapping: ColumnMapping, target: Target, report: ReportProgress) -> ColumnMapping:
    """Check every row of the table and keep what was found; fills `job`'s notes, questions and counts (the caller saves it).

    Returns the columns that were read: those of the mapping that are what their headings say.

    Raises:
        UnreadableFile: while the rows are read, if the file is refused after all.
    """
    known = {**target.parameters, "job": job.pk, "size": CHUNK}
    with transaction.atomic():
        staging.forget(job.pk)
    try:
        checker = _staged(job, table, mapping, target, _part(report, table, 0, _STAGED))
        mapping = mapping.without(checker.rules.misnamed)
        job.notes = [*table.notes, *checker.notes]
        job.questions = [*_hidden(table, job), *checker.remarks.questions(checker.rules, checker.mapping)]
        _in_turn(_about_the_file(known), _part(report, table, _STAGED, _COMPARED))
        with transaction.atomic():
            without_curp.check(known)
        dates = NewDates(job.answers.get("enrolled", ""))
        leaving, owing, moves = _compare_with_record(known, mapping, dates, _part(report, table, _COMPARED, _MATCHED))
        job.questions += dates.questions()
        with transaction.atomic():
            owing -= _refuse_matriculas(known, moves, leaving)
        mended = of_mended(mapping.headers)
        endings = [
            partial(statements.run, statement, known) for statement in (*([] if mended else [_ABSENT, not_returning.NAMED]), _FINDINGS)
        ]
        _in_turn([*endings, partial(chunks.cut, known, matriculas.together(moves))], _part(report, table, _MATCHED, 1))
        counts = count(job)
        counts.leaving, counts.owing = dict(+leaving), owing
        job.counts = asdict(counts)
        taken = counts.new + counts.changed + counts.unchanged + counts.asked + counts.no_curp
        job.notes += [_MENDED] if mended else comparing.whole_list(known, taken)
    finally:
        staging.end()
    return mapping


def count(job: Import) -> RowCounts:
    """The rows of an import by what they mean."""
    kinds = {kind: Count("line", filter=Q(kind=kind)) for kind in RowKind.values}
    kinds["known"] = Count("line", filter=Q(kind=RowKind.NEW, known=True))
    kinds["noting"] = Count("line", filter=Q(kind=RowKind.NO_CURP, to_do=True))
    found: dict[str, Any] = Row.objects.filter(job=job).aggregate(**kinds)
    absent = Absent.objects.filter(job=job).aggregate(missing=Count("pk"), not_returned=Count("case"))
    return RowCounts(**found, **absent)


def _part(report: ReportProgress, table: ListToCheck, begins: float, ends: float) -> _ReportShare:
    """The report of a part of the check that takes it from one share of the whole to another. The table may still grow."""
    return lambda share: report(int(len(table) * (begins + (ends - begins) * share)), len(table))


def _in_turn(steps: Sequence[Callable[[], object]], tell: _ReportShare) -> None:
    """Each step joins whole lists, in a transaction of its own."""
    for done, step in enumerate(steps, 1):
        with statements.whole_list():
            step()
        tell(done / len(steps))


def _staged(job: Import, table: ListToCheck, mapping: ColumnMapping, target: Target, tell: _ReportShare) -> Checker:
    """The rows in the session's tables, read as the whole list asks; who checked them knows what the list as a whole is told.

    A list is checked while it is being read, by what its columns have said of themselves so far; if the rest of it says
    otherwise (dates with the month first, a sex column of F and M), it is gone through once more.
    """
    answers = school_words.answers(job)
    while True:
        with transaction.atomic():
            staging.begin()
        believed = rules_of(mapping, table.facts, target.ciclo, target.today, answers)
        checker = Checker(mapping, believed, target.plantel, target.ciclo, target.today, target.enrolled_on is not None, table.titles)
        _stage(checker, table, tell)
        if rules_of(mapping, table.facts, target.ciclo, target.today, answers) == believed:
            return checker


def _hidden(table: ListToCheck, job: Import) -> list[dict[str, Any]]:
    """The question whether rows that a workbook hides are students of the list."""
    return [{"kind": "hidden", "count": table.hidden, "answer": job.answers.get("hidden", "")}] if table.hidden else []


def _stage(checker: Checker, table: ListToCheck, tell: _ReportShare) -> None:
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
        partial(_note, Severity.WARNING, partial(comparing.email_of_another, known)),
    ]


def _note(severity: Severity, question: Callable[[], Iterator[RowFinding]]) -> None:
    staging.note(severity.value, question())


def _fold_repeated(known: dict[str, Any]) -> None:
    staging.note("repeated", comparing.repeated())
    statements.run(_REPEATED, known)
    statements.run("DELETE FROM roll_findings f USING roll_rows r WHERE f.line = r.line AND f.severity = 'repeated'")
    statements.run(_REPEATED_TOLD)


def _compare_with_record(
    known: dict[str, Any], mapping: ColumnMapping, dates: NewDates, tell: _ReportShare
) -> tuple[Counter[str], int, list[MatriculaMove]]:
    """Slice by slice, what is on record says about the rows; then which are good, and what they change.

    Returns how many close a case, by status, and after how many of these IMSS is owed a baja; and the matrículas that change, of which only
    the whole list says whether they are free.
    """
    leaving, owing, moves = Counter[str](), 0, list[MatriculaMove]()
    slices = staging.slices(BATCH)
    for done, (first, last) in enumerate(slices, 1):
        with transaction.atomic():
            parameters = {**known, "first": first, "last": last}
            matching.match(staging.OF_FILE, parameters, writing=False)
            staging.note(Severity.ERROR.value, matching.mark_bad(comparing.errors_on_record(parameters)))
            staging.note(Severity.ERROR.value, matching.mark_bad(persons.doubled(whole_list=True)))
            moves += matriculas.moves(parameters)
            matching.compare()
            staging.note(Severity.WARNING.value, persons.warnings())
            staging.note(Severity.WARNING.value, comparing.warnings_on_record(parameters, has_email="correo" in mapping.where))
            staging.note(Severity.WARNING.value, dates.look())
            statements.run(_ROWS, parameters)
            statements.run(_CHANGES, parameters)
            for status, n, owed in comparing.leaving():
                leaving[status] += n
                owing += owed
        tell(done / len(slices))
    return leaving, owing, moves


def _refuse_matriculas(known: dict[str, Any], moves: list[MatriculaMove], leaving: Counter[str]) -> int:
    """Take back what was kept of rows whose matrícula is not free, also from the count of those `leaving`.

    Returns how many of them would have left IMSS owed a baja.
    """
    staging.note(Severity.WARNING.value, matriculas.warnings(moves))
    errors = matriculas.errors(moves)
    staging.note(Severity.ERROR.value, errors)
    lines = {error.line for error in errors}
    statements.run(_NOT_FREE, {**known, "lines": sorted(lines)})
    closing = [(move.closes, move.owes) for move in moves if move.closes and move.line in lines]
    leaving.subtract(status for status, _ in closing)
    return sum(owes for _, owes in closing)
