"""The good rows into the registry, and through the case's verbs: one chunk of an import, inside the caller's transaction.

Cases are locked before students, as the verbs do, so that a list and the night never wait for each other in a ring.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from afiliacion.cases import verbs
from afiliacion.cases.enrol import enrol
from afiliacion.cases.outcome import Actor, Outcome
from afiliacion.roll.findings import Done, Finding
from afiliacion.roll.staging import BAJAS, WITHOUT_CASE, rows_of, run

_LOCK_CASES: Final = """
SELECT c.id FROM cases_case c
WHERE c.student_id IN (SELECT m.student_id FROM roll_matched m WHERE NOT m.bad
                       AND (m.enrolment_id IS NULL OR EXISTS (SELECT FROM roll_changes x WHERE x.line = m.line)))
ORDER BY c.id FOR UPDATE
"""
_NEW_STUDENTS: Final = """
INSERT INTO students_student
  (id, curp, nombre, primer_apellido, segundo_apellido, birth_date, sex, entity, email, phone, nss, name_order, name_search)
SELECT sid, curp, nombre, primer_apellido, segundo_apellido, coalesce(fecha_nacimiento, curp_nacimiento), coalesce(sexo, curp_sexo),
       coalesce(entidad_nacimiento, curp_entidad), coalesce(correo, ''), coalesce(telefono, ''), nss, name_order, name_search
FROM roll_matched WHERE NOT bad AND student_id IS NULL ORDER BY curp
"""
_CHANGED_STUDENTS: Final = """
UPDATE students_student s SET
  (nombre, primer_apellido, segundo_apellido, birth_date, sex, entity, email, phone, name_order, name_search) = (
  m.nombre, m.primer_apellido, m.segundo_apellido, coalesce(m.fecha_nacimiento, s.birth_date), coalesce(m.sexo, s.sex),
  coalesce(m.entidad_nacimiento, s.entity), coalesce(m.correo, s.email), coalesce(m.telefono, s.phone), m.name_order, m.name_search)
FROM roll_matched m
WHERE s.id = m.student_id AND NOT m.guarded
  AND m.line IN (SELECT line FROM roll_changes WHERE NOT kept AND name <> ALL(%(not_personal)s))
"""
_NEW_ENROLMENTS: Final = """
INSERT INTO students_enrolment (id, student_id, plantel_id, ciclo_id, matricula, grupo, enrolled_on, status)
SELECT eid, sid, %(plantel)s, %(ciclo)s, matricula, coalesce(grupo, ''), coalesce(fecha_inscripcion, %(enrolled_on)s),
       coalesce(estatus, 'activo')
FROM roll_matched WHERE NOT bad AND enrolment_id IS NULL ORDER BY line
"""
_CHANGED_ENROLMENTS: Final = """
UPDATE students_enrolment e SET (grupo, enrolled_on, status, matricula) =
  (coalesce(m.grupo, e.grupo), coalesce(m.fecha_inscripcion, e.enrolled_on), coalesce(m.estatus, e.status), m.matricula)
FROM roll_matched m
WHERE e.id = m.enrolment_id AND m.line IN (SELECT line FROM roll_changes WHERE name IN ('grupo', 'fecha_inscripcion', 'estatus'))
"""
_WITHOUT_CASE: Final = f"SELECT m.eid FROM roll_matched m WHERE NOT m.bad AND {WITHOUT_CASE}"  # noqa: S608 - our own condition
# Asked again once the cases are opened: now by what is written.
_STILL_WITHOUT_CASE: Final = """
SELECT m.line, m.matricula FROM roll_matched m
WHERE m.eid = ANY(%(wanted)s) AND NOT EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = m.eid)
"""
_REJOINING: Final = "SELECT case_id FROM roll_matched WHERE NOT bad AND rejoins"
_LEAVING: Final = "SELECT estatus, case_id FROM roll_matched WHERE NOT bad AND leaves"
# By the student, as in staging.match: by old statistics nobody is in this plantel or state.
_NSS_FOR_CASES: Final = """
SELECT c.id, m.nss FROM roll_matched m
CROSS JOIN LATERAL (
  SELECT c.id FROM cases_case c
  WHERE c.student_id = m.student_id AND c.plantel_id + 0 = %(plantel)s AND c.state || '' = %(sin_nss)s OFFSET 0
) c
WHERE NOT m.bad AND m.takes_nss
"""
# A person who never had a case has no verb to go through. OFFSET 0, coalesce: looked up row by row, as old statistics may say that
# everybody has a case, or an NSS.
_NSS_WITHOUT_CASE: Final = """
UPDATE students_student s SET nss = m.nss FROM roll_matched m
WHERE s.id = m.student_id AND NOT m.bad AND m.takes_nss AND coalesce(s.nss, m.nss) = m.nss
  AND NOT EXISTS (SELECT FROM cases_case c WHERE c.student_id = m.student_id OFFSET 0)
