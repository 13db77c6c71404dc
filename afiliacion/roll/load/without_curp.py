"""The rows without CURP of a chunk: noted, corrected, closed when the list says they left; and taken back with the list."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, Final

from afiliacion.cases.identity import without_curp
from afiliacion.cases.models import WithoutCurp
from afiliacion.cases.outcome import Act
from afiliacion.database.statements import rows_of, run
from afiliacion.roll.check.without_curp import CHANGES, NOTED, OF_JOB, match, refused
from afiliacion.roll.findings import RowFinding
from afiliacion.roll.models import Import
from students import names

_ANY: Final = "SELECT EXISTS (SELECT FROM roll_without)"
_NOTE: Final = """
INSERT INTO cases_withoutcurp (plantel_id, ciclo_id, matricula, nombre, primer_apellido, segundo_apellido, birth_date, sex, email, phone,
  grupo, enrolled_on, why, name_order, name_search, follow_up_on, followed_by, noted_by, noted_at, list_id, closed_by, reason)
SELECT %(plantel)s, %(ciclo)s, matricula, nombre, primer_apellido, segundo_apellido, fecha_nacimiento, coalesce(sexo, ''),
  coalesce(correo, ''), coalesce(telefono, ''), coalesce(grupo, ''), coalesce(fecha_inscripcion, %(enrolled_on)s), without_curp, name_order,
  name_search, %(follow_up_on)s, '', %(who)s, %(now)s, %(job)s, '', ''
FROM roll_without WHERE NOT bad AND entitled AND noted_id IS NULL ORDER BY line
"""
_CORRECT: Final = """
UPDATE cases_withoutcurp w SET {columns}, name_order = r.name_order, name_search = r.name_search
FROM roll_without r WHERE w.id = r.noted_id AND w.closed_at IS NULL AND NOT r.bad AND r.entitled AND r.differs
""".replace("{columns}", ", ".join(f"{column} = coalesce(r.{name}, w.{column})" for name, column in NOTED.items()))
_NOTE_CHANGES: Final = f"INSERT INTO roll_changes (line, name, old, new, kept) SELECT c.*, false FROM ({CHANGES}) c"  # noqa: S608 - our own text
_CLOSE: Final = """
UPDATE cases_withoutcurp w SET closed_at = %(now)s, closed_by = %(who)s, reason = %(reason)s
FROM roll_without r WHERE w.closed_at IS NULL AND NOT r.bad AND {which}
"""
_LEFT: Final = _CLOSE.replace("{which}", "w.id = r.noted_id AND NOT r.entitled")
# Noted in another ciclo, and still without: one row a student is enough.
_GOES_ON: Final = _CLOSE.replace(
    "{which}", "r.entitled AND w.plantel_id = %(plantel)s AND w.ciclo_id <> %(ciclo)s AND w.matricula = r.matricula"
)
_BECAME: Final = """
SELECT m.eid FROM roll_matched m JOIN cases_withoutcurp w ON w.matricula = m.matricula
WHERE NOT m.bad AND w.plantel_id = %(plantel)s AND w.closed_at IS NULL
"""


def write(job: Import, known: dict[str, Any], act: Act) -> tuple[int, int, list[RowFinding]]:
    """After the other rows of a chunk: (rows noted or noted otherwise, noted before whose CURP came, why others are not taken)."""
    promoted = without_curp.promoted([row[0] for row in rows_of(_BECAME, known)], act)
    match(OF_JOB, known)
    if not rows_of(_ANY)[0][0]:
        return 0, promoted, []
    findings = refused()
    said = {**known, "now": act.now, "who": act.actor.name}
    run(_NOTE_CHANGES)
    changed = run(_CORRECT) + run(_LEFT, {**said, "reason": "La lista dice que ya no está en el plantel."})
    follow_up_on = without_curp.first_follow_up(job.plantel_id, known["today"])
    noted = run(_NOTE, {**said, "follow_up_on": follow_up_on})
    run(_GOES_ON, {**said, "reason": f"Sigue sin CURP en el ciclo {job.ciclo.clave}."})
    return noted + changed, promoted, findings


_ROWS: Final = """
FROM roll_chunk k JOIN roll_row r ON r.job_id = k.job_id AND r.line BETWEEN k.first_line AND k.last_line AND r.to_do
JOIN cases_withoutcurp w ON w.plantel_id = %(plantel)s AND w.matricula = r.matricula
WHERE k.job_id = %(job)s AND k.applied_at IS NOT NULL AND k.undone_at IS NULL AND k.number BETWEEN %(first)s AND %(last)s
"""
# What a person did since: asked for the CURP, closed, or agreed to a request. What a later list closed is told by `also_brought`.
_TOUCHED: Final = f"""
SELECT r.line, r.matricula, w.closed_by, w.followed_by, coalesce(w.closed_at, w.noted_at) {_ROWS}
  AND w.list_id = %(job)s AND r.without_curp <> '' AND (w.followed_by <> '' OR w.closed_by NOT IN ('', %(actor)s)
    AND NOT EXISTS (SELECT FROM roll_chunk o WHERE o.applied_at = w.closed_at AND o.job_id <> k.job_id))
