"""The list as tables of the session: `roll_rows`, what the file says; `roll_matched`, a slice of it beside what is on record.

Everything that compares rows with each other or with the database is a statement over these, whatever their number. The check
keeps its verdict in the tables of models.py; the application starts from those.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from operator import attrgetter
from typing import Any, Final

from django.db import connection, transaction

from afiliacion.cases.bulk import copy_in
from afiliacion.cases.states import OPEN_STATES, BajaKind, State
from afiliacion.roll.checking import Staged
from afiliacion.roll.columns import COLUMNS
from afiliacion.roll.findings import Finding
from students.models import Ciclo, Enrolment, Plantel

#: Statuses that end the right to cover, and the baja each means for the case.
BAJAS: Final = {
    Enrolment.Status.BAJA_TEMPORAL: BajaKind.TEMPORAL,
    Enrolment.Status.BAJA_DEFINITIVA: BajaKind.DEFINITIVA,
    Enrolment.Status.EGRESADO: BajaKind.EGRESO,
    Enrolment.Status.DESERTOR: BajaKind.DESERCION,
}
_DATES: Final = frozenset({"fecha_nacimiento", "fecha_inscripcion", "curp_nacimiento"})
_FETCHED: Final = 2000

#: A remark as the tables hold it: its columns, and its values.
NOTED: Final = ("line", "column", "value", "reason")
noted: Final[Callable[[Finding], tuple[Any, ...]]] = attrgetter(*NOTED)

#: What a row carries: the file's columns, what the CURP says, the name's keys.
_CARRIED: Final = (
    "curp_key",
    *(column.name for column in COLUMNS),
    "curp_nacimiento",
    "curp_sexo",
    "curp_entidad",
    "name_order",
    "name_search",
)
CARRIED: Final = ", ".join(_CARRIED)

_CREATE: Final = """
DROP TABLE IF EXISTS pg_temp.roll_rows, pg_temp.roll_findings, pg_temp.roll_matched, pg_temp.roll_changes;
CREATE TEMP TABLE roll_rows (line int, bad bool, {columns});
CREATE TEMP TABLE roll_findings (severity text, line int, "column" text, value text, reason text);
CREATE INDEX ON roll_findings (line)
""".format(columns=", ".join(f"{name} {'date' if name in _DATES else 'text'}" for name in _CARRIED))

#: Rows of the check: of the file, between two lines.
OF_FILE: Final = f"SELECT line, bad OR EXISTS (SELECT FROM roll_findings x WHERE x.line = r.line AND x.severity = 'error') AS bad, {CARRIED} FROM roll_rows r WHERE line BETWEEN %(first)s AND %(last)s"  # noqa: E501, S608
#: Rows of the application: those of an import that have something to do, between two lines.
OF_JOB: Final = (
    f"SELECT line, false AS bad, {CARRIED} FROM roll_row WHERE job_id = %(job)s AND to_do AND line BETWEEN %(first)s AND %(last)s"  # noqa: S608
)

#: Where on record each field is that a list may change, but for the NSS; an empty cell changes none.
_OF_STUDENT: Final = {
    "nombre": "s.nombre", "primer_apellido": "s.primer_apellido", "segundo_apellido": "s.segundo_apellido",
    "fecha_nacimiento": "s.birth_date", "sexo": "s.sex", "entidad_nacimiento": "s.entity", "correo": "s.email", "telefono": "s.phone",
}  # fmt: skip
_ON_RECORD: Final = _OF_STUDENT | {"grupo": "e.grupo", "fecha_inscripcion": "e.enrolled_on", "estatus": "e.status"}

# The student's case at this plantel: the open one, else the last. `case_here`: it is of this very enrolment;
# `case_later`: of a ciclo after this one, which an older list must not touch. `differs`: the list brings something else than is on
# record; most rows of a second list do not, and are not looked up again. `guarded`: it is of somebody whom another plantel,
# not the importer's, has enrolled now: personal data stay as they are (S4). `takes_nss`: whether the NSS a row brings to
# somebody known can be written: by the verb that a case without NSS (now, or once the list has opened or resumed it) allows,
# or directly if the person never had a case; otherwise it waits, and is told. `sid`, `eid`: the ids a new row will have.
# Each row is looked up: LATERAL … OFFSET 0 leaves the planner no order of joining to choose, and `+ 0` only the student's index;
# by statistics of yesterday a new plantel or ciclo has nobody in it, and whatever is read through it seems to cost nothing.
_MATCH: Final = """
CREATE TEMP TABLE roll_matched ON COMMIT DROP AS
SELECT g.*,
  CASE WHEN g.student_id IS NULL OR g.nss IS NULL OR g.old_nss <> g.nss THEN NULL
       WHEN g.case_open THEN g.case_state = 'SIN_NSS'
       WHEN g.old_nss IS NOT NULL THEN false
       WHEN g.rejoins OR (g.entitled AND NOT g.case_here) THEN true
       ELSE NOT EXISTS (SELECT FROM cases_case k WHERE k.student_id = g.student_id OFFSET 0) END AS takes_nss
