"""The good rows into the registry, and through the case's verbs: one chunk of an import, inside the caller's transaction.

Persons are locked before their cases, as the verbs do, so that a list and the night never wait for each other.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from afiliacion.cases import verbs
from afiliacion.cases.enrol import enrol
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.database.retry import LostRace
from afiliacion.database.statements import rows_of, run
from afiliacion.roll.check import enrolment_dates
from afiliacion.roll.check.matching import WITHOUT_CASE
from afiliacion.roll.check.target import BAJAS
from afiliacion.roll.findings import ImportDone, RowFinding
from afiliacion.roll.load import former_values

#: Persons (ids) of the rows that write anything: an enrolment that is new or taken back, or a changed value.
_STUDENTS_TO_WRITE: Final = """
SELECT m.student_id FROM roll_matched m WHERE NOT m.bad
AND (m.enrolment_id IS NULL OR m.taken_back OR EXISTS (SELECT FROM roll_changes x WHERE x.line = m.line))
"""
_LOCK_PERSONS: Final = """
SELECT s.merged_into_id FROM students_student s WHERE s.id IN (SELECT m.student_id FROM roll_matched m WHERE NOT m.bad)
ORDER BY s.id FOR NO KEY UPDATE
"""
_LOCK_CASES: Final = f"SELECT c.id FROM cases_case c WHERE c.student_id IN ({_STUDENTS_TO_WRITE}) ORDER BY c.id FOR UPDATE"  # noqa: S608 - ours
_INSERT_STUDENTS: Final = """
INSERT INTO students_student
  (id, curp, nombre, primer_apellido, segundo_apellido, birth_date, sex, entity, email, phone, nss, name_order, name_search)
SELECT sid, curp, nombre, primer_apellido, segundo_apellido, coalesce(fecha_nacimiento, curp_nacimiento), coalesce(sexo, curp_sexo),
       coalesce(entidad_nacimiento, curp_entidad), coalesce(correo, ''), coalesce(telefono, ''), nss, name_order, name_search
FROM roll_matched WHERE NOT bad AND student_id IS NULL ORDER BY curp
"""
_UPDATE_STUDENTS: Final = """
UPDATE students_student s SET
  (curp, nombre, primer_apellido, segundo_apellido, birth_date, sex, entity, email, phone, name_order, name_search) = (
  m.curp, m.nombre, m.primer_apellido, m.segundo_apellido, coalesce(m.fecha_nacimiento, s.birth_date), coalesce(m.sexo, s.sex),
  coalesce(m.entidad_nacimiento, s.entity), coalesce(m.correo, s.email), coalesce(m.telefono, s.phone), m.name_order, m.name_search)
FROM roll_matched m
WHERE s.id = m.student_id AND NOT m.guarded
  AND m.line IN (SELECT line FROM roll_changes WHERE NOT kept AND name <> ALL(%(not_personal)s))
"""
_INSERT_ENROLMENTS: Final = """
INSERT INTO students_enrolment (id, student_id, plantel_id, ciclo_id, matricula, grupo, enrolled_on, status)
SELECT eid, sid, %(plantel)s, %(ciclo)s, matricula, coalesce(grupo, ''), coalesce(fecha_inscripcion, %(enrolled_on)s),
       coalesce(estatus, 'activo')
FROM roll_matched WHERE NOT bad AND enrolment_id IS NULL ORDER BY line
"""
# Brought by a list that was undone: written as a new one, its matrícula and status too.
_TAKE_ENROLMENTS_BACK: Final = """
UPDATE students_enrolment e SET (grupo, enrolled_on, status, matricula) =
  (coalesce(m.grupo, ''), coalesce(m.fecha_inscripcion, %(enrolled_on)s), coalesce(m.estatus, 'activo'), m.matricula)
