"""From enrolments to cases: a new stay opens a case, a re-enrolment continues the open one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import methodcaller
from typing import Any, Final

from django.db import connection

from afiliacion.cases import history
from afiliacion.cases.engine import Locked, columns, decide, perform
from afiliacion.cases.facts import Facts, Happening
from afiliacion.cases.models import COLUMNS, Event
from afiliacion.cases.outcome import Actor
from afiliacion.cases.races import settled
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import OPEN_STATES, Verb
from students.models import Enrolment

#: Enrolments looked at in one transaction: a birth costs little, and nobody waits for a case that is not there yet.
CHUNK: Final = 10_000


@dataclass(slots=True)
class Enrolled:
    """Ids of the cases opened and of those continued."""

    opened: list[int] = field(default_factory=list)
    continued: list[int] = field(default_factory=list)


def enrol(enrolments: Sequence[int], *, actor: Actor, now: dt.datetime) -> Enrolled:
    """Give each enrolment (ids, all of one term) its case: continue the student's open case at the plantel, or open one.

    Left as they are: enrolments that already have a case, or whose status gives no right to cover (baja, egreso…), or of a
    term before the one the student's last case is about. So calling it again changes nothing.
    """
    result = Enrolled()
    ids = sorted(set(enrolments))
    for start in range(0, len(ids), CHUNK):
        done = settled(partial(_enrol_chunk, ids[start : start + CHUNK], actor, now))
        result.opened += done.opened
        result.continued += done.continued
    return result


# Two lists with the same person at once must not open two cases.
_LOCK: Final = """
SELECT FROM students_student s WHERE s.id IN (SELECT e.student_id FROM students_enrolment e WHERE e.id = ANY(%(ids)s))
ORDER BY s.id FOR UPDATE
"""
# Each enrolment that may need a case, with the open case it continues, or the id of the one it opens: the first event's hash covers it.
# OFFSET 0, + 0: the open case is looked up by its student, whatever old statistics say of planteles and states.
_WANTED: Final = """
DROP TABLE IF EXISTS pg_temp.cases_wanted;
CREATE TEMP TABLE cases_wanted ON COMMIT DROP AS
SELECT e.id AS enrolment_id, e.student_id, e.plantel_id, e.ciclo_id, e.grupo, e.enrolled_on, s.nss, s.name_order, o.id AS open_id,
       CASE WHEN o.id IS NULL THEN nextval(pg_get_serial_sequence('cases_case', 'id')) END AS case_id
FROM students_enrolment e JOIN students_student s ON s.id = e.student_id JOIN students_ciclo t ON t.id = e.ciclo_id
LEFT JOIN LATERAL (
  SELECT o.id FROM cases_case o WHERE o.student_id = e.student_id AND o.plantel_id + 0 = e.plantel_id AND o.state = ANY(%(open)s) OFFSET 0
) o ON true
WHERE e.id = ANY(%(ids)s) AND e.status = ANY(%(entitled)s) AND NOT EXISTS (SELECT FROM cases_case c WHERE c.enrolment_id = e.id)
  AND t.starts_on > ALL (SELECT l.starts_on FROM cases_case c JOIN students_ciclo l ON l.id = c.ciclo_id
                         WHERE c.student_id = e.student_id AND c.plantel_id = e.plantel_id)
