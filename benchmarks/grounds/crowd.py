"""Cases by the hundred thousand, made by SQL, for tables too large for the verbs. They have no history, so nothing may move them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

_STUDENTS = """
    INSERT INTO students_student (curp, nombre, primer_apellido, segundo_apellido, birth_date, sex, entity, email, phone,
        name_order, name_search)
    SELECT chr(65 + i / 17576 %% 26) || chr(65 + i / 676 %% 26) || chr(65 + i / 26 %% 26) || chr(65 + i %% 26)
        || lpad((i / 456976)::text, 6, '0') || 'HDFXXX00',
        'Estudiante', 'Núñez', 'Número ' || i, '2008-05-05', 'H', 'DF', 'a' || i || '@alumnos.example.mx', '', 'n' || i, 'n' || i
    FROM generate_series(%(first)s, %(last)s) AS i
"""
_ENROLMENTS = """
    INSERT INTO students_enrolment (student_id, plantel_id, ciclo_id, matricula, grupo, enrolled_on, status)
    SELECT s.id, (SELECT id FROM students_plantel ORDER BY id OFFSET s.id %% 30 LIMIT 1), %(ciclo)s, s.id::text, '', %(since)s, 'activo'
    FROM students_student s WHERE NOT EXISTS (SELECT 1 FROM students_enrolment e WHERE e.student_id = s.id)
"""
_CASES = """
    INSERT INTO cases_case (student_id, plantel_id, enrolment_id, version, head_hash, state, state_since, turn, due_on, enrolled_on,
        baja_kind, ciclo_id, grupo, name_order, coverage, umf, vigencia_evidence, pauses, papers)
    SELECT e.student_id, e.plantel_id, e.id, 0, '', %(state)s, %(since)s, %(turn)s, %(due)s, %(since)s, '', e.ciclo_id, '', s.name_order,
        'none', '', %(proof)s,
        '[]', '[]'
    FROM students_enrolment e JOIN students_student s ON s.id = e.student_id
    WHERE NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.student_id = e.student_id)
"""


class Crowd:
    """A school of thirty planteles that grows by cases of one kind at a time."""

    def __init__(self) -> None:
        from students.models import Ciclo, Plantel

        self.ciclo = Ciclo.objects.create(clave="C", starts_on=dt.date(2026, 8, 1), ends_on=dt.date(2027, 1, 31))
        Plantel.objects.bulk_create(
            [Plantel(clave=f"P{n}", name=f"Plantel {n}", contact_name="Ángela Núñez", contact_email=f"p{n}@x.mx") for n in range(30)]
        )
        self.people = 0
        with connection.cursor() as cursor:
            # Searching by name is not what is measured, and its index takes longest to fill.
            cursor.execute("DROP INDEX student_name_trigrams")

    def grow(self, cases: int, *, state: str, turn: str, since: dt.date, due: dt.date | None) -> None:
        """So many more cases in that state."""
        told: dict[str, Any] = {"ciclo": self.ciclo.pk, "state": state, "turn": turn, "since": since, "due": due, "proof": "e" * 64}
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(_STUDENTS, {"first": self.people, "last": self.people + cases - 1})
            cursor.execute(_ENROLMENTS, told)
            cursor.execute(_CASES, told)
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("ANALYZE")
        self.people += cases