FROM (
  SELECT f.*,
    f.estatus = ANY(%(entitled)s) AND f.old_status = 'baja_temporal' AND f.case_here AND f.case_state = 'BAJA'
      AND f.case_baja = 'temporal' AS rejoins,
    f.estatus = ANY(%(bajas)s) AND f.estatus IS DISTINCT FROM f.old_status AND f.case_open AND NOT f.case_later AS leaves,
    f.differs AND NOT %(everywhere)s AND (
      EXISTS (SELECT FROM students_enrolment o JOIN students_ciclo t ON t.id = o.ciclo_id
              WHERE o.student_id = f.student_id AND o.plantel_id <> ALL(%(own)s) AND o.status = ANY(%(entitled)s) AND t.ends_on >= %(today)s
              OFFSET 0)
      OR EXISTS (SELECT FROM cases_case o
                 WHERE o.student_id = f.student_id AND o.plantel_id <> ALL(%(own)s) AND o.state = ANY(%(open)s) OFFSET 0)
    ) AS guarded
  FROM (
    SELECT r.*, s.id AS student_id, s.nss AS old_nss, e.id AS enrolment_id, e.status AS old_status, e.matricula AS old_matricula,
      CASE WHEN NOT %(writing)s THEN NULL ELSE coalesce(s.id, nextval('students_student_id_seq')) END AS sid,
      CASE WHEN NOT %(writing)s THEN NULL ELSE coalesce(e.id, nextval('students_enrolment_id_seq')) END AS eid,
      coalesce(r.estatus, e.status, 'activo') = ANY(%(entitled)s) AS entitled,
      coalesce({differs}, false) AS differs,
      c.id AS case_id, c.state AS case_state, c.baja_kind AS case_baja, coalesce(c.state = ANY(%(open)s), false) AS case_open,
      coalesce(c.enrolment_id = e.id, false) AS case_here,
      coalesce(c.ciclo_id = ANY(ARRAY(SELECT t.id FROM students_ciclo t WHERE t.starts_on > %(ciclo_starts)s)), false) AS case_later
    FROM ({rows}) r
    LEFT JOIN LATERAL (SELECT * FROM students_student s WHERE s.curp = r.curp OFFSET 0) s ON true
    LEFT JOIN LATERAL (
      SELECT * FROM students_enrolment e
      WHERE e.student_id = s.id AND e.plantel_id + 0 = %(plantel)s AND e.ciclo_id + 0 = %(ciclo)s OFFSET 0
    ) e ON true
    LEFT JOIN LATERAL (
      SELECT c.id, c.state, c.baja_kind, c.enrolment_id, c.ciclo_id FROM cases_case c
      WHERE c.student_id = s.id AND c.plantel_id + 0 = %(plantel)s
      ORDER BY c.state = ANY(%(open)s) DESC, c.id DESC LIMIT 1
    ) c ON true
  ) f
) g
""".replace("{differs}", " OR ".join(f"r.{name} <> {old}" for name, old in _ON_RECORD.items()))

# Somebody whom an import that was undone had enrolled: the list brings them back, whatever status and matrícula that left.
_BACK_AFTER_UNDO: Final = """
UPDATE roll_matched SET estatus = coalesce(estatus, 'activo'), entitled = true, rejoins = true, differs = true
WHERE case_here AND case_state = 'BAJA' AND case_baja = 'deshecha' AND coalesce(estatus, 'activo') = ANY(%(entitled)s)
"""

#: An enrolment with the right to cover that never had a case: not one whose case a later term carries on.
WITHOUT_CASE: Final = """
m.entitled AND NOT m.case_later AND NOT m.case_here
AND (m.enrolment_id IS NULL
     OR NOT EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = m.enrolment_id)
        AND NOT EXISTS (SELECT FROM cases_case c JOIN cases_event v ON v.case_id = c.id
                        WHERE c.student_id = m.student_id AND c.plantel_id = %(plantel)s
                          AND v.verb IN ('open', 'continue') AND (v.data ->> 'enrolment')::bigint = m.enrolment_id))