FROM roll_matched m WHERE e.id = m.enrolment_id AND NOT m.bad AND m.taken_back
"""
_UPDATE_ENROLMENTS: Final = """
UPDATE students_enrolment e SET (grupo, enrolled_on, status, matricula) =
  (coalesce(m.grupo, e.grupo), coalesce(m.fecha_inscripcion, e.enrolled_on), coalesce(m.estatus, e.status), m.matricula)
FROM roll_matched m
WHERE e.id = m.enrolment_id
  AND m.line IN (SELECT line FROM roll_changes WHERE name IN ('matricula', 'grupo', 'fecha_inscripcion', 'estatus'))
"""
# What one row leaves and another takes is of neither for as long as these statements take: whatever their order, and in a circle too.
_LEFT_TO_OTHERS: Final = """
UPDATE students_enrolment e SET matricula = '·' || e.id
FROM roll_changes x JOIN roll_matched m USING (line) JOIN roll_matched t ON t.matricula = x.old AND t.line <> x.line AND NOT t.bad
WHERE x.name = 'matricula' AND e.id = m.enrolment_id
"""
_WITHOUT_CASE: Final = f"SELECT m.eid FROM roll_matched m WHERE NOT m.bad AND {WITHOUT_CASE}"  # noqa: S608 - our own condition
# Asked again once the cases are opened: now by what is written.
_STILL_WITHOUT_CASE: Final = """
SELECT m.line, m.matricula FROM roll_matched m
WHERE m.eid = ANY(%(wanted)s) AND NOT EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = m.eid AND c.baja_kind <> 'deshecha')
"""
_LISTED_DATE: Final = "La lista trae la fecha correcta."
_LISTED_AGAIN: Final = "La lista lo trae de nuevo con derecho."
_REJOINING: Final = "SELECT case_id FROM roll_matched WHERE NOT bad AND rejoins"
_LEAVING: Final = "SELECT estatus, case_id FROM roll_matched WHERE NOT bad AND leaves"
# By the student, as in matching.match: by old statistics this plantel or state is empty.
_NSS_FOR_CASES: Final = """
SELECT c.id, m.nss FROM roll_matched m
CROSS JOIN LATERAL (
  SELECT c.id FROM cases_case c
  WHERE c.student_id = m.student_id AND c.plantel_id + 0 = %(plantel)s AND c.state || '' = %(sin_nss)s OFFSET 0
) c
WHERE NOT m.bad AND m.takes_nss AND NOT m.guarded
"""
# A person who never had a case has no verb to go through. OFFSET 0, coalesce: looked up row by row, as old statistics may say that
# every student has a case, or an NSS.
_NSS_WITHOUT_CASE: Final = """
UPDATE students_student s SET nss = m.nss FROM roll_matched m
WHERE s.id = m.student_id AND NOT m.bad AND m.takes_nss AND NOT m.guarded AND coalesce(s.nss, m.nss) = m.nss
  AND NOT EXISTS (SELECT FROM cases_case c WHERE c.student_id = m.student_id AND c.baja_kind <> 'deshecha' OFFSET 0)