ORDER BY r.line LIMIT %(most)s
"""  # noqa: S608 - our own text, here and below
_ALSO: Final = """
SELECT DISTINCT ON (r.line) r.line, r.matricula, j.id, j.filename, j.confirmed_name, j.confirmed_at
FROM roll_row r JOIN roll_row l ON l.matricula = r.matricula AND l.job_id = ANY(%(later)s) AND l.kind <> 'invalid'
JOIN roll_import j ON j.id = l.job_id
WHERE r.job_id = %(job)s AND r.to_do AND r.without_curp <> ''
ORDER BY r.line, l.job_id DESC LIMIT %(most)s
"""
_REOPEN: Final = f"""
UPDATE cases_withoutcurp SET closed_at = NULL, closed_by = '', reason = '', enrolment_id = NULL
WHERE id IN (SELECT w.id {_ROWS} AND w.closed_at = k.applied_at AND w.closed_by = %(actor)s)
"""  # noqa: S608
_FORGET: Final = f"DELETE FROM cases_withoutcurp WHERE id IN (SELECT w.id {_ROWS} AND w.list_id = %(job)s AND w.noted_at = k.applied_at)"  # noqa: S608
_CORRECTED: Final = f"""
SELECT w.id, c."column", c.old, c.new {_ROWS.replace("WHERE", "JOIN roll_change c ON c.job_id = r.job_id AND c.line = r.line WHERE")}
  AND w.ciclo_id = %(ciclo)s AND r.without_curp <> ''
"""


def touched(known: dict[str, Any]) -> list[tuple[int, str, str, str, dt.datetime]]:
    """The first rows noted by an import that people have worked on since: (line, matrícula, what, who, when)."""
    return [
        (line, matricula, "Sin CURP: cerrado o ya con CURP" if closed else "Sin CURP: se le volvió a preguntar", closed or followed, at)
        for line, matricula, closed, followed, at in rows_of(_TOUCHED, known)
    ]


def also_brought(known: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The first rows without CURP that lists loaded later bring too: (line, matrícula, list, its name, who, when)."""
    return rows_of(_ALSO, known)


def take_back(known: dict[str, Any]) -> None:
    """As if the chunk had not been applied: before its enrolments go."""
    _restore(known)
    run(_REOPEN, known)
    run(_FORGET, known)


def _restore(known: dict[str, Any]) -> None:
    """What the list corrected and stands as it left it."""
    before: dict[int, dict[str, tuple[str | None, str]]] = defaultdict(dict)
    for pk, column, old, new in rows_of(_CORRECTED, known):
        before[pk][NOTED[column]] = (old, new)
    people = list(WithoutCurp.objects.filter(pk__in=before))
    for person in people:
        for column, (old, new) in before[person.pk].items():
            if _as_text(getattr(person, column)) == new:
                setattr(person, column, old)
        person.name_order = names.sort_key(person.primer_apellido, person.segundo_apellido, person.nombre)
        person.name_search = names.search_key(person.nombre, person.primer_apellido, person.segundo_apellido)
    WithoutCurp.objects.bulk_update(people, [*NOTED.values(), "name_order", "name_search"], batch_size=500)


def _as_text(value: object) -> str:
    return "" if value is None else str(value)