"""

# Field by field, what the list brings otherwise than it is on record. `kept`: not written (a guarded person's data).
_CHANGES: Final = """
CREATE TEMP TABLE roll_changes ON COMMIT DROP AS
SELECT m.line, f.name, f.old, f.new, m.guarded AND f.personal AS kept
FROM roll_matched m
CROSS JOIN LATERAL (SELECT * FROM students_student s WHERE s.id = m.student_id OFFSET 0) s
LEFT JOIN LATERAL (SELECT * FROM students_enrolment e WHERE e.id = m.enrolment_id OFFSET 0) e ON true
CROSS JOIN LATERAL (VALUES
  ('nss', NULL, CASE WHEN m.takes_nss THEN m.nss END, false),
  {fields}
) AS f(name, old, new, personal)
WHERE NOT m.bad AND (m.differs OR m.takes_nss) AND coalesce(f.new <> f.old, f.name = 'nss' AND f.new IS NOT NULL)
""".replace("{fields}", ", ".join(f"('{name}', {old}::text, m.{name}::text, {name in _OF_STUDENT})" for name, old in _ON_RECORD.items()))

# Slices of about so many rows, by their lines.
_SLICES: Final = """
SELECT min(line), max(line) FROM (SELECT line, (row_number() OVER (ORDER BY line) - 1) / %(size)s AS slice FROM roll_rows) r
GROUP BY slice ORDER BY slice
"""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a list is loaded, and for whom. `own`: ids of the importer's planteles, None for all of them."""

    plantel: Plantel
    ciclo: Ciclo
    today: dt.date
    enrolled_on: dt.date | None = None
    own: frozenset[int] | None = frozenset()

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements of this room are given."""
        return {
            "plantel": self.plantel.pk, "ciclo": self.ciclo.pk, "ciclo_starts": self.ciclo.starts_on, "today": self.today,
            "enrolled_on": self.enrolled_on, "everywhere": self.own is None, "own": sorted({self.plantel.pk, *(self.own or ())}),
            "entitled": [status.value for status in Enrolment.ENTITLED], "bajas": [status.value for status in BAJAS],
            "open": sorted(state.value for state in OPEN_STATES), "sin_nss": State.SIN_NSS.value,
        }  # fmt: skip


def rows_of(sql: str, parameters: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows a statement gives: a slice's worth at most."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or {})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def stream(sql: str, parameters: dict[str, Any] | None = None) -> Iterator[tuple[Any, ...]]:
    """The rows a statement gives, however many; inside a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters or {})
        while found := cursor.fetchmany(_FETCHED):
            yield from found


