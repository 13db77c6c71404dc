"""Who a row is: the person with its CURP, who had it before it was corrected, or whom it may be under a CURP that changed.

SQL for one row at a time: each looks up the rows of one index, whatever the statistics say (docs/roll.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from afiliacion.database.statements import rows_of, run
from afiliacion.roll.findings import RowFinding

# A CURP corrected by mistake may be another person's: one more sign must say that it is the same. Of two records that were
# merged, what either said is such a sign: that they are one was proved by a paper.
_SIGNS: Final = """
(t.nss = r.nss OR t.birth_date = coalesce(r.fecha_nacimiento, r.curp_nacimiento) OR t.name_search = r.name_search
 OR EXISTS (SELECT FROM students_student g WHERE g.merged_into_id = t.id OFFSET 0) AND EXISTS (
   SELECT FROM students_formervalue o WHERE o.student_id = t.id AND (
     o.search = r.name_search OR o.field = 'matricula' AND o.plantel_id = %(plantel)s AND o.search = upper(r.matricula)
     OR o.field = 'fecha_nacimiento' AND o.value = coalesce(r.fecha_nacimiento, r.curp_nacimiento)::text) OFFSET 0
 )
 OR EXISTS (
   SELECT FROM students_enrolment o WHERE o.student_id = t.id AND o.plantel_id = %(plantel)s AND o.matricula = r.matricula OFFSET 0
 ))
"""
_FORMERLY: Final = f"""
(SELECT min(f.student_id) FROM students_formervalue f JOIN students_student t ON t.id = f.student_id
 WHERE f.field = 'curp' AND f.search <> '' AND f.search = r.curp AND {_SIGNS} HAVING count(DISTINCT f.student_id) = 1)
"""  # noqa: S608 - our own conditions, here and below
#: The person (id) whom row `r` names by the present CURP, else by a former one.
PERSON: Final = f"coalesce((SELECT i.id FROM students_student i WHERE i.curp = r.curp), {_FORMERLY})"  # noqa: S608
#: The person (id) to whom a loaded row was written: of an answered row, the one the officer chose, though other planteles may not have
#: agreed to the CURP yet.
WRITTEN: Final = f"coalesce(CASE WHEN r.answer = 'same' THEN r.twin_id END, {PERSON})"
#: The person (id) of the plantel who has the row's matrícula, under another CURP that the list does not bring, and the same NSS; or, where
#: one of the two has none, the same birth date or name. Only while a list is checked: roll_rows is then the whole list.
TWIN: Final = """
(SELECT e.student_id FROM students_enrolment e JOIN students_student t ON t.id = e.student_id
 WHERE e.plantel_id = %(plantel)s AND upper(e.matricula) = upper(r.matricula)
   AND (t.nss = r.nss OR (t.nss IS NULL OR r.nss IS NULL)
        AND (t.birth_date = coalesce(r.fecha_nacimiento, r.curp_nacimiento) OR t.name_search = r.name_search))
   AND t.curp NOT IN (SELECT o.curp_key FROM roll_rows o WHERE o.curp_key IS NOT NULL)
 ORDER BY e.id DESC LIMIT 1)
"""

_ASKED: Final = """
SELECT m.line, m.curp, s.nombre || ' ' || s.primer_apellido FROM roll_matched m JOIN students_student s ON s.id = m.twin_id WHERE NOT m.bad
"""
_STALE: Final = "SELECT line, curp FROM roll_matched WHERE stale AND NOT bad"
# One person in two rows, by the present CURP and a former one: the present one is loaded.
_TWICE: Final = """
SELECT line, curp FROM (
  SELECT line, curp, stale, row_number() OVER (PARTITION BY student_id ORDER BY stale, line) AS n
  FROM roll_matched WHERE NOT bad AND student_id IS NOT NULL
) m WHERE stale AND n > 1
"""
# Only while a list is checked.
_TWICE_IN_LIST: Final = f"""
{_TWICE} UNION
SELECT m.line, m.curp FROM roll_matched m JOIN students_student s ON s.id = m.student_id
WHERE m.stale AND NOT m.bad AND s.curp IN (SELECT o.curp_key FROM roll_rows o WHERE o.curp_key IS NOT NULL) ORDER BY line
"""  # noqa: S608 - our own conditions
#: Whether the list brings the person (`s`) by a former CURP. Only while a list is checked.
BROUGHT_FORMERLY: Final = """
EXISTS (SELECT FROM students_formervalue f JOIN roll_rows r ON r.curp_key = f.search WHERE f.student_id = s.id AND f.field = 'curp')
"""
# The address is their own, under the other CURP.
_OWN_ADDRESS: Final = """
DELETE FROM roll_findings f USING roll_matched m, students_student s
WHERE f.line = m.line AND f."column" = 'correo' AND f.severity = 'warning' AND s.id = m.student_id AND s.curp <> m.curp
  AND lower(s.email) = lower(m.correo)
"""
_UNANSWERED: Final = """
SELECT line, curp FROM roll_row
WHERE job_id = %(job)s AND line BETWEEN %(first)s AND %(last)s AND kind = 'asked' AND answer = '' ORDER BY line
"""


def warnings() -> Iterator[RowFinding]:
    """What is said of rows whose person has, or had, another CURP."""
    run(_OWN_ADDRESS)
    for line, curp, name in rows_of(_ASKED):
        reason = (
            f"Parece ser {name}, que está registrado con esa matrícula y otra CURP: diga si es la misma persona. Mientras no, no se carga."
        )
        yield RowFinding(line, "curp", curp, reason)
    for line, curp in rows_of(_STALE):
        reason = "Es la CURP que el alumno tenía antes de que se corrigiera: sus datos se dejaron como están. Actualícela en su sistema."
        yield RowFinding(line, "curp", curp, reason)


def doubled(*, whole_list: bool) -> Iterator[RowFinding]:
    """Rows with a former CURP of a person whom another row brings too; `whole_list`: of the list that is checked, else of the slice."""
    reason = "Es una CURP anterior de un alumno que la lista trae en otra fila: esta fila no se cargó. Deje solo la de su CURP actual."
    for line, curp in rows_of(_TWICE_IN_LIST if whole_list else _TWICE):
        yield RowFinding(line, "curp", curp, reason)


def unanswered(parameters: dict[str, object]) -> list[RowFinding]:
    """The rows of an import, between two lines, of which was not said whose they are: they are not loaded."""
    reason = (
        "No se cargó: falta decir si es la misma persona que está registrada con esa matrícula y otra CURP. Suba la lista y respóndalo."
    )
    return [RowFinding(line, "curp", curp, reason) for line, curp in rows_of(_UNANSWERED, parameters)]