ORDER BY e.student_id, e.id
"""
_AGAIN: Final = "SELECT open_id, enrolled_on, enrolment_id FROM cases_wanted WHERE open_id IS NOT NULL"
_KINDS: Final = "SELECT DISTINCT plantel_id, enrolled_on, nss IS NOT NULL FROM cases_wanted WHERE open_id IS NULL"
_OPENED: Final = "SELECT case_id FROM cases_wanted WHERE open_id IS NULL"


def _enrol_chunk(ids: list[int], actor: Actor, now: dt.datetime) -> Enrolled:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"ids": ids})
        cursor.execute(_WANTED, {"ids": ids, "entitled": list(Enrolment.ENTITLED), "open": sorted(OPEN_STATES)})
        cursor.execute(_AGAIN)
        again = {case_id: Happening(on, {"enrolment": enrolment}) for case_id, on, enrolment in cursor.fetchall()}
        opened = _open(cursor, actor, now)
    return Enrolled(opened, perform(Verb.CONTINUE, again, actor=actor, now=now).done)


#: Stands for what differs between births; no text of the database can hold it.
_PARTICULAR: Final = "\0"
# Every case of one kind of birth is written from one row; only who it is about differs.
_BORN: Final = """
INSERT INTO {table} ({own}, {shared}) SELECT {particulars}, {born}
FROM cases_wanted w JOIN (
  SELECT k.at_plantel, k.born_on, k.with_nss, k.sealed, r.* FROM jsonb_to_recordset(%(births)s)
    AS k(at_plantel bigint, born_on date, with_nss bool, sealed text[], cases_event jsonb, cases_case jsonb),
    jsonb_populate_record(NULL::{table}, k.{table}) r
  OFFSET 0
) b ON b.at_plantel = w.plantel_id AND b.born_on = w.enrolled_on AND b.with_nss = (w.nss IS NOT NULL)
WHERE w.open_id IS NULL
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
    data="b.data || jsonb_build_object('nss', coalesce(w.nss, ''), 'enrolment', w.enrolment_id)",
    hash="encode(sha256(convert_to(b.sealed[1] || w.case_id || b.sealed[2] || w.enrolment_id || b.sealed[3]"
    """ || coalesce('"' || w.nss || '"' || b.sealed[4], ''), 'UTF8')), 'hex')""",
)  # fmt: skip
_CASES_BORN: Final = _written(
    "cases_case", COLUMNS, id="w.case_id", student_id="w.student_id", plantel_id="w.plantel_id", enrolment_id="w.enrolment_id",
    ciclo_id="w.ciclo_id", grupo="w.grupo", name_order="w.name_order", version="1",
    head_hash="(SELECT v.hash FROM cases_event v WHERE v.case_id = w.case_id)",
)  # fmt: skip


def _open(cursor: Any, actor: Actor, now: dt.datetime) -> list[int]:
    """Open a case for each that has none. Whole terms are born on few dates, so each kind of birth is decided once."""
    cursor.execute(_KINDS)
    kinds, schedule = cursor.fetchall(), Schedule()
    births = json.dumps([_birth(p, on, nss, schedule, actor, now) for p, on, nss in kinds], default=methodcaller("isoformat"))
    # The trigger on cases looks for the events, so they come first.
    cursor.execute(_EVENTS_BORN, {"births": births})
    cursor.execute(_CASES_BORN, {"births": births})
    cursor.execute(_OPENED)
    return [row[0] for row in cursor.fetchall()]


def _birth(plantel_id: int, on: dt.date, has_nss: bool, schedule: Schedule, actor: Actor, now: dt.datetime) -> dict[str, Any]:
    """How the cases of one kind are born, decided as any verb's step is: rows without the particulars, and the sealed text around them."""
    blank = Locked(0, 0, plantel_id, 0, 0, "", None, dt.date.min, Facts())
    happening = Happening(on, {"nss": _PARTICULAR if has_nss else "", "enrolment": _PARTICULAR})
    move = decide(blank, Verb.OPEN, happening, schedule, actor, now)
    event = {str(field.column): getattr(move.event, field.attname) for field in Event._meta.concrete_fields}
    content = [_PARTICULAR, *history.content(move.event)[1:]]
    return {
        "at_plantel": plantel_id, "born_on": on, "with_nss": has_nss,
        "sealed": history.canonical(content).split(json.dumps(_PARTICULAR)),
        "cases_event": {**event, "data": {name: value for name, value in event["data"].items() if value != _PARTICULAR}},
        "cases_case": dict(zip(COLUMNS, columns(move), strict=True)),
    }  # fmt: skip
