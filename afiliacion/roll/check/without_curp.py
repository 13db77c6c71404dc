"""The rows of a list that have no CURP yet: beside those noted before (WithoutCurp), never beside persons.

`roll_without`: such rows between two lines, each with what is noted of its matrícula. They are few: looked up one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from afiliacion.database.statements import rows_of, run
from afiliacion.roll.check.staging import CARRIED, note
from afiliacion.roll.findings import RowFinding
from afiliacion.roll.models import Severity
from students.models import Enrolment

#: Where each column of a list stands in what is noted; an empty cell changes none.
NOTED: Final = {
    "nombre": "nombre", "primer_apellido": "primer_apellido", "segundo_apellido": "segundo_apellido", "fecha_nacimiento": "birth_date",
    "sexo": "sex", "correo": "email", "telefono": "phone", "grupo": "grupo", "fecha_inscripcion": "enrolled_on",
}  # fmt: skip

OF_FILE: Final = f"""
SELECT line, bad OR EXISTS (SELECT FROM roll_findings x WHERE x.line = r.line AND x.severity = 'error') AS bad, {CARRIED}
FROM roll_rows r WHERE without_curp <> ''
"""  # noqa: S608 - our own names, here and below
OF_JOB: Final = f"""
SELECT line, false AS bad, {CARRIED}
FROM roll_row WHERE job_id = %(job)s AND to_do AND without_curp <> '' AND line BETWEEN %(first)s AND %(last)s
"""  # noqa: S608
# `registered`: who has the matrícula in the ciclo, had it in another one with the same name, or had it before it was corrected, has a CURP
# on record.
_MATCH: Final = """
DROP TABLE IF EXISTS pg_temp.roll_without;
CREATE TEMP TABLE roll_without ON COMMIT DROP AS
SELECT r.*, w.id AS noted_id, w.closed_at IS NOT NULL AS closed, w.closed_by, coalesce({differs}, false) AS differs,
  coalesce(r.estatus, 'activo') = ANY(%(entitled)s) AS entitled,
  EXISTS (
    SELECT FROM students_enrolment e JOIN students_student s ON s.id = e.student_id
    WHERE e.plantel_id = %(plantel)s AND upper(e.matricula) = upper(r.matricula)
      AND (e.ciclo_id = %(ciclo)s OR s.name_search = r.name_search) OFFSET 0
  ) OR EXISTS (
    SELECT FROM students_formervalue f
    WHERE f.field = 'matricula' AND f.plantel_id = %(plantel)s AND f.search <> '' AND f.search = upper(r.matricula) OFFSET 0
  ) AS registered
FROM ({rows}) r
LEFT JOIN LATERAL (
  SELECT * FROM cases_withoutcurp w WHERE w.plantel_id = %(plantel)s AND w.ciclo_id = %(ciclo)s AND w.matricula = r.matricula OFFSET 0
) w ON true
""".replace("{differs}", " OR ".join(f"r.{name} <> w.{column}" for name, column in NOTED.items()))
_ANY: Final = "SELECT EXISTS (SELECT FROM roll_rows WHERE without_curp <> '')"
_MARK: Final = "UPDATE roll_without SET bad = true WHERE registered"
_ROWS: Final = f"""
INSERT INTO roll_row (job_id, line, kind, known, to_do, answer, {CARRIED})
SELECT %(job)s, line, CASE WHEN bad THEN 'invalid' ELSE 'no_curp' END, noted_id IS NOT NULL,
       NOT bad AND CASE WHEN entitled THEN noted_id IS NULL OR NOT closed AND differs ELSE noted_id IS NOT NULL AND NOT closed END, '',
       {CARRIED}
FROM roll_without ORDER BY line
"""  # noqa: S608
#: Field by field, what a row brings otherwise than it is noted.
CHANGES: Final = """
SELECT r.line, f.name, f.old, f.new
FROM roll_without r JOIN cases_withoutcurp w ON w.id = r.noted_id
CROSS JOIN LATERAL (VALUES {fields}) AS f(name, old, new)
WHERE NOT r.bad AND r.entitled AND NOT r.closed AND f.new <> coalesce(f.old, '')
""".replace("{fields}", ", ".join(f"('{name}', w.{column}::text, r.{name}::text)" for name, column in NOTED.items()))
_CHANGES: Final = f'INSERT INTO roll_change (job_id, line, "column", old, new, kept) SELECT %(job)s, c.*, false FROM ({CHANGES}) c'  # noqa: S608

_REGISTERED: Final = (
    "Falta su CURP: esta matrícula ya es de un alumno registrado con ella. Escríbala en la lista; si es otro alumno, corrija la matrícula."
)


def check(known: dict[str, Any]) -> None:
    """Keep what each row without CURP means; `known`: what the target's statements are given, and the import."""
    if not rows_of(_ANY)[0][0]:
        return
    match(OF_FILE, known)
    note(Severity.ERROR.value, refused())
    note(Severity.WARNING.value, _warnings())
    run(_ROWS, known)
    run(_CHANGES, known)


def match(rows: str, known: dict[str, Any]) -> None:
    """Put each of the rows (a SELECT: OF_FILE or OF_JOB) beside what is noted of its matrícula; who has a CURP on record is not taken."""
    run(_MATCH.replace("{rows}", rows), known)


def refused() -> list[RowFinding]:
    """The rows of who has a CURP on record: marked as bad, and why."""
    found = [RowFinding(line, "curp", "", _REGISTERED) for (line,) in rows_of("SELECT line FROM roll_without WHERE registered AND NOT bad")]
    run(_MARK)
    return found


def _warnings() -> Iterator[RowFinding]:
    """What is said of rows that change nothing, though the list may mean that they should."""
    for line, closed_by in rows_of("SELECT line, closed_by FROM roll_without WHERE NOT bad AND entitled AND closed ORDER BY line"):
        reason = f"Estaba anotado sin CURP y lo cerró {closed_by}: no se cambia. Si sigue en el plantel, reábralo en «Sin CURP»."
        yield RowFinding(line, "curp", "", reason)
    for line, status in rows_of("SELECT line, estatus FROM roll_without WHERE NOT bad AND NOT entitled AND noted_id IS NULL ORDER BY line"):
        yield RowFinding(line, "estatus", Enrolment.Status(status).label, "No tiene CURP ni estaba anotado y ya no está: no se anota.")
