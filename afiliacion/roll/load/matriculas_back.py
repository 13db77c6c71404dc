"""Undoing a list, the matrículas: each student gets the former one back, also where students had left them to each other."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from afiliacion.database.statements import rows_of, run
from afiliacion.roll.check.persons import WRITTEN

_ROWS: Final = f"""
FROM roll_chunk k JOIN roll_row r ON r.job_id = k.job_id AND r.line BETWEEN k.first_line AND k.last_line AND r.to_do
CROSS JOIN LATERAL (SELECT s.id FROM students_student s WHERE s.id = {WRITTEN} OFFSET 0) s
CROSS JOIN LATERAL (
  SELECT e.id, e.matricula FROM students_enrolment e
  WHERE e.student_id = s.id AND e.plantel_id + 0 = %(plantel)s AND e.ciclo_id + 0 = %(ciclo)s OFFSET 0
) e
{{also}}
WHERE k.job_id = %(job)s AND k.applied_at IS NOT NULL AND k.undone_at IS NULL AND k.number BETWEEN %(first)s AND %(last)s
"""  # noqa: S608 - our own text, here and below
# Who has now what the list took from a student.
_HELD: Final = f"""
SELECT r.line, r.matricula, (SELECT max(c.id) FROM cases_case c WHERE c.enrolment_id = e.id), k.applied_at, e.id, h.id
{
    _ROWS.replace(
        "{also}",
        '''JOIN roll_change c ON c.job_id = r.job_id AND c.line = r.line AND c."column" = 'matricula' AND c.new = e.matricula
LEFT JOIN LATERAL (
  SELECT h.id FROM students_enrolment h WHERE h.plantel_id = %(plantel)s AND h.ciclo_id = %(ciclo)s AND h.matricula = c.old OFFSET 0
) h ON true''',
    )
}
ORDER BY r.line
"""  # noqa: S608
_NEW: Final = f"SELECT e.id {_ROWS.replace('{also}', '')} AND r.kind = 'new' AND e.id = ANY(%(holders)s)"
_LEAVE: Final = """
UPDATE students_enrolment x SET matricula = '·' || x.id FROM roll_wrote w
WHERE w.name = 'matricula' AND x.id = w.enrolment_id AND x.matricula = w.new
"""
_TAKE: Final = """
UPDATE students_enrolment x SET matricula = w.old FROM roll_wrote w
WHERE w.name = 'matricula' AND x.id = w.enrolment_id AND x.matricula = '·' || x.id
"""


def taken(known: dict[str, Any]) -> list[tuple[int, str, int | None, dt.datetime]]:
    """The rows of an import's chunks whose former matrícula is by now another student's: (line, matrícula, case, when it was changed).

    It is not, if the same list gave it to that student: then it comes back with the list.
    """
    held = rows_of(_HELD, known)
    back = {enrolment for *_, enrolment, _ in held}
    others = {holder for *_, holder in held if holder and holder not in back}
    if others:
        others -= {enrolment for (enrolment,) in rows_of(_NEW, {**known, "holders": sorted(others)})}
    return [(line, matricula, case, at) for line, matricula, case, at, _, holder in held if holder in others]


def give_back() -> None:
    """Where the matrícula still stands as the list left it (`roll_wrote`); in two statements, as in writing.write."""
    run(_LEAVE)
    run(_TAKE)
