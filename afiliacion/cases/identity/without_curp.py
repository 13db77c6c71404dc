"""Who has no CURP yet: until it comes they are asked again on a day, and an officer closes those who will not bring it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet

from afiliacion.cases.clock import RuleKey
from afiliacion.cases.models import WithoutCurp
from afiliacion.cases.outcome import Act
from afiliacion.cases.schedule import Schedule
from afiliacion.database.statements import run

# By plantel and matrícula: an enrolment of a later ciclo ends what was noted in an earlier one, too.
_PROMOTED: Final = """
UPDATE cases_withoutcurp w SET enrolment_id = e.id, closed_at = %(now)s, closed_by = %(who)s, reason = ''
FROM students_enrolment e
WHERE e.id = ANY(%(enrolments)s) AND w.plantel_id = e.plantel_id AND w.matricula = e.matricula AND w.closed_at IS NULL
"""
#: What a row says that is open.
_OPEN: Final = {"closed_at": None, "closed_by": "", "reason": "", "enrolment": None}


def visible(planteles: frozenset[int] | None) -> QuerySet[WithoutCurp]:
    """Those of these planteles (ids; None: of all), open or closed."""
    everybody = WithoutCurp.objects.all()
    return everybody if planteles is None else everybody.filter(plantel__in=list(planteles))


def promoted(enrolments: Sequence[int], act: Act) -> int:
    """Their CURP came: close those who are enrolled by these (ids) now; return how many."""
    return run(_PROMOTED, {"enrolments": list(enrolments), "now": act.now, "who": act.actor.name}) if enrolments else 0


def first_follow_up(plantel_id: int, noted_on: dt.date) -> dt.date:
    """When a student noted that day is asked for the CURP again (ClockRule CURP). Raises schedule.NoRule."""
    return Schedule().deadline(RuleKey.CURP, noted_on, plantel_id)


def follow_up(pk: int, on: dt.date, act: Act) -> bool:
    """An officer asked and there is none yet: ask again on that day. Whether the row was still open."""
    open_ = visible(act.planteles).filter(pk=pk, closed_at=None)
    return bool(open_.update(follow_up_on=on, followed_by=act.actor.name))


def close(pk: int, reason: str, act: Act) -> bool:
    """No CURP will come (the student left, or was listed twice): nothing is awaited. Whether the row was still open."""
    open_ = visible(act.planteles).filter(pk=pk, closed_at=None)
    return bool(open_.update(closed_at=act.now, closed_by=act.actor.name, reason=reason))


def reopen(pk: int, act: Act) -> bool:
    """Take back a closing by hand, or by a list that said the student left; not a CURP that came. Whether there was one."""
    closed = visible(act.planteles).filter(pk=pk, enrolment=None).exclude(closed_at=None)
    return bool(closed.update(**_OPEN))
