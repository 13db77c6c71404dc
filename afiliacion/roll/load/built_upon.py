"""What has been built upon an import, so that it cannot be undone: people's steps, movements sent, lists loaded later.

What the night did by itself (questions to IMSS that were answered, alerts, due dates moved) blocks nothing.
"""

# ruff: noqa: S608 - every statement is of our own words; values are parameters

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Actor, ActorKind
from afiliacion.cases.states import Verb
from afiliacion.database.statements import rows_of, whole_list
from afiliacion.roll.check.persons import WRITTEN
from afiliacion.roll.check.sharing import foreign, mine
from afiliacion.roll.load import matriculas_back, without_curp
from afiliacion.roll.load.writing import NOT_PERSONAL
from afiliacion.roll.models import Import


class Since(Enum):
    """What a step taken after a list was loaded means for undoing the list."""

    #: A step of an officer or a student, or a movement, which IMSS has even if the night sent it. The list stays.
    BLOCKS = auto()
    #: What IMSS answers; if a person noted it, as BLOCKS. Otherwise the list is undone around it, and what was answered is kept.
    ANSWER = auto()
    #: The office's own note about a clock, or another list taken back: goes with the list.
    NOTE = auto()


V = Verb
SINCE: Final[Mapping[Verb, Since]] = {
    V.OPEN: Since.BLOCKS, V.REOPEN: Since.BLOCKS, V.CONTINUE: Since.BLOCKS, V.OBTAIN_NSS: Since.ANSWER, V.CORRECT_NSS: Since.BLOCKS,
    V.DISOWN_NSS: Since.BLOCKS, V.DELIVER_ACUSE: Since.BLOCKS, V.RETRACT_ACUSE: Since.BLOCKS, V.SEND_ALTA: Since.BLOCKS,
    V.CONFIRM_VIGENCIA: Since.ANSWER, V.MISS_VIGENCIA: Since.ANSWER, V.REJECT_ALTA: Since.ANSWER, V.ESCALATE: Since.ANSWER,
    V.FILE_AT_DESK: Since.BLOCKS, V.RETURN: Since.BLOCKS, V.RENOUNCE: Since.BLOCKS, V.WITHDRAW_RENUNCIA: Since.BLOCKS,
    V.LEAVE: Since.BLOCKS, V.SEND_BAJA: Since.BLOCKS, V.OPERATE_BAJA: Since.ANSWER, V.REJOIN: Since.BLOCKS,
    V.NOTE_COVERAGE: Since.ANSWER, V.NOTE_CLINIC: Since.BLOCKS, V.RECEIVE_PAPERS: Since.BLOCKS, V.VERIFY_PAPERS: Since.BLOCKS,
    V.REJECT_PAPERS: Since.BLOCKS, V.RETRACT_PAPERS: Since.BLOCKS, V.HOLD: Since.BLOCKS, V.RELEASE: Since.BLOCKS,
    V.UNDO_LOAD: Since.NOTE, V.RESCHEDULE: Since.NOTE, V.ALERT: Since.NOTE,
    V.CORRECT_PERSON: Since.BLOCKS, V.RETRACT_CORRECTION: Since.BLOCKS, V.UNIFY_NSS: Since.BLOCKS, V.UNDO_LEAVE: Since.BLOCKS,
    V.RETRACT_FILING: Since.BLOCKS, V.WANT_MORE: Since.BLOCKS, V.RETRACT_WANT_MORE: Since.BLOCKS, V.REJECT_BAJA: Since.ANSWER,
    V.DECLARE_COVER: Since.BLOCKS, V.RETRACT_COVER: Since.BLOCKS, V.RETRACT_MOVE: Since.BLOCKS, V.LOSE_ALTA: Since.ANSWER,
    V.OWE_BAJA: Since.NOTE, V.DROP_BAJA: Since.NOTE, V.MERGE: Since.BLOCKS, V.RETRACT_MERGE: Since.BLOCKS,
    V.RETRACT_ANSWER: Since.BLOCKS, V.CORRECT_ENROLMENT: Since.BLOCKS,
}  # fmt: skip
#: Who acts without a person.
AUTOMATIC: Final = (ActorKind.NIGHT, ActorKind.IMSS)
_BLOCKING: Final = {
    "blocking": [verb.value for verb, since in SINCE.items() if since is Since.BLOCKS],
    "answers": [verb.value for verb, since in SINCE.items() if since is Since.ANSWER],
    "automatic": [kind.value for kind in AUTOMATIC],
}


