"""The good rows into the registry, and through the case's verbs. One transaction; the same list again writes nothing.

Cases are locked before students, as the verbs do, so that a list and the night never wait for each other in a ring.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from afiliacion.cases import verbs
from afiliacion.cases.enrol import enrol
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Actor, Outcome
from afiliacion.roll.findings import Done
from afiliacion.roll.staging import BAJAS, Target, joined_by_hash, rows_of, run

_LOCK_CASES: Final = """
SELECT c.id FROM cases_case c
WHERE c.student_id IN (SELECT m.student_id FROM roll_matched m WHERE NOT m.bad
                       AND (m.enrolment_id IS NULL OR EXISTS (SELECT FROM roll_changes x WHERE x.line = m.line)))
ORDER BY c.id FOR UPDATE
"""
_NEW_STUDENTS: Final = """
INSERT INTO students_student
  (curp, nombre, primer_apellido, segundo_apellido, birth_date, sex, entity, email, phone, nss, name_order, name_search)
SELECT curp, nombre, primer_apellido, segundo_apellido, coalesce(fecha_nacimiento, curp_nacimiento), coalesce(sexo, curp_sexo),
       coalesce(entidad_nacimiento, curp_entidad), coalesce(correo, ''), coalesce(telefono, ''), nss, name_order, name_search
FROM roll_matched WHERE NOT bad AND student_id IS NULL ORDER BY curp
"""
_STUDENT_IDS: Final = (
    "UPDATE roll_matched m SET student_id = s.id FROM students_student s WHERE m.student_id IS NULL AND NOT m.bad AND s.curp = m.curp"
)
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
INSERT INTO students_enrolment (student_id, plantel_id, ciclo_id, matricula, grupo, enrolled_on, status)
SELECT student_id, %(plantel)s, %(ciclo)s, matricula, coalesce(grupo, ''), coalesce(fecha_inscripcion, %(enrolled_on)s),
       coalesce(estatus, 'activo')
FROM roll_matched WHERE NOT bad AND enrolment_id IS NULL ORDER BY line
"""
_ENROLMENT_IDS: Final = """
UPDATE roll_matched m SET enrolment_id = e.id FROM students_enrolment e
WHERE m.enrolment_id IS NULL AND NOT m.bad AND e.student_id = m.student_id AND e.plantel_id = %(plantel)s AND e.ciclo_id = %(ciclo)s
"""
_CHANGED_ENROLMENTS: Final = """
UPDATE students_enrolment e SET (grupo, enrolled_on, status) =
  (coalesce(m.grupo, e.grupo), coalesce(m.fecha_inscripcion, e.enrolled_on), coalesce(m.estatus, e.status))
FROM roll_matched m
WHERE e.id = m.enrolment_id AND m.line IN (SELECT line FROM roll_changes WHERE name IN ('grupo', 'fecha_inscripcion', 'estatus'))
"""
# Enrolments with the right to cover that never had a case: not the ones whose case a later term carries on.
_WITHOUT_CASE: Final = """
SELECT m.enrolment_id, m.matricula FROM roll_matched m
WHERE NOT m.bad AND m.entitled AND NOT m.case_later
  AND NOT EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = m.enrolment_id)
  AND NOT EXISTS (SELECT FROM cases_case c JOIN cases_event v ON v.case_id = c.id
                  WHERE c.student_id = m.student_id AND c.plantel_id = %(plantel)s
                    AND v.verb IN ('open', 'continue') AND (v.data ->> 'enrolment')::bigint = m.enrolment_id)
"""
_REJOINING: Final = "SELECT case_id FROM roll_matched WHERE NOT bad AND rejoins"
_LEAVING: Final = "SELECT estatus, case_id FROM roll_matched WHERE NOT bad AND leaves"
_NSS_FOR_CASES: Final = """
SELECT c.id, m.nss FROM roll_matched m
JOIN cases_case c ON c.student_id = m.student_id AND c.plantel_id = %(plantel)s AND c.state = %(sin_nss)s
WHERE NOT m.bad AND m.takes_nss
"""
# A person who never had a case has no verb to go through.
_NSS_WITHOUT_CASE: Final = """
UPDATE students_student s SET nss = m.nss FROM roll_matched m
WHERE s.id = m.student_id AND NOT m.bad AND m.takes_nss AND s.nss IS NULL
  AND NOT EXISTS (SELECT FROM cases_case c WHERE c.student_id = s.id)
"""
_NSS_NOT_WRITTEN: Final = """
SELECT m.matricula FROM roll_matched m JOIN students_student s ON s.id = m.student_id
WHERE NOT m.bad AND m.takes_nss AND s.nss IS DISTINCT FROM m.nss ORDER BY m.line
"""
_NOT_PERSONAL: Final = ["nss", "grupo", "fecha_inscripcion", "estatus"]