def run(sql: str, parameters: dict[str, Any] | None = None) -> int:
    """How many rows a statement wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or {})
        return int(cursor.rowcount)


@contextmanager
def whole_list() -> Iterator[None]:
    """Inside: what is joined is the whole list with itself or with a whole table, by hash.

    Right after a large load the statistics are old, and the planner's choice then takes minutes.
    """
    with transaction.atomic():
        # Compiling these statements takes longer than running them (0.6 s against 0.1 s at 20,000 rows).
        run("SET LOCAL jit = off; SET LOCAL enable_nestloop = off")
        yield
        run("SET LOCAL enable_nestloop = DEFAULT")


def forget(job_id: int) -> None:
    """Delete what was found in an import; not the import, nor what its chunks did."""
    for table in ("roll_row", "roll_finding", "roll_change", "roll_absent"):
        run(f"DELETE FROM {table} WHERE job_id = %(job)s", {"job": job_id})  # noqa: S608 - our own tables
    run("DELETE FROM roll_chunk WHERE job_id = %(job)s AND applied_at IS NULL", {"job": job_id})


def begin() -> None:
    """Make the session's tables, empty."""
    run(_CREATE)


def end() -> None:
    """Drop the session's tables."""
    run("DROP TABLE IF EXISTS pg_temp.roll_rows, pg_temp.roll_findings, pg_temp.roll_matched, pg_temp.roll_changes")


def stage(rows: Iterator[Staged], most: int) -> int:
    """COPY at most so many checked rows into `roll_rows`; return how many there were."""
    passed = count()
    # The row first: at the end of the rows nothing is counted.
    copy_in("roll_rows", ("line", "bad", *_CARRIED), (row for row, _ in zip(islice(rows, most), passed, strict=False)))
    return next(passed)


def note(severity: str, findings: Iterable[Finding]) -> None:
    """Put remarks into `roll_findings`, however many."""
    waiting = iter(findings)
    while batch := list(islice(waiting, _FETCHED)):
        copy_in("roll_findings", ("severity", *NOTED), ((severity, *noted(finding)) for finding in batch))


def staged() -> None:
    """All the rows are in: let the planner know what they are like."""
    _count("roll_rows (line, curp, curp_key, matricula, nss, correo)")


def slices(size: int) -> list[tuple[int, int]]:
    """(first line, last line) of the staged rows, so many at a time."""
    return [(first, last) for first, last in rows_of(_SLICES, {"size": size})]


def match(rows: str, parameters: dict[str, Any], *, writing: bool) -> None:
    """Put each of the rows (a SELECT: OF_FILE or OF_JOB) beside the person, the enrolment and the case on record."""
    run("SET LOCAL jit = off; DROP TABLE IF EXISTS pg_temp.roll_matched, pg_temp.roll_changes")
    # Each lookup finds one row or none, and nobody is looked up twice, whatever old statistics say.
    run("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_memoize = off")
    run(_MATCH.replace("{rows}", rows), {**parameters, "writing": writing})
    run("SET LOCAL enable_bitmapscan = DEFAULT; SET LOCAL enable_memoize = DEFAULT")
    run(_BACK_AFTER_UNDO, parameters)
    _count("roll_matched (line, bad, curp, matricula, nss, student_id, enrolment_id)")


def compare() -> None:
    """List what the good rows bring otherwise than it is on record, once the bad rows are marked."""
    run(_CHANGES)
    _count("roll_changes")


def _count(table: str) -> None:
    """Statistics of a table (and its columns) that has just been filled: rough ones, the number of its rows is what matters."""
    run(f"SET LOCAL default_statistics_target = 10; ANALYZE {table}; SET LOCAL default_statistics_target = DEFAULT")


def mark_bad(lines: Sequence[int]) -> None:
    """These rows are not taken."""
    if lines:
        run("UPDATE roll_matched SET bad = true WHERE line = ANY(%(lines)s) AND NOT bad", {"lines": list(lines)})
