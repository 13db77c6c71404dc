"""Taking an import back, chunk by chunk, as long as nothing has been built upon it.

A history is never unwritten: each case the list touched gets one more event, by which it stands as the list found it; a case the list
opened is closed by it. What was changed by hand since stays so, and what IMSS has answered since of a case that was there before.
"""

# ruff: noqa: S608 - every statement is of our own words; values are parameters

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import Any, Final, cast

from afiliacion.cases import consent, verbs
from afiliacion.cases.facts import Details, Facts, Happening, restored
from afiliacion.cases.history.chain import fold
from afiliacion.cases.models import Event
from afiliacion.cases.outcome import Act, Actor
from afiliacion.cases.states import Verb
from afiliacion.cases.steps.effects import after
from afiliacion.cases.steps.refusals import refusal
from afiliacion.database.retry import retry_on_conflict
from afiliacion.database.statements import rows_of, run, whole_list
from afiliacion.roll.check.persons import WRITTEN
from afiliacion.roll.check.sharing import taken_back
from afiliacion.roll.load import former_values, matriculas_back, without_curp
from afiliacion.roll.load.built_upon import LOCK_TOUCHED, TOUCHED_CASES, is_kept, moved
from afiliacion.roll.models import Chunk, Import
from students.models import Student

_REASON: Final = "Se deshizo la carga «{}»."
_CLAIM: Final = """
SELECT c.id FROM roll_chunk c JOIN roll_import j ON j.id = c.job_id
WHERE c.job_id = %(job)s AND c.applied_at IS NOT NULL AND c.undone_at IS NULL AND j.state = 'undoing'
ORDER BY c.number DESC LIMIT 1 FOR UPDATE OF c
"""
# The chunk's rows, each beside its person and enrolment, and the fields it wrote. Looked up, as in matching.match.
_STAGE: Final = f"""
DROP TABLE IF EXISTS pg_temp.roll_back, pg_temp.roll_wrote;
CREATE TEMP TABLE roll_back ON COMMIT DROP AS
SELECT r.line, r.kind, r.known, r.nss, s.id AS student_id, e.id AS enrolment_id FROM roll_row r
CROSS JOIN LATERAL (SELECT s.id FROM students_student s WHERE s.id = {WRITTEN} OFFSET 0) s
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
    "curp": ("student", "curp", "text"), "fecha_nacimiento": ("student", "birth_date", "date"), "sexo": ("student", "sex", "text"),
    "entidad_nacimiento": ("student", "entity", "text"), "correo": ("student", "email", "text"),
    "telefono": ("student", "phone", "text"), "nss": ("student", "nss", "text"), "grupo": ("enrolment", "grupo", "text"),
    "fecha_inscripcion": ("enrolment", "enrolled_on", "date"), "estatus": ("enrolment", "status", "text"),
}  # fmt: skip
_NAMES: Final = ("nombre", "primer_apellido", "segundo_apellido")
# Before what was written over comes back. An enrolment that no case needs goes; one that a sealed history is about stays, without right to
# cover and without its matrícula: unless a case of it stands, in another form if the list had taken it from another student.
_FORGET_ENROLMENTS: Final = """
DELETE FROM students_enrolment x USING roll_back b
WHERE b.kind = 'new' AND x.id = b.enrolment_id AND NOT EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = x.id)
"""
_END_ENROLMENTS: Final = """
UPDATE students_enrolment x SET status = 'baja_definitiva', matricula = CASE
  WHEN NOT EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = x.id AND c.baja_kind <> 'deshecha')
    THEN left(x.matricula, 18) || '·' || x.id
  WHEN x.matricula IN (SELECT w.old FROM roll_wrote w WHERE w.name = 'matricula') THEN left(x.matricula, 18) || '-' || x.id
  ELSE x.matricula END
FROM roll_back b WHERE b.kind = 'new' AND x.id = b.enrolment_id AND EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = x.id)
"""
# The number that only the list had brought; one that IMSS located, or proved by a cover, is the person's whatever list they came in.
_FORGET_NSS: Final = f"""
UPDATE students_student x SET nss = NULL FROM roll_back b
WHERE b.kind = 'new' AND NOT b.known AND x.id = b.student_id AND x.nss = b.nss
  AND NOT EXISTS (SELECT FROM students_enrolment o WHERE o.student_id = x.id AND NOT {taken_back("o")})
"""
_FORGET_FORMER_VALUES: Final = """
DELETE FROM students_formervalue f USING roll_back b WHERE f.list_id = %(job)s AND f.student_id = b.student_id
"""
_FORGET_STUDENTS: Final = """
UPDATE cases_consentrequest q SET student_id = NULL FROM roll_back b
WHERE q.student_id = b.student_id AND b.kind = 'new' AND NOT b.known
  AND NOT EXISTS (SELECT FROM students_enrolment o WHERE o.student_id = b.student_id)
  AND NOT EXISTS (SELECT FROM cases_case c WHERE c.student_id = b.student_id);
DELETE FROM students_student x USING roll_back b
WHERE b.kind = 'new' AND NOT b.known AND x.id = b.student_id
  AND NOT EXISTS (SELECT FROM students_enrolment o WHERE o.student_id = x.id)
  AND NOT EXISTS (SELECT FROM cases_case c WHERE c.student_id = x.id)