def write(target: Target, rows: int, *, actor: Actor, now: dt.datetime) -> Done:
    """Write the staged and compared list of so many rows: people, enrolments, then what that means for their cases."""
    done = Done()
    with joined_by_hash(rows):
        rows_of(_LOCK_CASES)
        _write_registry(target, done)
    _move_cases(target, done, actor, now)
    return done


def _write_registry(target: Target, done: Done) -> None:
    known = target.parameters
    done.students_new = run(_NEW_STUDENTS)
    run(_STUDENT_IDS)
    done.students_changed = run(_CHANGED_STUDENTS, {"not_personal": _NOT_PERSONAL})
    done.enrolments_new = run(_NEW_ENROLMENTS, known)
    run(_ENROLMENT_IDS, known)
    done.enrolments_changed = run(_CHANGED_ENROLMENTS)
    run("ANALYZE roll_matched (line, bad, student_id, enrolment_id)")


def _move_cases(target: Target, done: Done, actor: Actor, now: dt.datetime) -> None:
    today, known = target.today, target.parameters
    enrolled = enrol([row[0] for row in rows_of(_WITHOUT_CASE, known)], actor=actor, now=now)
    done.opened, done.continued = len(enrolled.opened), len(enrolled.continued)
    back = verbs.rejoin(_ids(_REJOINING), on=today, actor=actor, now=now)
    brought = dict(rows_of(_NSS_FOR_CASES, known))
    located = verbs.obtain_nss(brought, on=today, actor=actor, now=now)
    done.rejoined = len(back.done)
    # The verb moves a person's cases at other planteles along: one NSS, one person.
    done.nss_obtained = len(brought.keys() & set(located.done)) + run(_NSS_WITHOUT_CASE)
    gone = _leave(today, actor, now)
    done.left = len(gone.done)
    done.skipped = [*_told(back, located, gone), *_unfinished(known)]


def _unfinished(known: dict[str, Any]) -> list[tuple[str, str]]:
    """(matrícula, reason) of what the list asked for and the cases did not take: told now, tried again with the next list."""
    waiting = [
        (matricula, "Su expediente no se pudo abrir o continuar todavía: revise la fecha.")
        for _, matricula in rows_of(_WITHOUT_CASE, known)
    ]
    refused = [
        (matricula, "Su NSS no se guardó: su expediente no estaba en el paso que lo recibe.") for (matricula,) in rows_of(_NSS_NOT_WRITTEN)
    ]
    return waiting + refused


def _leave(today: dt.date, actor: Actor, now: dt.datetime) -> Outcome:
    outcome = Outcome()
    leaving = rows_of(_LEAVING)
    for status, kind in BAJAS.items():
        cases = [case_id for listed, case_id in leaving if listed == status]
        outcome += verbs.leave(cases, kind, on=today, actor=actor, now=now)
    return outcome


def _ids(sql: str) -> list[int]:
    return [row[0] for row in rows_of(sql)]


def _told(*outcomes: Outcome) -> list[tuple[str, str]]:
    """(matrícula, reason) of every case that did not allow its step."""
    skipped = {case_id: reason for outcome in outcomes for case_id, reason in outcome.skipped.items()}
    matriculas = dict(Case.objects.filter(pk__in=skipped).values_list("pk", "enrolment__matricula"))
    return [(matriculas.get(case_id, ""), reason) for case_id, reason in skipped.items()]