"""
_NSS_NOT_WRITTEN: Final = """
SELECT m.line, m.matricula FROM roll_matched m JOIN students_student s ON s.id = m.student_id
WHERE NOT m.bad AND m.takes_nss AND s.nss IS DISTINCT FROM m.nss ORDER BY m.line
"""
_OF_CASES: Final = """
SELECT c.id, m.line, m.matricula FROM cases_case c JOIN roll_matched m ON m.sid = c.student_id WHERE c.id = ANY(%(cases)s)
"""
_NOT_PERSONAL: Final = ["nss", "grupo", "fecha_inscripcion", "estatus"]


def write(known: dict[str, Any], *, actor: Actor, now: dt.datetime) -> tuple[Done, list[Finding]]:
    """Write the matched and compared rows: people, enrolments, then what that means for their cases.

    `known`: the target's parameters. Returns what was done, and each step that a case did not allow.
    """
    done = Done()
    rows_of(_LOCK_CASES)
    done.students_new = run(_NEW_STUDENTS)
    done.students_changed = run(_CHANGED_STUDENTS, {"not_personal": _NOT_PERSONAL})
    done.enrolments_new = run(_NEW_ENROLMENTS, known)
    done.enrolments_changed = run(_CHANGED_ENROLMENTS)
    skipped = _move_cases(known, done, actor, now)
    done.skipped = [(finding.value, finding.reason) for finding in skipped]
    return done, skipped


def _move_cases(known: dict[str, Any], done: Done, actor: Actor, now: dt.datetime) -> list[Finding]:
    today = known["today"]
    wanted = [row[0] for row in rows_of(_WITHOUT_CASE, known)]
    enrolled = enrol(wanted, actor=actor, now=now)
    done.opened, done.continued = len(enrolled.opened), len(enrolled.continued)
    back = verbs.rejoin(_ids(_REJOINING), on=today, actor=actor, now=now)
    brought = dict(rows_of(_NSS_FOR_CASES, known))
    located = verbs.obtain_nss(brought, on=today, actor=actor, now=now)
    done.rejoined = len(back.done)
    # The verb moves a person's cases at other planteles along: one NSS, one person.
    done.nss_obtained = len(brought.keys() & set(located.done)) + run(_NSS_WITHOUT_CASE)
    gone = _leave(today, actor, now)
    done.left = len(gone.done)
    # What was just opened needs no second look.
    waiting = wanted if len(wanted) > done.opened + done.continued else []
    return [*_told(back, located, gone), *_unfinished(waiting)]


def _unfinished(waiting: list[int]) -> list[Finding]:
    """What the list asked for and the cases did not take: told now, tried again with the next list."""
    late = [
        Finding(line, "", matricula, "Su expediente no se pudo abrir o continuar todavía: revise la fecha.")
        for line, matricula in (rows_of(_STILL_WITHOUT_CASE, {"wanted": waiting}) if waiting else ())
    ]
    refused = [
        Finding(line, "nss", matricula, "Su NSS no se guardó: su expediente no estaba en el paso que lo recibe.")
        for line, matricula in rows_of(_NSS_NOT_WRITTEN)
    ]
    return late + refused


def _leave(today: dt.date, actor: Actor, now: dt.datetime) -> Outcome:
    outcome = Outcome()
    leaving = rows_of(_LEAVING)
    for status, kind in BAJAS.items():
        cases = [case_id for listed, case_id in leaving if listed == status]
        outcome += verbs.leave(cases, kind, on=today, actor=actor, now=now)
    return outcome


def _ids(sql: str) -> list[int]:
    return [row[0] for row in rows_of(sql)]


def _told(*outcomes: Outcome) -> list[Finding]:
    """Every case that did not allow its step, by the row that asked for it."""
    skipped = {case_id: reason for outcome in outcomes for case_id, reason in outcome.skipped.items()}
    if not skipped:
        return []
    return [Finding(line, "", matricula, skipped[case_id]) for case_id, line, matricula in rows_of(_OF_CASES, {"cases": list(skipped)})]
