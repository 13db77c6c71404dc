"""A slice of a list beside what is on record: `roll_matched`, each row with its person, enrolment and case; `roll_changes`, what changes.

Statements, not a loop over rows: docs/roll.md says what a slice costs, tests/roll/check/test_plans.py how many rows it may visit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from afiliacion.cases.models import ALTA_STANDS_SQL
from afiliacion.database.statements import analyze, run
from afiliacion.roll.check.persons import PERSON, TWIN
from afiliacion.roll.check.sharing import foreign, hidden, taken_back
from afiliacion.roll.findings import RowFinding

#: Where on record each field is that a list may change, but for the NSS; an empty cell changes none.
_OF_STUDENT: Final = {
    "curp": "s.curp", "nombre": "s.nombre", "primer_apellido": "s.primer_apellido", "segundo_apellido": "s.segundo_apellido",
    "fecha_nacimiento": "s.birth_date", "sexo": "s.sex", "entidad_nacimiento": "s.entity", "correo": "s.email", "telefono": "s.phone",
}  # fmt: skip
_ON_RECORD: Final = _OF_STUDENT | {
    "matricula": "e.matricula",
    "grupo": "e.grupo",
    "fecha_inscripcion": "e.enrolled_on",
    "estatus": "e.status",
}

# The student's case at this plantel: the open one, else the last. `case_here`: it is of this very enrolment;
# `case_later`: of a ciclo after this one, which an older list must not touch; `case_beside`: of another that begins on the same day, whose
# own list says when the student leaves it. `case_owes`: closing it, IMSS is owed a baja.
# `differs`: the list brings something else than is on record; most rows of a second list do not, and are not looked up again.
# `p.hidden`: a person of other planteles alone. To the importer's list a stranger (S4): the check says of the row what it
# says of any new one, and where it is written it is held (`held_for`: the person whose planteles are asked; `holder`: only the number
# is theirs). `guarded`: a person of the importer's who belongs to others as well: what the list says of them is asked, not written.
# `twin_id`: whom a row that names no person may be, under another CURP (persons.py): it is compared as that person's, and the officer
# asked. `same_as`: the officer has said so. `stale`: the row has the CURP of before a correction; nothing personal is taken from it.
# `taken_back`: the enrolment of a list that was undone (undoing.py): the row is new, whatever matrícula and status that left; so is a case
# that such a list had opened.
# `rejoins`: the case was closed by a baja, and the list says what was not known: that the student has the right to cover again, or was
# enrolled after the baja. A list that only repeats what it said before the baja does not open the case again: it would undo what an officer
# noted since.
# `takes_nss`: whether the NSS a row brings to a known person can be written: by the verb that a case without NSS (now, or once the list
# has opened or resumed it) allows, or directly if the person never had a case here; otherwise it waits, and is told.
# `sid`, `eid`: the ids a new row will have.
# Each row is looked up: LATERAL … OFFSET 0 leaves the planner no order of joining to choose, and `+ 0` only the student's index;
# by statistics of yesterday a new plantel or ciclo has no rows, and every read through it seems to cost nothing.
_MATCH_AS_WRITTEN: Final = """
CREATE TEMP TABLE roll_matched ON COMMIT DROP AS
SELECT g.*,
  CASE WHEN g.student_id IS NULL OR g.nss IS NULL OR g.old_nss <> g.nss THEN NULL
       WHEN g.case_open THEN g.case_state = 'SIN_NSS'
       WHEN g.old_nss IS NOT NULL THEN false
       WHEN g.rejoins OR (g.entitled AND NOT g.case_here) THEN true
       ELSE NOT EXISTS (SELECT FROM cases_case k WHERE k.student_id = g.student_id
                        AND k.baja_kind <> 'deshecha' AND (%(everywhere)s OR k.plantel_id = ANY(%(own)s)) OFFSET 0) END AS takes_nss
