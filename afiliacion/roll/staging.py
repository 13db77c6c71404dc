"""The list in two temporary tables: `roll_rows`, what the file says; `roll_matched`, beside what is on record.

Everything that compares rows with each other or with the database is a statement over these, whatever their number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from afiliacion.cases.states import OPEN_STATES, BajaKind, State
from afiliacion.roll.checking import Staged
from afiliacion.roll.columns import COLUMNS
from students.models import Ciclo, Enrolment, Plantel

#: Statuses that end the right to cover, and the baja each means for the case.
BAJAS: Final = {
    Enrolment.Status.BAJA_TEMPORAL: BajaKind.TEMPORAL,
    Enrolment.Status.BAJA_DEFINITIVA: BajaKind.DEFINITIVA,
    Enrolment.Status.EGRESADO: BajaKind.EGRESO,
    Enrolment.Status.DESERTOR: BajaKind.DESERCION,
}
_DATES: Final = frozenset({"fecha_nacimiento", "fecha_inscripcion"})

_CREATE: Final = "CREATE TEMP TABLE roll_rows (line int, bad bool, curp_key text, {columns}, {said}, {keys}) ON COMMIT DROP".format(
    columns=", ".join(f"{column.name} {'date' if column.name in _DATES else 'text'}" for column in COLUMNS),
    said="curp_nacimiento date, curp_sexo text, curp_entidad text",
    keys='name_order text COLLATE "C", name_search text',
)

# The student's case at this plantel: the open one, else the last. `case_here`: it is of this very enrolment;
# `case_later`: of a ciclo after this one, which an older list must not touch. `guarded`: somebody whom another plantel,
# not the importer's, has enrolled now: personal data stay as they are (S4).
_MATCH: Final = """
CREATE TEMP TABLE roll_matched ON COMMIT DROP AS
SELECT f.*,
  f.estatus = ANY(%(entitled)s) AND f.old_status = 'baja_temporal' AND f.case_here AND f.case_state = 'BAJA'
    AND f.case_baja = 'temporal' AS rejoins,
  f.estatus = ANY(%(bajas)s) AND f.estatus IS DISTINCT FROM f.old_status AND f.case_open AND NOT f.case_later AS leaves
FROM (
  SELECT r.*, s.id AS student_id, s.nss AS old_nss, e.id AS enrolment_id, e.status AS old_status,
    coalesce(r.estatus, e.status, 'activo') = ANY(%(entitled)s) AS entitled,
    c.id AS case_id, c.state AS case_state, c.baja_kind AS case_baja, coalesce(c.state = ANY(%(open)s), false) AS case_open,
    coalesce(c.enrolment_id = e.id, false) AS case_here, coalesce(c.starts_on > %(ciclo_starts)s, false) AS case_later,
    EXISTS (SELECT FROM cases_case k WHERE k.student_id = s.id) AS has_cases,
    NOT %(everywhere)s AND s.id IS NOT NULL AND (
      EXISTS (SELECT FROM students_enrolment o JOIN students_ciclo t ON t.id = o.ciclo_id
              WHERE o.student_id = s.id AND o.plantel_id <> ALL(%(own)s) AND o.status = ANY(%(entitled)s) AND t.ends_on >= %(today)s)
      OR EXISTS (SELECT FROM cases_case o WHERE o.student_id = s.id AND o.plantel_id <> ALL(%(own)s) AND o.state = ANY(%(open)s))
    ) AS guarded
  FROM roll_rows r
  LEFT JOIN students_student s ON s.curp = r.curp
  LEFT JOIN students_enrolment e ON e.student_id = s.id AND e.plantel_id = %(plantel)s AND e.ciclo_id = %(ciclo)s
  LEFT JOIN (
    SELECT DISTINCT ON (c.student_id) c.id, c.student_id, c.state, c.baja_kind, c.enrolment_id, t.starts_on
    FROM cases_case c JOIN students_enrolment o ON o.id = c.enrolment_id JOIN students_ciclo t ON t.id = o.ciclo_id
    WHERE c.plantel_id = %(plantel)s
    ORDER BY c.student_id, c.state = ANY(%(open)s) DESC, c.id DESC
  ) c ON c.student_id = s.id
) f
"""

# Whether the NSS a row brings to somebody known can be written: by the verb that a case without NSS (now, or once
# the list has opened or resumed it) allows, or directly if the person never had a case. Otherwise it waits, and is told.
_NSS: Final = """
ALTER TABLE roll_matched ADD takes_nss bool;
UPDATE roll_matched SET takes_nss = CASE
  WHEN case_open THEN case_state = 'SIN_NSS'
  WHEN old_nss IS NOT NULL THEN false
  WHEN rejoins OR (entitled AND NOT case_here) THEN true
  ELSE NOT has_cases END