"""
# Before the case that an undone list had opened is opened again: with the number, as the first time.
_NSS_OF_TAKEN_BACK: Final = f"{_NSS_WITHOUT_CASE} AND m.taken_back"
_NSS_NOT_WRITTEN: Final = """
SELECT m.line, m.matricula FROM roll_matched m JOIN students_student s ON s.id = m.student_id
WHERE NOT m.bad AND m.takes_nss AND NOT m.guarded AND s.nss IS DISTINCT FROM m.nss ORDER BY m.line
"""
_OF_CASES: Final = """
SELECT c.id, m.line, m.matricula FROM cases_case c JOIN roll_matched m ON m.sid = c.student_id WHERE c.id = ANY(%(cases)s)
"""
#: Columns of a list that say nothing of the person alone; the NSS has a statement of its own.
NOT_PERSONAL: Final = ["nss", "matricula", "grupo", "fecha_inscripcion", "estatus"]


def lock_persons() -> None:
    """Lock the persons of the matched rows, before it is looked at what changes and before their cases.

    Raises:
        LostRace: one of their records was merged with another since: the rows are matched anew.
    """
    if any(merged_into for (merged_into,) in rows_of(_LOCK_PERSONS)):
        raise LostRace


def write(known: dict[str, Any], *, act: Act) -> tuple[ImportDone, list[RowFinding]]:
    """Write the matched and compared rows: people, enrolments, then what that means for their cases.

    `known`: the target's parameters. Returns what was done, and each step that a case did not allow.
    """
    done = ImportDone()
    rows_of(_LOCK_CASES)
    former_values.keep(known, act)
    done.students_new = run(_INSERT_STUDENTS)
    done.students_changed = run(_UPDATE_STUDENTS, {"not_personal": NOT_PERSONAL})
    run(_LEFT_TO_OTHERS)
    done.enrolments_new = run(_INSERT_ENROLMENTS, known) + run(_TAKE_ENROLMENTS_BACK, known)
    done.enrolments_changed = run(_UPDATE_ENROLMENTS)
    skipped = _move_cases(known, done, act)
    done.skipped = [(finding.value, finding.reason) for finding in skipped]
    return done, skipped


def _move_cases(known: dict[str, Any], done: ImportDone, act: Act) -> list[RowFinding]:
    today = known["today"]
    wanted = [row[0] for row in rows_of(_WITHOUT_CASE, known)]
    run(_NSS_OF_TAKEN_BACK)
    enrolled = enrol(wanted, act=act)
    done.opened, done.continued = len(enrolled.opened), len(enrolled.continued)
    back = verbs.rejoin(_ids(_REJOINING), on=today, act=act, reason=_LISTED_AGAIN)
    brought = dict(rows_of(_NSS_FOR_CASES, known))
    days = enrolment_dates.changed() if known["moves_clocks"] else {}
    moved = verbs.correct_enrolment(days, on=today, act=act, reason=_LISTED_DATE)
    located = verbs.obtain_nss(brought, on=today, act=act)
    done.rejoined = len(back.done)
    # The verb moves a person's cases at other planteles along: one NSS, one person.
    done.nss_obtained = len(brought.keys() & set(located.done)) + run(_NSS_WITHOUT_CASE)
    gone = _leave(today, act)
    done.left = len(gone.done)
    # What was just opened needs no second look.
    waiting = wanted if len(wanted) > done.opened + done.continued else []
    return [*_told(back, moved, located, gone), *_unfinished(waiting)]


def _unfinished(waiting: list[int]) -> list[RowFinding]:
    """What the list asked for and the cases did not take: told now, tried again with the next list."""
    late = [
        RowFinding(line, "", matricula, "Su expediente no se pudo abrir o continuar todavía: revise la fecha.")
        for line, matricula in (rows_of(_STILL_WITHOUT_CASE, {"wanted": waiting}) if waiting else ())
    ]
    refused = [
        RowFinding(line, "nss", matricula, "Su NSS no se guardó: su expediente no estaba en el paso que lo recibe.")
        for line, matricula in rows_of(_NSS_NOT_WRITTEN)
    ]
    return late + refused


def _leave(today: dt.date, act: Act) -> Outcome:
    outcome = Outcome()
    leaving = rows_of(_LEAVING)
    for status, kind in BAJAS.items():
        cases = [case_id for listed, case_id in leaving if listed == status]
        outcome += verbs.leave(cases, kind, on=today, act=act)
    return outcome


def _ids(sql: str) -> list[int]:
    return [row[0] for row in rows_of(sql)]


def _told(*outcomes: Outcome) -> list[RowFinding]:
    """Every case that did not allow its step, by the row that asked for it."""
    skipped = {case_id: reason for outcome in outcomes for case_id, reason in outcome.skipped.items()}
    if not skipped:
        return []
    return [RowFinding(line, "", matricula, skipped[case_id]) for case_id, line, matricula in rows_of(_OF_CASES, {"cases": list(skipped)})]