FROM (
  SELECT f.*,
    f.estatus = ANY(%(entitled)s) AND f.case_here AND f.case_state = 'BAJA' AND %(running)s
      AND (f.old_status <> ALL(%(entitled)s) OR f.fecha_inscripcion > f.case_since) AS rejoins,
    f.estatus = ANY(%(bajas)s) AND f.estatus IS DISTINCT FROM f.old_status AND f.case_open AND NOT f.case_later
      AND NOT f.case_beside AS leaves,
    %(writing)s AND f.student_id IS NOT NULL AND (f.differs OR f.nss IS NOT NULL) AND {foreign} AS guarded
  FROM (
    SELECT r.*, coalesce(CASE WHEN p.hidden THEN p.id END, h.id) AS held_for, h.id AS holder, s.id AS student_id, s.nss AS old_nss,
      CASE WHEN s.curp <> r.curp AND NOT p.stale AND r.same_as IS NULL THEN s.id END AS twin_id, coalesce(p.stale, false) AS stale,
      e.id AS enrolment_id, e.status AS old_status, e.matricula AS old_matricula, coalesce(e.taken_back, false) AS taken_back,
      CASE WHEN NOT %(writing)s THEN NULL ELSE coalesce(s.id, nextval('students_student_id_seq')) END AS sid,
      CASE WHEN NOT %(writing)s THEN NULL ELSE coalesce(e.id, nextval('students_enrolment_id_seq')) END AS eid,
      coalesce(r.estatus, e.status, 'activo') = ANY(%(entitled)s) AS entitled,
      coalesce({differs}, false) AS differs,
      c.id AS case_id, c.state AS case_state, c.state_since AS case_since, c.baja_kind AS case_baja,
      coalesce(c.state = ANY(%(open)s), false) AS case_open,
      coalesce(c.enrolment_id = e.id, false) AS case_here,
      coalesce(c.ciclo_id = ANY(ARRAY(SELECT t.id FROM students_ciclo t WHERE t.starts_on > %(ciclo_starts)s)), false) AS case_later,
      coalesce(c.starts_on = %(ciclo_starts)s AND c.ciclo_id <> %(ciclo)s, false) AS case_beside, coalesce(c.owes, false) AS case_owes
    FROM ({rows}) r
    LEFT JOIN LATERAL (
      SELECT s.*, {hidden} AS hidden, s.curp <> r.curp
        AND EXISTS (
          SELECT FROM students_formervalue f WHERE f.student_id = s.id AND f.field = 'curp' AND f.search = r.curp OFFSET 0
        ) AS stale
      FROM students_student s WHERE s.id = coalesce(r.same_as, {person}) OFFSET 0
    ) p ON true
    LEFT JOIN LATERAL (SELECT p.* WHERE NOT p.hidden) s ON true
    LEFT JOIN LATERAL (
      SELECT s.id FROM students_student s WHERE %(writing)s AND s.nss = r.nss AND s.curp <> r.curp AND {hidden} OFFSET 0
    ) h ON true
    LEFT JOIN LATERAL (
      SELECT e.id, e.grupo, e.enrolled_on, CASE WHEN NOT b THEN e.status END AS status, CASE WHEN NOT b THEN e.matricula END AS matricula,
             b AS taken_back
      FROM students_enrolment e CROSS JOIN LATERAL (SELECT {taken_back}) t (b)
      WHERE e.student_id = s.id AND e.plantel_id + 0 = %(plantel)s AND e.ciclo_id + 0 = %(ciclo)s OFFSET 0
    ) e ON true
    LEFT JOIN LATERAL (
      SELECT c.id, c.state, c.state_since, c.baja_kind, c.enrolment_id, c.ciclo_id, {owes} AS owes,
             (SELECT t.starts_on FROM students_ciclo t WHERE t.id = c.ciclo_id) AS starts_on
      FROM cases_case c
      WHERE c.student_id = s.id AND c.plantel_id + 0 = %(plantel)s AND c.baja_kind <> 'deshecha'
      ORDER BY c.state = ANY(%(open)s) DESC, c.id DESC LIMIT 1
    ) c ON true
  ) f
) g
"""
_MATCH: Final = (
    _MATCH_AS_WRITTEN.replace("{differs}", " OR ".join(f"r.{name} <> {old}" for name, old in _ON_RECORD.items()))
    .replace("{hidden}", hidden("s.id"))
    .replace("{foreign}", foreign("f.student_id"))
    .replace("{owes}", ALTA_STANDS_SQL)
    .replace("{taken_back}", taken_back("e"))
)

#: An enrolment with the right to cover that never had a case: not one whose case a later term carries on.
WITHOUT_CASE: Final = """
m.entitled AND NOT m.case_later AND NOT m.case_here
AND (m.enrolment_id IS NULL
     OR NOT EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = m.enrolment_id AND c.baja_kind <> 'deshecha')
        AND NOT EXISTS (SELECT FROM cases_case c JOIN cases_event v ON v.case_id = c.id
                        WHERE c.student_id = m.student_id AND c.plantel_id = %(plantel)s AND c.baja_kind <> 'deshecha'
                          AND v.verb IN ('open', 'continue') AND (v.data ->> 'enrolment')::bigint = m.enrolment_id))
