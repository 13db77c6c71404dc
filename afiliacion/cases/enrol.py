"""Open or continue a case for each enrolment: the first of a stay opens one, a re-enrolment continues the open one.

What a list had opened that was undone since is opened again, and counts as opened: it is as if the list were loaded the first time.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import methodcaller
from typing import Any, Final, cast

from django.db import connection

from afiliacion.cases.engine import Locked, Move, columns, decide, perform
from afiliacion.cases.facts import Details, Facts, Happening
from afiliacion.cases.history import chain
from afiliacion.cases.models import COLUMNS, Event
from afiliacion.cases.outcome import Act
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import OPEN_STATES, Verb
from afiliacion.database.retry import retry_on_conflict
from students.models import Enrolment

#: Is told, in their transaction, which cases (ids) were opened (insurance/follow.py).
FOLLOWERS: Final[list[Callable[[list[int], Act], None]]] = []

#: Enrolments per transaction. More than the CHUNK of verbs: opening a case costs little, and no other transaction waits for a new row.
CHUNK: Final = 10_000


@dataclass(slots=True)
class Enrolled:
    """Ids of the cases opened and of those continued."""

    opened: list[int] = field(default_factory=list)
    continued: list[int] = field(default_factory=list)


def enrol(enrolments: Sequence[int], *, act: Act) -> Enrolled:
    """Give each enrolment (ids, all of one ciclo) its case: continue the student's open case at the plantel, or open one (or open again
    the one that an undone list had opened for it).

    Left as they are: enrolments that have or had a case, or whose status gives no right to cover (baja, egreso…), or of a
    ciclo before the one the student's last case is about. So calling it again changes nothing.
    """
    result = Enrolled()
    ids = sorted(set(enrolments))
    for start in range(0, len(ids), CHUNK):
        done = retry_on_conflict(partial(_enrol_chunk, ids[start : start + CHUNK], act))
        result.opened += done.opened
        result.continued += done.continued
    return result


#: Placeholder for the values that differ between births; no text of the database can contain it.
_PARTICULAR: Final = "\0"
#: The text of a birth with an NSS, as SQL writes its canonical JSON.
_PAYLOAD: Final = "'" + chain.canonical({"nss": _PARTICULAR}).replace(json.dumps(_PARTICULAR), "\"' || nss || '\"") + "'"
# Two lists with the same person at once must not open two cases.
_LOCK: Final = """
SELECT FROM students_student s WHERE s.id IN (SELECT e.student_id FROM students_enrolment e WHERE e.id = ANY(%(ids)s))
ORDER BY s.id FOR UPDATE
"""
# Of two ciclos that begin on one day neither is the earlier one: the last to come has the case, and the other does not take it back.
_HAD: Final = """l.starts_on = t.starts_on AND EXISTS (
    SELECT FROM cases_event v WHERE v.case_id = c.id AND v.verb IN ('open', 'continue') AND (v.data ->> 'enrolment')::bigint = e.id)"""
# Each enrolment that may need a case, with the open case it continues, or the id of the one it opens: the first event's hash covers it.
# OFFSET 0, + 0: the open case is looked up by its student, whatever old statistics say of planteles and states.
# Of one it opens for a student with an NSS, the salt of the event's text and the commitment to it (history.commitment).
_WANTED: Final = f"""
DROP TABLE IF EXISTS pg_temp.cases_wanted;
CREATE TEMP TABLE cases_wanted ON COMMIT DROP AS
SELECT w.*, encode(sha256(convert_to(salt || {_PAYLOAD}, 'UTF8')), 'hex') AS commitment FROM (
SELECT e.id AS enrolment_id, e.student_id, e.plantel_id, e.ciclo_id, e.grupo, e.enrolled_on, s.nss, s.name_order, o.id AS open_id,
       u.id AS undone_id,
       CASE WHEN o.id IS NULL AND u.id IS NULL THEN nextval(pg_get_serial_sequence('cases_case', 'id')) END AS case_id,
       CASE WHEN o.id IS NULL AND u.id IS NULL AND s.nss IS NOT NULL THEN gen_random_uuid() END AS salt
FROM students_enrolment e JOIN students_student s ON s.id = e.student_id JOIN students_ciclo t ON t.id = e.ciclo_id
LEFT JOIN LATERAL (
  SELECT o.id FROM cases_case o WHERE o.student_id = e.student_id AND o.plantel_id + 0 = e.plantel_id AND o.state = ANY(%(open)s) OFFSET 0
) o ON true
LEFT JOIN LATERAL (SELECT u.id FROM cases_case u WHERE u.enrolment_id = e.id AND u.baja_kind = 'deshecha' LIMIT 1) u ON true
WHERE e.id = ANY(%(ids)s) AND e.status = ANY(%(entitled)s)
  AND NOT EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = e.id AND c.baja_kind <> 'deshecha')
  AND NOT EXISTS (SELECT FROM cases_case c JOIN students_ciclo l ON l.id = c.ciclo_id
                  WHERE c.student_id = e.student_id AND c.plantel_id = e.plantel_id AND c.baja_kind <> 'deshecha'
                    AND (l.starts_on > t.starts_on OR {_HAD}))
