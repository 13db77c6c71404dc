"""Taking an import back, chunk by chunk, as long as nobody has built upon it.

A history is never unwritten: each case the list touched gets one more event, by which it stands as the list found it; a case the list
opened is closed by it. What somebody changed by hand since stays as they left it.
"""

# ruff: noqa: S608 - every statement is of our own words; values are parameters

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Final

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening, as_data
from afiliacion.cases.history import fold
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Actor
from afiliacion.cases.races import settled
from afiliacion.cases.states import Verb
from afiliacion.roll.models import Chunk, Import
from afiliacion.roll.staging import rows_of, run, whole_list
from students.models import Student

_REASON: Final = "Se deshizo la carga «{}»."

# The import's own events are those of its chunks: same moment, same actor.
_OURS: Final = "{event}.at = k.applied_at AND {event}.actor_kind = 'import' AND {event}.actor_name = %(actor)s"
_TOUCHED: Final = f"""
FROM roll_chunk k
JOIN roll_row r ON r.job_id = k.job_id AND r.line BETWEEN k.first_line AND k.last_line AND r.to_do
JOIN students_student s ON s.curp = r.curp
JOIN cases_case c ON c.student_id = s.id
WHERE k.job_id = %(job)s AND k.applied_at IS NOT NULL AND k.undone_at IS NULL AND k.number BETWEEN %(first)s AND %(last)s
  AND EXISTS (SELECT FROM cases_event o WHERE o.case_id = c.id AND {_OURS.format(event="o")})
"""
_MOVED: Final = f"""
SELECT r.line, r.matricula, c.id, v.verb, v.actor_name, v.at
{_TOUCHED.replace("WHERE", "JOIN cases_event v ON v.case_id = c.id AND v.seq = c.version WHERE", 1)} AND NOT ({_OURS.format(event="v")})
ORDER BY r.line
"""
_CASES: Final = f"SELECT c.id {_TOUCHED}"
# Lists loaded later of which something stands; and the rows of this one that they bring too.
_LATER: Final = """
SELECT j.id FROM roll_import j
WHERE j.plantel_id = %(plantel)s AND j.ciclo_id = %(ciclo)s AND (j.confirmed_at, j.id) > (%(confirmed)s, %(job)s)
  AND EXISTS (SELECT FROM roll_chunk k WHERE k.job_id = j.id AND k.applied_at IS NOT NULL AND k.undone_at IS NULL)
"""
_ALSO: Final = """
SELECT DISTINCT ON (r.line) r.line, r.matricula, r.curp, j.id, j.filename, j.confirmed_name, j.confirmed_at
FROM roll_row r JOIN roll_row l ON l.curp = r.curp AND l.job_id = ANY(%(later)s) AND l.kind <> 'invalid'
JOIN roll_import j ON j.id = l.job_id
WHERE r.job_id = %(job)s AND r.to_do
ORDER BY r.line, l.job_id DESC LIMIT %(most)s
"""
_CLAIM: Final = """
SELECT c.id FROM roll_chunk c JOIN roll_import j ON j.id = c.job_id
WHERE c.job_id = %(job)s AND c.applied_at IS NOT NULL AND c.undone_at IS NULL AND j.state = 'undoing'
ORDER BY c.number DESC LIMIT 1 FOR UPDATE OF c
"""
# The chunk's rows, each beside its person and enrolment, and the fields it wrote. Looked up, as in staging.match.
_STAGE: Final = """
DROP TABLE IF EXISTS pg_temp.roll_back, pg_temp.roll_wrote;
CREATE TEMP TABLE roll_back ON COMMIT DROP AS
SELECT r.line, r.kind, r.known, s.id AS student_id, e.id AS enrolment_id FROM roll_row r
CROSS JOIN LATERAL (SELECT s.id FROM students_student s WHERE s.curp = r.curp OFFSET 0) s
LEFT JOIN LATERAL (
  SELECT e.id FROM students_enrolment e WHERE e.student_id = s.id AND e.plantel_id + 0 = %(plantel)s AND e.ciclo_id + 0 = %(ciclo)s OFFSET 0
) e ON true
WHERE r.job_id = %(job)s AND r.line BETWEEN %(first_line)s AND %(last_line)s AND r.to_do;
CREATE TEMP TABLE roll_wrote ON COMMIT DROP AS
SELECT b.student_id, b.enrolment_id, c."column" AS name, c.old, c.new FROM roll_back b JOIN roll_change c ON c.line = b.line
WHERE c.job_id = %(job)s AND c.line BETWEEN %(first_line)s AND %(last_line)s AND NOT c.kept;
ANALYZE roll_back; ANALYZE roll_wrote
"""
_COLUMNS: Final = {
    "fecha_nacimiento": ("student", "birth_date", "date"), "sexo": ("student", "sex", "text"),
    "entidad_nacimiento": ("student", "entity", "text"), "correo": ("student", "email", "text"),
    "telefono": ("student", "phone", "text"), "nss": ("student", "nss", "text"), "grupo": ("enrolment", "grupo", "text"),
    "fecha_inscripcion": ("enrolment", "enrolled_on", "date"), "estatus": ("enrolment", "status", "text"),
}  # fmt: skip
_NAMES: Final = ("nombre", "primer_apellido", "segundo_apellido")
# An enrolment that no case needs goes; one that a sealed history is about stays, without right to cover and without its matrícula.
_FORGET_ENROLMENTS: Final = """
DELETE FROM students_enrolment x USING roll_back b
WHERE b.kind = 'new' AND x.id = b.enrolment_id AND NOT EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = x.id)
"""
_END_ENROLMENTS: Final = """
UPDATE students_enrolment x SET status = 'baja_definitiva', matricula = left(x.matricula, 18) || '·' || x.id
FROM roll_back b WHERE b.kind = 'new' AND x.id = b.enrolment_id
  AND EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = x.id AND c.baja_kind = 'deshecha')
"""
_FORGET_STUDENTS: Final = """
DELETE FROM students_student x USING roll_back b
WHERE b.kind = 'new' AND NOT b.known AND x.id = b.student_id
  AND NOT EXISTS (SELECT FROM students_enrolment o WHERE o.student_id = x.id)
  AND NOT EXISTS (SELECT FROM cases_case c WHERE c.student_id = x.id)
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that somebody has worked on since the list was loaded; or a row that a list loaded later (`list_id`) brings too."""

    line: int
    matricula: str
    case_id: int | None
    what: str
    who: str
    at: dt.datetime
    list_id: int | None = None