def is_kept(event: Event) -> bool:
    """Whether what an event after the list's says stays true once the list is undone: what IMSS answered."""
    return event.actor_kind in AUTOMATIC and SINCE[Verb(event.verb)] is Since.ANSWER


_ALSO_IN: Final = "También viene en «{}»"
_ACCEPTED: Final = "Solicitud aceptada"
_TAKEN: Final = "Su matrícula anterior ya es de otro alumno"
_ENROLLED: Final = "Después lo inscribió otro plantel, con visto bueno"

# The import's own events are those of its chunks: same moment, same actor.
OURS: Final = "{event}.at = k.applied_at AND {event}.actor_kind = 'import' AND {event}.actor_name = %(actor)s"
_TOUCHED: Final = f"""
FROM roll_chunk k
JOIN roll_row r ON r.job_id = k.job_id AND r.line BETWEEN k.first_line AND k.last_line AND r.to_do
CROSS JOIN LATERAL (SELECT s.id FROM students_student s WHERE s.id = {WRITTEN} OFFSET 0) s
JOIN cases_case c ON c.student_id = s.id
WHERE k.job_id = %(job)s AND k.applied_at IS NOT NULL AND k.undone_at IS NULL AND k.number BETWEEN %(first)s AND %(last)s
  AND EXISTS (SELECT FROM cases_event o WHERE o.case_id = c.id AND {OURS.format(event="o")})
"""
# The last step since that blocks; not one of another list that was undone too.
_LAST_STEP: Final = f"""
  SELECT v.verb, v.actor_name, v.at FROM cases_event v
  WHERE v.case_id = c.id AND NOT ({OURS.format(event="v")})
    AND v.seq > (SELECT min(o.seq) FROM cases_event o WHERE o.case_id = c.id AND {OURS.format(event="o")})
    AND (v.verb = ANY(%(blocking)s) OR v.verb = ANY(%(answers)s) AND v.actor_kind <> ALL(%(automatic)s))
    AND NOT (v.actor_kind = 'import' AND EXISTS (SELECT FROM roll_chunk u WHERE u.applied_at = v.at AND u.undone_at IS NOT NULL))
  ORDER BY v.seq DESC LIMIT 1
"""
_MOVED: Final = f"""
SELECT r.line, r.matricula, c.id, v.verb, v.actor_name, v.at
{_TOUCHED.replace("WHERE k.", f"CROSS JOIN LATERAL ({_LAST_STEP}) v WHERE k.", 1)}
ORDER BY r.line
"""
LOCK_TOUCHED: Final = f"SELECT p.id FROM students_student p WHERE p.id IN (SELECT s.id {_TOUCHED}) ORDER BY p.id FOR NO KEY UPDATE"
TOUCHED_CASES: Final = f"SELECT c.id {_TOUCHED} ORDER BY c.id FOR UPDATE OF c"
# Rows that others agreed to (consent.py), or whose person others have enrolled since an officer's list brought them or changed their data.
_AGREED: Final = """
SELECT q.line, q.payload ->> 'matricula', q.case_id, q.decided_name, q.decided_at FROM cases_consentrequest q
WHERE q.list_id = %(job)s AND q.status = 'accepted' ORDER BY q.line LIMIT %(most)s
"""
_SHARED_SINCE: Final = f"""
SELECT r.line, r.matricula, k.applied_at FROM roll_chunk k
JOIN roll_row r ON r.job_id = k.job_id AND r.line BETWEEN k.first_line AND k.last_line AND r.to_do
CROSS JOIN LATERAL (SELECT s.id FROM students_student s WHERE s.id = {WRITTEN} OFFSET 0) s
WHERE k.job_id = %(job)s AND k.applied_at IS NOT NULL AND k.undone_at IS NULL AND k.number BETWEEN %(first)s AND %(last)s
  AND {mine("s.id")} AND {foreign("s.id")}
  AND (r.kind = 'new' AND NOT r.known OR EXISTS (
    SELECT FROM roll_change c WHERE c.job_id = r.job_id AND c.line = r.line AND NOT c.kept AND c."column" <> ALL(%(not_personal)s)))
  AND NOT EXISTS (SELECT FROM cases_consentrequest q WHERE q.list_id = k.job_id AND q.line = r.line)
ORDER BY r.line LIMIT %(most)s
"""
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


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that was worked on since the list was loaded; or a row that a list loaded later (`list_id`) brings too."""

    line: int
    matricula: str
    case_id: int | None
    what: str
    who: str
    at: dt.datetime
    list_id: int | None = None


def moved(job: Import, actor: Actor, most: int, *, first: int = 0, last: int = 2**31 - 1) -> list[Moved]:
    """The first cases built upon since, so that the import cannot be undone; of these chunks (numbers). `actor`: who loaded it."""
    known = {
        "job": job.pk, "plantel": job.plantel_id, "ciclo": job.ciclo_id, "actor": actor.name, "first": first, "last": last, "most": most,
        **_BLOCKING,
    }  # fmt: skip
    rows = rows_of(f"{_MOVED} LIMIT %(most)s", known)
    found = [Moved(line, matricula or "", case, Verb(verb).label, who, at) for line, matricula, case, verb, who, at in rows]
    return (found or _matricula_taken(known) or _without_curp(known) or _by_consent(job, known))[:most]


def _matricula_taken(known: dict[str, Any]) -> list[Moved]:
    return [Moved(line, matricula, case, _TAKEN, "", at) for line, matricula, case, at in matriculas_back.taken(known)]


def _without_curp(known: dict[str, Any]) -> list[Moved]:
    return [Moved(line, matricula, None, what, who, at) for line, matricula, what, who, at in without_curp.touched(known)]


def _by_consent(job: Import, known: dict[str, Any]) -> list[Moved]:
    """Rows that other planteles agreed to or have built upon."""
    found = [Moved(line, matricula or "", case, _ACCEPTED, who, at) for line, matricula, case, who, at in rows_of(_AGREED, known)]
    if job.own is None:
        return found
    shared = {
        **known,
        "everywhere": False,
        "own": sorted({job.plantel_id, *job.own}),
        "not_personal": [name for name in NOT_PERSONAL if name != "nss"],
    }
    return found + [Moved(line, matricula or "", None, _ENROLLED, "", at) for line, matricula, at in rows_of(_SHARED_SINCE, shared)]


def also_brought(job: Import, most: int) -> list[Moved]:
    """The first rows that a list loaded later brings too: it was read beside what this one had written, so it goes first."""
    known = {"job": job.pk, "plantel": job.plantel_id, "ciclo": job.ciclo_id, "confirmed": job.confirmed_at, "most": most}
    later = [pk for (pk,) in rows_of(_LATER, known)]
    if not later:
        return []
    with whole_list():
        rows = rows_of(_ALSO, {**known, "later": later})
    here = Case.objects.filter(plantel=job.plantel_id, student__curp__in=[row[2] for row in rows])
    cases = dict(here.order_by("pk").values_list("student__curp", "pk"))
    return [
        Moved(line, matricula or "", cases.get(curp), _ALSO_IN.format(filename), who, at, list_id)
        for line, matricula, curp, list_id, filename, who, at in rows
    ] + [
        Moved(line, matricula, None, _ALSO_IN.format(filename), who, at, list_id)
        for line, matricula, list_id, filename, who, at in without_curp.also_brought({**known, "later": later})
    ]