WHERE student_id IS NOT NULL AND nss IS NOT NULL AND (old_nss IS NULL OR old_nss = nss)
"""

# Field by field, what the list brings otherwise than it is on record. `kept`: not written (a guarded person's data).
_CHANGES: Final = """
CREATE TEMP TABLE roll_changes ON COMMIT DROP AS
SELECT m.line, f.name, f.old, f.new, m.guarded AND f.personal AS kept
FROM roll_matched m
JOIN students_student s ON s.id = m.student_id
LEFT JOIN students_enrolment e ON e.id = m.enrolment_id
CROSS JOIN LATERAL (VALUES
  ('nombre', s.nombre, m.nombre, true),
  ('primer_apellido', s.primer_apellido, m.primer_apellido, true),
  ('segundo_apellido', s.segundo_apellido, m.segundo_apellido, true),
  ('fecha_nacimiento', s.birth_date::text, m.fecha_nacimiento::text, true),
  ('sexo', s.sex, m.sexo, true),
  ('entidad_nacimiento', s.entity, m.entidad_nacimiento, true),
  ('correo', s.email, m.correo, true),
  ('telefono', s.phone, m.telefono, true),
  ('nss', NULL, CASE WHEN m.takes_nss THEN m.nss END, false),
  ('grupo', e.grupo, CASE WHEN e.id IS NOT NULL THEN m.grupo END, false),
  ('fecha_inscripcion', e.enrolled_on::text, CASE WHEN e.id IS NOT NULL THEN m.fecha_inscripcion::text END, false),
  ('estatus', e.status, CASE WHEN e.id IS NOT NULL THEN m.estatus END, false)
) AS f(name, old, new, personal)
WHERE NOT m.bad AND f.new IS NOT NULL AND f.new IS DISTINCT FROM f.old
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
    """The rows a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or {})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def run(sql: str, parameters: dict[str, Any] | None = None) -> int:
    """How many rows a statement wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or {})
        return int(cursor.rowcount)


#: From so many rows on, a list is joined by hash whatever the planner thinks.
_MANY: Final = 200


@contextmanager
def joined_by_hash(rows: int = _MANY) -> Iterator[None]:
    """Join by hash in here, if there are so many `rows` that looking each up would be a mistake.

    Right after a large load the statistics are old and the planner expects a handful of rows where there are thousands:
    a nested loop then takes minutes instead of a tenth of a second. The verbs, with their own small sets, stay outside.
    """
    if rows < _MANY:
        yield
        return
    usual = rows_of("SELECT current_setting('enable_nestloop')")[0][0]
    rows_of("SELECT set_config('enable_nestloop', 'off', true)")
    yield
    rows_of("SELECT set_config('enable_nestloop', %(usual)s, true)", {"usual": usual})


def stage(rows: Iterable[Staged]) -> None:
    """COPY the checked rows into `roll_rows`; inside a transaction, at whose end the tables go."""
    # Compiling these statements takes longer than running them (0.6 s against 0.1 s at 20,000 rows).
    run("SET LOCAL jit = off")
    run("DROP TABLE IF EXISTS pg_temp.roll_rows, pg_temp.roll_matched, pg_temp.roll_changes")
    run(_CREATE)
    with connection.cursor() as cursor, cursor.copy("COPY roll_rows FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    run("ANALYZE roll_rows (line, curp, curp_key, matricula, nss)")


def match(target: Target) -> None:
    """Put each row beside the person, the enrolment and the case on record."""
    run(_MATCH, target.parameters)
    run(_NSS)


def compare() -> None:
    """List what the good rows bring otherwise than it is on record, once the bad rows are marked."""
    run(_CHANGES)
    run("ANALYZE roll_matched (line, bad, matricula, student_id, enrolment_id), roll_changes")


def mark_bad(lines: Sequence[int]) -> None:
    """These rows are not taken."""
    run("UPDATE roll_matched SET bad = true WHERE line = ANY(%(lines)s) AND NOT bad", {"lines": list(lines)})


def drop(lines: Sequence[int]) -> None:
    """Forget rows that only repeat others."""
    run("DELETE FROM roll_rows WHERE line = ANY(%(lines)s)", {"lines": list(lines)})