def moved(job: Import, actor: Actor, most: int, *, first: int = 0, last: int = 2**31 - 1) -> list[Moved]:
    """The first cases built upon since, so that the import cannot be undone; of these chunks (numbers). `actor`: who loaded it."""
    known = {"job": job.pk, "actor": actor.name, "first": first, "last": last, "most": most}
    rows = rows_of(f"{_MOVED} LIMIT %(most)s", known)
    return [Moved(line, matricula or "", case, Verb(verb).label, who, at) for line, matricula, case, verb, who, at in rows]


def also_brought(job: Import, most: int) -> list[Moved]:
    """The first rows that a list loaded later brings too: it was read beside what this one had written, so it goes first."""
    known = {"job": job.pk, "plantel": job.plantel_id, "ciclo": job.ciclo_id, "confirmed": job.confirmed_at, "most": most}
    later = [pk for (pk,) in rows_of(_LATER, known)]
    if not later:
        return []
    with whole_list():
        rows = rows_of(_ALSO, {**known, "later": later})
    cases = dict(Case.objects.filter(student__curp__in=[row[2] for row in rows]).order_by("pk").values_list("student__curp", "pk"))
    return [
        Moved(line, matricula or "", cases.get(curp), f"También viene en «{filename}»", who, at, list_id)
        for line, matricula, curp, list_id, filename, who, at in rows
    ]


class BuiltUpon(Exception):
    """Somebody has worked on what the list wrote, so it is not taken back."""


def undo_next(job: Import, loader: Actor, *, actor: Actor, now: dt.datetime) -> Chunk | None:
    """Take back one applied chunk of an import that is UNDOING; None if none is left. `loader`: who loaded it, `actor`: who undoes it.

    Raises:
        BuiltUpon: if somebody works on one of its cases meanwhile; the chunk stays.
    """
    return settled(partial(_undo_next, job, loader, actor, now))


def _undo_next(job: Import, loader: Actor, actor: Actor, now: dt.datetime) -> Chunk | None:
    found = rows_of(_CLAIM, {"job": job.pk})
    if not found:
        return None
    chunk = Chunk.objects.get(pk=found[0][0])
    if moved(job, loader, 1, first=chunk.number, last=chunk.number):
        raise BuiltUpon
    known = {
        "job": job.pk, "actor": loader.name, "first": chunk.number, "last": chunk.number, "first_line": chunk.first_line,
        "last_line": chunk.last_line, "plantel": job.plantel_id, "ciclo": job.ciclo_id,
    }  # fmt: skip
    _cases_back(job, chunk, known, loader, actor, now)
    _registry_back(known)
    chunk.undone_at = now
    chunk.save(update_fields=["undone_at"])
    return chunk


def _cases_back(job: Import, chunk: Chunk, known: dict[str, Any], loader: Actor, actor: Actor, now: dt.datetime) -> None:
    ids = sorted({row[0] for row in rows_of(_CASES, known)})
    events = Event.objects.filter(case__in=ids).order_by("case_id", "seq")
    before = {}
    for case_id, history in groupby(events, key=lambda event: event.case_id):
        kept = [e for e in history if not (e.at == chunk.applied_at and e.actor_kind == loader.kind and e.actor_name == loader.name)]
        before[case_id] = _as_found(kept, _REASON.format(job.filename), now)
    outcome = verbs.undo_load(before, actor=actor, now=now)
    if outcome.skipped:
        raise BuiltUpon


def _as_found(events: list[Event], reason: str, now: dt.datetime) -> Happening:
    """What takes a case back to where these events left it."""
    if not events:
        return Happening(now.date(), {"before": None}, reason=reason)
    enrolment = next(event.data["enrolment"] for event in reversed(events) if "enrolment" in event.data)
    return Happening(now.date(), {"before": as_data(fold(events)), "enrolment": enrolment}, reason=reason)


def _registry_back(known: dict[str, Any]) -> None:
    """What the list wrote over, where it still stands as the list left it; and what only the list had brought."""
    with whole_list():
        run(_STAGE, known)
    for name, (owner, column, kind) in _COLUMNS.items():
        run(
            f"UPDATE students_{owner} x SET {column} = w.old::{kind} FROM roll_wrote w "
            f"WHERE w.name = %(name)s AND x.id = w.{owner}_id AND x.{column}::text = w.new",
            {"name": name},
        )
    _names_back()
    for statement in (_FORGET_ENROLMENTS, _END_ENROLMENTS, _FORGET_STUDENTS):
        run(statement)


_NAMES_CHANGED: Final = "SELECT student_id, name, old, new FROM roll_wrote WHERE name = ANY(%(names)s) ORDER BY student_id"


def _names_back() -> None:
    changed = rows_of(_NAMES_CHANGED, {"names": list(_NAMES)})
    for student_id, changes in groupby(changed, key=lambda row: row[0]):
        student = Student.objects.get(pk=student_id)
        for _, name, old, new in changes:
            if getattr(student, name) == new:
                setattr(student, name, old)
        student.save()