ORDER BY e.student_id, e.id) w
"""  # noqa: S608 - our own text
_AGAIN: Final = "SELECT open_id, enrolled_on, enrolment_id, plantel_id FROM cases_wanted WHERE open_id IS NOT NULL"
_ONCE_MORE: Final = """
SELECT undone_id, enrolled_on, enrolment_id, plantel_id, nss FROM cases_wanted WHERE open_id IS NULL AND undone_id IS NOT NULL
"""
_KINDS: Final = "SELECT DISTINCT plantel_id, enrolled_on, nss IS NOT NULL FROM cases_wanted WHERE case_id IS NOT NULL"
_OPENED: Final = "SELECT case_id FROM cases_wanted WHERE case_id IS NOT NULL"


def _enrol_chunk(ids: list[int], act: Act) -> Enrolled:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"ids": ids})
        cursor.execute(_WANTED, {"ids": ids, "entitled": list(Enrolment.ENTITLED), "open": sorted(OPEN_STATES)})
        cursor.execute(_AGAIN)
        rows, schedule = cursor.fetchall(), Schedule()
        again = {case_id: Happening(on, _brought(enrolment, plantel, schedule, act)) for case_id, on, enrolment, plantel in rows}
        cursor.execute(_ONCE_MORE)
        undone = {
            case_id: Happening(on, {"nss": nss or "", **_brought(enrolment, plantel, schedule, act)})
            for case_id, on, enrolment, plantel, nss in cursor.fetchall()
        }
        opened = _open(cursor, schedule, act)
    for follow in FOLLOWERS if opened else ():
        follow(opened, act)
    opened += perform(Verb.REOPEN, undone, act=act).done
    return Enrolled(opened, perform(Verb.CONTINUE, again, act=act).done)


def entitle(moves: Sequence[Move]) -> None:
    """A student whose case is open again has the right to cover: the enrolments say so. An effect (engine.perform) of REJOIN."""
    enrolments = Enrolment.objects.filter(pk__in=[move.happening.data["enrolment"] for move in moves])
    enrolments.exclude(status__in=Enrolment.ENTITLED).update(status=Enrolment.Status.ACTIVO)


def _brought(enrolment: int, plantel_id: int, schedule: Schedule, act: Act) -> Details:
    """What a list brings to a case: the enrolment (id), and the day it is at the plantel."""
    return {"enrolment": enrolment, "recorded_on": schedule.day(plantel_id, act.now).isoformat()}


# All cases of one kind of birth are written from one row; only the ids differ. Saves a row per case on its way through Python.
_BORN: Final = """
INSERT INTO {table} ({own}, {shared}) SELECT {particulars}, {born}
FROM cases_wanted w JOIN (
  SELECT k.at_plantel, k.born_on, k.with_nss, k.sealed, r.* FROM jsonb_to_recordset(%(births)s)
    AS k(at_plantel bigint, born_on date, with_nss bool, sealed text[], cases_event jsonb, cases_case jsonb),
    jsonb_populate_record(NULL::{table}, k.{table}) r
  OFFSET 0
) b ON b.at_plantel = w.plantel_id AND b.born_on = w.enrolled_on AND b.with_nss = (w.nss IS NOT NULL)
WHERE w.case_id IS NOT NULL
"""


def _written(table: str, shared: Sequence[str], **particulars: str) -> str:
    names = [connection.ops.quote_name(name) for name in shared]
    return _BORN.format(
        table=table, own=", ".join(particulars), particulars=", ".join(particulars.values()),
        shared=", ".join(names), born=", ".join(f"b.{name}" for name in names),
    )  # fmt: skip


_OWN_TO_EVENT: Final = ("id", "case_id", "data", "hash")
_EVENTS_BORN: Final = _written(
    "cases_event", [str(field.column) for field in Event._meta.concrete_fields if field.column not in _OWN_TO_EVENT],
    case_id="w.case_id",
    data="b.data || CASE WHEN w.commitment IS NULL THEN jsonb_build_object('enrolment', w.enrolment_id) "
    "ELSE jsonb_build_object('enrolment', w.enrolment_id, 'commitment', w.commitment) END",
    hash="""encode(sha256(convert_to(b.sealed[1] || w.case_id || b.sealed[2] || coalesce('"' || w.commitment || '"' || b.sealed[4], '')"""
    " || w.enrolment_id || b.sealed[3], 'UTF8')), 'hex')",
)  # fmt: skip
# No row for a birth without NSS: its event has no text.
_DETAILS_BORN: Final = """
INSERT INTO cases_eventdetail (case_id, seq, salt, payload)
SELECT case_id, 1, salt, jsonb_build_object('nss', nss) FROM cases_wanted WHERE salt IS NOT NULL
"""
_CASES_BORN: Final = _written(
    "cases_case", COLUMNS, id="w.case_id", student_id="w.student_id", plantel_id="w.plantel_id", enrolment_id="w.enrolment_id",
    ciclo_id="w.ciclo_id", grupo="w.grupo", name_order="w.name_order", version="1",
    head_hash="(SELECT v.hash FROM cases_event v WHERE v.case_id = w.case_id)",
)  # fmt: skip


def _open(cursor: Any, schedule: Schedule, act: Act) -> list[int]:
    """Open a case for each enrolment without one. A list has few enrolment dates, so each kind of birth is decided once."""
    cursor.execute(_KINDS)
    births = json.dumps([_birth(p, on, nss, schedule, act) for p, on, nss in cursor.fetchall()], default=methodcaller("isoformat"))
    # Events before cases: the trigger on cases looks for them.
    cursor.execute(_EVENTS_BORN, {"births": births})
    cursor.execute(_DETAILS_BORN)
    cursor.execute(_CASES_BORN, {"births": births})
    cursor.execute(_OPENED)
    return [row[0] for row in cursor.fetchall()]


def _birth(plantel_id: int, on: dt.date, has_nss: bool, schedule: Schedule, act: Act) -> dict[str, Any]:
    """The rows of one kind of birth, decided as any step is, without the values that differ, and the hashed text around these."""
    blank = Locked(0, 0, plantel_id, 0, 0, "", None, dt.date.min, Facts())
    recorded_on = schedule.day(plantel_id, act.now).isoformat()
    happening = Happening(on, {"nss": _PARTICULAR if has_nss else "", "enrolment": cast("int", _PARTICULAR), "recorded_on": recorded_on})
    move = decide(blank, Verb.OPEN, happening, schedule, act)
    event = move.event._asdict()
    if has_nss:
        event["data"]["commitment"] = _PARTICULAR
    content = chain.canonical([_PARTICULAR, *chain.content(move.event)[1:]])
    # In the order of canonical JSON: the case, the commitment, the enrolment. The text between the last two comes last: only some have it.
    head, *middle, before, tail = content.split(json.dumps(_PARTICULAR))
    return {
        "at_plantel": plantel_id, "born_on": on, "with_nss": has_nss,
        "sealed": [head, *middle, tail, before] if has_nss else [head, before, tail],
        "cases_event": {**event, "data": {name: value for name, value in event["data"].items() if value != _PARTICULAR}},
        "cases_case": dict(zip(COLUMNS, columns(move), strict=True)),
    }  # fmt: skip
