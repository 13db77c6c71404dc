"""From enrolments to cases: a new stay opens a case, a re-enrolment continues the open one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db import connection
from django.db.models import Max

from afiliacion.cases.bulk import insert_rows
from afiliacion.cases.engine import CHUNK, Locked, Move, columns, decide, perform, record
from afiliacion.cases.facts import Facts, Happening
from afiliacion.cases.models import COLUMNS, Case
from afiliacion.cases.outcome import Actor
from afiliacion.cases.races import settled
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import OPEN_STATES, Verb
from students.models import Enrolment


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


def _enrol_chunk(ids: Sequence[int], actor: Actor, now: dt.datetime) -> Enrolled:
    # Lock the students: two lists with the same person at once must not open two cases.
    wanted = list(
        Enrolment.objects.filter(pk__in=ids, status__in=Enrolment.ENTITLED, cases__isnull=True)
        .select_related("student", "ciclo")
        .select_for_update(of=("student",))
        .order_by("student_id", "pk")
    )
    latest = _latest_terms(wanted)
    wanted = [e for e in wanted if e.ciclo.starts_on > latest.get((e.student_id, e.plantel_id), dt.date.min)]
    open_case = {
        (student_id, plantel_id): case_id
        for case_id, student_id, plantel_id in Case.objects.filter(
            student__in={e.student_id for e in wanted}, state__in=OPEN_STATES
        ).values_list("id", "student_id", "plantel_id")
    }
    fresh = [e for e in wanted if (e.student_id, e.plantel_id) not in open_case]
    again = {open_case[e.student_id, e.plantel_id]: e for e in wanted if (e.student_id, e.plantel_id) in open_case}
    return Enrolled(_open(fresh, actor, now), _continue(again, actor, now))


def _latest_terms(enrolments: Sequence[Enrolment]) -> dict[tuple[int, int], dt.date]:
    """(student, plantel) -> first day of the latest term any of their cases is about."""
    known = Case.objects.filter(student__in={e.student_id for e in enrolments}).values_list("student_id", "plantel_id")
    return {(s, p): last for s, p, last in known.annotate(last=Max("enrolment__ciclo__starts_on")).order_by()}


def _open(enrolments: Sequence[Enrolment], actor: Actor, now: dt.datetime) -> list[int]:
    schedule = Schedule()
    moves = []
    for case_id, enrolment in zip(_new_ids(len(enrolments)), enrolments, strict=True):
        student = enrolment.student
        blank = Locked(case_id, student.pk, enrolment.plantel_id, enrolment.pk, 0, "", student.nss, student.birth_date, Facts())
        data = {"nss": student.nss or "", "enrolment": enrolment.pk}
        moves.append(decide(blank, Verb.OPEN, Happening(enrolment.enrolled_on, data), schedule, actor, now))
    record(moves)
    insert_rows([_as_case(move) for move in moves])
    return [move.case.id for move in moves]


def _as_case(move: Move) -> Case:
    case = move.case
    return Case(
        id=case.id, student_id=case.student_id, plantel_id=case.plantel_id, enrolment_id=case.enrolment_id,
        version=1, head_hash=move.event.hash, **dict(zip(COLUMNS, columns(move), strict=True)),
    )  # fmt: skip


def _continue(cases: dict[int, Enrolment], actor: Actor, now: dt.datetime) -> list[int]:
    happenings = {case_id: Happening(e.enrolled_on, {"enrolment": e.pk}) for case_id, e in cases.items()}
    return perform(Verb.CONTINUE, happenings, actor=actor, now=now).done


def _new_ids(n: int) -> list[int]:
    """Case ids before the rows exist: the first event's hash covers the id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('cases_case', 'id')) FROM generate_series(1, %s)", [n])
        return [row[0] for row in cursor.fetchall()]
