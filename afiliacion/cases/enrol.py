"""From enrolments to cases: a new stay opens a case, a re-enrolment continues the open one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Max

from afiliacion.cases import history
from afiliacion.cases.bulk import copy_in
from afiliacion.cases.engine import CHUNK, Locked, Move, columns, decide, perform
from afiliacion.cases.facts import Facts, Happening
from afiliacion.cases.models import COLUMNS, Case, Event
from afiliacion.cases.outcome import Actor
from afiliacion.cases.races import settled
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import OPEN_STATES, Verb
from students.models import Enrolment, Student


@dataclass(slots=True)
class Enrolled:
    """Ids of the cases opened and of those continued."""

    opened: list[int] = field(default_factory=list)
    continued: list[int] = field(default_factory=list)


def enrol(enrolments: Sequence[int], *, actor: Actor, now: dt.datetime) -> Enrolled:
    """Give each enrolment (ids) its case: continue the student's open case at the plantel, or open one.

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


class _Wanted(NamedTuple):
    """An enrolment that may need a case, with what its student's record and its term say."""

    id: int
    student_id: int
    plantel_id: int
    ciclo_id: int
    grupo: str
    enrolled_on: dt.date
    starts_on: dt.date
    nss: str | None
    birth_date: dt.date
    name_order: str


_READ: Final = (
    "id", "student_id", "plantel_id", "ciclo_id", "grupo", "enrolled_on", "ciclo__starts_on", "student__nss", "student__birth_date",
    "student__name_order",
)  # fmt: skip


def _enrol_chunk(ids: Sequence[int], actor: Actor, now: dt.datetime) -> Enrolled:
    # Lock the students: two lists with the same person at once must not open two cases.
    who = Enrolment.objects.filter(pk__in=ids).values("student")
    list(Student.objects.filter(pk__in=who).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    found = Enrolment.objects.filter(pk__in=ids, status__in=Enrolment.ENTITLED, cases__isnull=True)
    rows = found.order_by("student_id", "pk").values_list(*_READ)
    wanted = [_Wanted(*row) for row in rows]
    students = {e.student_id for e in wanted}
    latest = _latest_terms(students)
    wanted = [e for e in wanted if e.starts_on > latest.get((e.student_id, e.plantel_id), dt.date.min)]
    open_case = {
        (student_id, plantel_id): case_id
        for case_id, student_id, plantel_id in Case.objects.filter(student__in=students, state__in=OPEN_STATES).values_list(
            "id", "student_id", "plantel_id"
        )
    }
    fresh = [e for e in wanted if (e.student_id, e.plantel_id) not in open_case]
    again = {open_case[e.student_id, e.plantel_id]: e for e in wanted if (e.student_id, e.plantel_id) in open_case}
    return Enrolled(_open(fresh, actor, now), _continue(again, actor, now))


def _latest_terms(students: Collection[int]) -> dict[tuple[int, int], dt.date]:
    """(student, plantel) -> first day of the latest term any of their cases is about."""
    known = Case.objects.filter(student__in=students).values_list("student_id", "plantel_id")
    return {(s, p): last for s, p, last in known.annotate(last=Max("enrolment__ciclo__starts_on")).order_by()}


_EVENT: Final = [str(field.column) for field in Event._meta.concrete_fields if not field.primary_key]
_CASE: Final = (
    "id", "student_id", "plantel_id", "enrolment_id", "ciclo_id", "grupo", "name_order", "version", "head_hash", *COLUMNS,
)  # fmt: skip


def _open(enrolments: Sequence[_Wanted], actor: Actor, now: dt.datetime) -> list[int]:
    """Open a case each. Whole terms are born on few dates, so each kind of birth is decided once and then written many times."""
    schedule, events, cases = Schedule(), [], []
    births: dict[tuple[int, dt.date, bool], _Birth] = {}
    ids = _new_ids(len(enrolments))
    for case_id, e in zip(ids, enrolments, strict=True):
        kind = (e.plantel_id, e.enrolled_on, e.nss is None)
        birth = births.get(kind) or births.setdefault(kind, _Birth(_decided(e, schedule, actor, now)))
        event, head = birth.event(case_id, {"nss": e.nss or "", "enrolment": e.id})
        events.append(event)
        cases.append((case_id, e.student_id, e.plantel_id, e.id, e.ciclo_id, e.grupo, e.name_order, 1, head, *birth.columns))
    # The trigger on cases looks for the events, so they come first.
    copy_in(Event._meta.db_table, _EVENT, events)
    copy_in(Case._meta.db_table, _CASE, cases)
    return ids


def _decided(e: _Wanted, schedule: Schedule, actor: Actor, now: dt.datetime) -> Move:
    """The opening of a case for this enrolment, as any verb's step is decided."""
    blank = Locked(0, e.student_id, e.plantel_id, e.id, 0, "", e.nss, e.birth_date, Facts())
    return decide(blank, Verb.OPEN, Happening(e.enrolled_on, {"nss": e.nss or "", "enrolment": e.id}), schedule, actor, now)


class _Birth:
    """A decided opening, to be written for every case that is born in the same way: only who it is about differs."""

    def __init__(self, move: Move) -> None:
        self._like = move.event
        self._content = history.content(move.event)
        self.columns = [json.dumps(value) if isinstance(value, tuple) else value for value in columns(move)]

    def event(self, case_id: int, particulars: dict[str, Any]) -> tuple[list[Any], str]:
        """The row of the event (in the order of _EVENT) and its hash."""
        like, data = self._like, {**self._like.data, **particulars}
        content = [case_id, *self._content[1:]]
        content[history.DATA] = data
        sealed = history.digest(content)
        row = [
            case_id, like.seq, like.verb, like.from_state, like.to_state, like.on, like.at, like.actor_kind, like.actor_id, like.actor_name,
            like.reason, json.dumps(data), like.evidence, like.prev_hash, sealed,
        ]  # fmt: skip
        return row, sealed


def _continue(cases: dict[int, _Wanted], actor: Actor, now: dt.datetime) -> list[int]:
    happenings = {case_id: Happening(e.enrolled_on, {"enrolment": e.id}) for case_id, e in cases.items()}
    return perform(Verb.CONTINUE, happenings, actor=actor, now=now).done


def _new_ids(n: int) -> list[int]:
    """Case ids before the rows exist: the first event's hash covers the id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(s) FROM pg_get_serial_sequence('cases_case', 'id') s, generate_series(1, %s)", [n])
        return [row[0] for row in cursor.fetchall()]