"""


class BuiltUpon(Exception):
    """What the list wrote has been worked on since, so it is not taken back."""


def undo_next(job: Import, loader: Actor, *, act: Act) -> Chunk | None:
    """Take back one applied chunk of an import that is UNDOING; None if none is left. `loader`: who loaded it, `actor`: who undoes it.

    Raises:
        BuiltUpon: if one of its cases is worked on meanwhile; the chunk stays.
    """
    return retry_on_conflict(partial(_undo_next, job, loader, act))


def _undo_next(job: Import, loader: Actor, act: Act) -> Chunk | None:
    found = rows_of(_CLAIM, {"job": job.pk})
    if not found:
        return None
    chunk = Chunk.objects.get(pk=found[0][0])
    consent.withdraw_of_list(job.pk, act)
    known = {
        "job": job.pk, "actor": loader.name, "first": chunk.number, "last": chunk.number, "first_line": chunk.first_line,
        "last_line": chunk.last_line, "plantel": job.plantel_id, "ciclo": job.ciclo_id,
    }  # fmt: skip
    # Locked before they are looked at: no step comes between. Persons before cases, as the verbs do.
    rows_of(LOCK_TOUCHED, known)
    touched = sorted({case_id for (case_id,) in rows_of(TOUCHED_CASES, known)})
    if moved(job, loader, 1, first=chunk.number, last=chunk.number):
        raise BuiltUpon
    _cases_back(job, chunk, touched, loader, act)
    without_curp.take_back(known)
    _registry_back(known, act)
    chunk.undone_at = act.now
    chunk.save(update_fields=["undone_at"])
    return chunk


def _cases_back(job: Import, chunk: Chunk, touched: list[int], loader: Actor, act: Act) -> None:
    events = Event.objects.filter(case__in=touched).order_by("case_id", "seq")
    before, on = {}, job.plantel.day(act.now)
    for case_id, history in groupby(events, key=lambda event: event.case_id):
        of_list: list[Event] = []
        rest: list[Event] = []
        for event in history:
            ours = (event.at, event.actor_kind, event.actor_name) == (chunk.applied_at, loader.kind, loader.name)
            (of_list if ours else rest).append(event)
        before[case_id] = Happening(on, _as_found(of_list, rest), reason=_REASON.format(job.filename))
    outcome = verbs.undo_load(before, act=act)
    if outcome.skipped:
        raise BuiltUpon


def _as_found(of_list: list[Event], rest: list[Event]) -> Details:
    """What takes a case back to where the list found it. `of_list`: the list's events of the case, `rest`: all others."""
    if any(event.verb in (Verb.OPEN, Verb.REOPEN) for event in of_list):
        return {"before": None, "insured": any(map(_proves_own_cover, rest))}
    earlier = [event for event in rest if event.seq < of_list[0].seq]
    enrolment = next(event.data["enrolment"] for event in reversed(earlier) if "enrolment" in event.data)
    later = [event for event in rest if event.seq > of_list[0].seq and is_kept(event)]
    return {**restored(_with_answers(fold(earlier), later)), "enrolment": enrolment}


def _with_answers(facts: Facts, later: list[Event]) -> Facts:
    """The facts with what was answered since, as far as it concerns the case as it was."""
    for event in later:
        verb = Verb(event.verb)
        # Without the rule: it was that of a clock which the list may have started.
        said = {name: value for name, value in event.details.items() if name != "rule"}
        happening = Happening(event.on, cast("Details", said), event.evidence, event.reason)
        if not refusal(facts, verb, happening):
            facts = after(facts, verb, happening)
    return facts


def _proves_own_cover(event: Event) -> bool:
    """Whether IMSS said of the case itself that it is covered; not of the cover of another case of the person, which names it."""
    return event.verb == Verb.CONFIRM_VIGENCIA and "cover" not in event.data


def _registry_back(known: dict[str, Any], act: Act) -> None:
    """What only the list had brought; and what it wrote over, where it still stands as the list left it."""
    with whole_list():
        run(_STAGE, known)
    former_values.take_back(act)
    run(_FORGET_ENROLMENTS)
    run(_END_ENROLMENTS)
    for name, (owner, column, kind) in _COLUMNS.items():
        run(
            f"UPDATE students_{owner} x SET {column} = w.old::{kind} FROM roll_wrote w "
            f"WHERE w.name = %(name)s AND x.id = w.{owner}_id AND x.{column}::text = w.new",
            {"name": name},
        )
    matriculas_back.give_back()
    _names_back()
    run(_FORGET_FORMER_VALUES, known)
    run(_FORGET_NSS)
    run(_FORGET_STUDENTS)


_NAMES_CHANGED: Final = "SELECT student_id, name, old, new FROM roll_wrote WHERE name = ANY(%(names)s) ORDER BY student_id"


def _names_back() -> None:
    changed = rows_of(_NAMES_CHANGED, {"names": list(_NAMES)})
    for student_id, changes in groupby(changed, key=lambda row: row[0]):
        student = Student.objects.get(pk=student_id)
        for _, name, old, new in changes:
            if getattr(student, name) == new:
                setattr(student, name, old)
        student.save()
