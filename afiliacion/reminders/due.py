"""Who is due a mail on a night: one statement over indexes, whose cost grows with what is due and not with the table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.db.models import CharField, Func

from afiliacion.reminders.models import ADDRESS, ReminderKind
from afiliacion.reminders.rules import steps

_ENVELOPE: Final = "lower(btrim({}, E' \\t\\r\\n') COLLATE \"C\")"
#: The student's address as the ledger keeps it (rules.address says the same). lower() of ASCII only, in every database.
ADDRESS_OF: Final = _ENVELOPE.format("s.email")

#: Whether kind k still has something to say about case c on a night: the same rule as rules.silence, but for the calendar.
HOLDS: Final = """
    k.active AND c.state = ANY(k.states) AND (k.turn = '' OR c.turn = k.turn) AND c.held_since IS NULL
    AND (k.stop <> 'due' OR c.due_on >= {night}) AND (k.stop <> 'clinic' OR (c.clinic_on IS NULL AND c.coverage = 'ours'))
"""

#: One row a student: of what is due and has not been said, the most urgent. The others wait for another night.
WINNERS: Final = f"""
    WITH step(kind_id, n, state, first, last) AS (
        SELECT * FROM unnest(%(kinds)s::bigint[], %(numbers)s::int[], %(states)s::text[], %(firsts)s::date[], %(lasts)s::date[])
    ), reached(kind_id, n, case_id) AS (
        SELECT step.kind_id, step.n, c.id
        FROM step JOIN reminders_reminderkind k ON k.id = step.kind_id AND k.anchor = 'due'
        JOIN cases_case c ON c.state = step.state AND c.due_on BETWEEN step.first AND step.last
        UNION ALL
        SELECT step.kind_id, step.n, c.id
        FROM step JOIN reminders_reminderkind k ON k.id = step.kind_id AND k.anchor = 'since'
        JOIN cases_case c ON c.state = step.state AND c.state_since BETWEEN step.first AND step.last
    ), candidate AS (
        SELECT k.id AS kind_id, k.urgency, c.id AS case_id, c.student_id,
            c.enrolment_id || '-' || reached.n AS step, {ADDRESS_OF} AS recipient
        FROM reached
        JOIN reminders_reminderkind k ON k.id = reached.kind_id
        JOIN cases_case c ON c.id = reached.case_id
        JOIN students_student s ON s.id = c.student_id
        WHERE {HOLDS.format(night="%(night)s")}
    )
    SELECT DISTINCT ON (student_id) kind_id, case_id, student_id, step, recipient
    FROM candidate
    WHERE recipient ~ %(address)s
    AND NOT EXISTS (SELECT 1 FROM reminders_reminder r WHERE r.student_id = candidate.student_id AND r.night = %(night)s)
    AND NOT EXISTS (
        SELECT 1 FROM reminders_reminder r
        WHERE r.case_id = candidate.case_id AND r.kind_id = candidate.kind_id AND r.step = candidate.step
        AND (r.recipient = candidate.recipient OR r.status NOT IN ('failed', 'dropped'))
    )
    ORDER BY student_id, urgency DESC, case_id
"""  # noqa: S608 - only the constants above


class Envelope(Func):
    """An e-mail column as an address for the envelope (ADDRESS_OF for the ORM); it may still be no address."""

    template = _ENVELOPE.format("%(expressions)s")
    output_field = CharField()


def parameters(night: dt.date, *, outage: bool) -> dict[str, Any]:
    """What WINNERS asks for: the steps that fall on `night`, without the kinds that wait while IMSS is down."""
    rows = [(step, state) for kind in kinds(outage=outage) for step in steps(kind, night) for state in kind.states]
    return {
        "kinds": [step.kind.pk for step, _ in rows],
        "numbers": [step.n for step, _ in rows],
        "states": [state for _, state in rows],
        "firsts": [step.first for step, _ in rows],
        "lasts": [step.last for step, _ in rows],
        "night": night,
        "address": ADDRESS,
    }


def kinds(*, outage: bool = False) -> Sequence[ReminderKind]:
    """The active kinds for students, the most urgent first."""
    found = ReminderKind.objects.filter(active=True, audience=ReminderKind.Audience.STUDENT)
    return list(found.exclude(waits_for_imss=True) if outage else found)