"""

# Field by field, what the list brings otherwise than it is on record. `kept`: asked of others, not written (a guarded person's data).
_CHANGES: Final = """
CREATE TEMP TABLE roll_changes ON COMMIT DROP AS
SELECT m.line, f.name, f.old, f.new, m.guarded AND f.personal AS kept
FROM roll_matched m
CROSS JOIN LATERAL (SELECT * FROM students_student s WHERE s.id = m.student_id OFFSET 0) s
LEFT JOIN LATERAL (SELECT * FROM students_enrolment e WHERE e.id = m.enrolment_id AND NOT m.taken_back OFFSET 0) e ON true
CROSS JOIN LATERAL (VALUES
  ('nss', NULL, CASE WHEN m.takes_nss THEN m.nss END, true),
  {fields}
) AS f(name, old, new, personal)
WHERE NOT m.bad AND (m.differs OR m.takes_nss) AND NOT (m.stale AND f.personal AND f.name <> 'nss')
  AND NOT (f.name = 'matricula' AND m.case_here AND m.case_baja = 'deshecha')
  AND coalesce(f.new <> f.old, f.name = 'nss' AND f.new IS NOT NULL)
""".replace("{fields}", ", ".join(f"('{name}', {old}::text, m.{name}::text, {name in _OF_STUDENT})" for name, old in _ON_RECORD.items()))


def match(rows: str, parameters: dict[str, Any], *, writing: bool) -> None:
    """Put each of the rows (a SELECT: OF_FILE or OF_JOB) beside the person, the enrolment and the case on record."""
    run("SET LOCAL jit = off; DROP TABLE IF EXISTS pg_temp.roll_matched, pg_temp.roll_changes")
    # Each lookup finds one row or none, and none is looked up twice, whatever old statistics say.
    run("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_memoize = off")
    person = PERSON if writing else f"{PERSON}, {TWIN}"
    run(_MATCH.replace("{rows}", rows).replace("{person}", person), {**parameters, "writing": writing})
    run("SET LOCAL enable_bitmapscan = DEFAULT; SET LOCAL enable_memoize = DEFAULT")
    analyze("roll_matched (line, bad, curp, matricula, nss, student_id, enrolment_id)")


def compare() -> None:
    """List what the good rows bring otherwise than it is on record, once the bad rows are marked."""
    run(_CHANGES)
    analyze("roll_changes")


def mark_bad(errors: Iterable[RowFinding]) -> list[RowFinding]:
    """Mark the matched rows of these errors: they are not taken. Returns the errors."""
    found = list(errors)
    if found:
        run("UPDATE roll_matched SET bad = true WHERE line = ANY(%(lines)s) AND NOT bad", {"lines": [error.line for error in found]})
    return found
