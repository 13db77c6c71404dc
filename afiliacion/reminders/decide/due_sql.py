"""Select who is due a mail on a night: one statement over indexes, whose cost grows with what is due and not with the table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

from afiliacion.cases.models import IS_COUNTED
from afiliacion.cases.papers.required import OF_AGE
from afiliacion.reminders.decide.hours import Hours, planteles
from afiliacion.reminders.decide.rules import steps
from afiliacion.reminders.models import ReminderKind
from afiliacion.reminders.models.reminder import ADDRESS
from afiliacion.reminders.silent_students import IS_SILENT
from students.envelope import ENVELOPE

#: The address a mail of kind k goes to, as the ledger keeps it (rules.address says the same).
ADDRESS_OF: Final = f"CASE k.audience WHEN 'tutor' THEN {ENVELOPE.format('t.email')} ELSE {ENVELOPE.format('s.email')} END"

#: Whether kind k still has something to say about case c on a night: the same rule as rules.silence, but for the calendar.
HOLDS: Final = f"""
    k.active AND {IS_COUNTED} AND c.state = ANY(k.states) AND (k.turn = '' OR c.turn = k.turn) AND c.held_since IS NULL
    AND (k.stop <> 'due' OR c.due_on >= {{night}}) AND (k.stop <> 'clinic' OR (c.clinic_on IS NULL AND c.coverage = 'ours'))
    AND NOT (k.stops_with_sheet AND (c.papers @> '[["acuse", "received"]]' OR c.papers @> '[["acuse", "verified"]]'))
    AND NOT {IS_SILENT.format(student="c.student_id")}
"""

#: The column of a case each anchor is (rules.py has the same).
ANCHORS: Final = {"due": "due_on", "since": "state_since", "refused": "sheet_refused_on"}
#: The date the days of kind k are counted from, for case c.
ANCHOR: Final = " ".join(["CASE k.anchor", *(f"WHEN '{anchor}' THEN c.{column}" for anchor, column in ANCHORS.items()), "END"])
#: What the ledger knows a step of kind k for case c by (its end is rules.step_name).
_STEP: Final = "c.enrolment_id || '-' || c.n || CASE k.anchor WHEN 'refused' THEN to_char(c.sheet_refused_on, '-YYYYMMDD') ELSE '' END"


def _reached(among: str) -> str:
    """The cases that reach a step tonight, by index alone: OFFSET 0 keeps each step a search of its own. Joined freely, the planner, who
    cannot know the days before it runs, reads the whole table once for all steps. `among`: one more condition on the cases."""
    by_anchor = " UNION ALL ".join(
        f"""
        SELECT step.kind_id, step.n, c.*
        FROM step JOIN reminders_reminderkind k ON k.id = step.kind_id AND k.anchor = '{anchor}'
        CROSS JOIN LATERAL (
            SELECT * FROM cases_case WHERE state = step.state AND {column} BETWEEN step.first AND step.last {among} OFFSET 0
        ) c
        """  # noqa: S608 - only the names above
        for anchor, column in ANCHORS.items()
    )
    return f"""
    step(kind_id, n, state, first, last) AS (
        SELECT * FROM unnest(%(kinds)s::bigint[], %(numbers)s::int[], %(states)s::text[], %(firsts)s::date[], %(lasts)s::date[])
    ), reached AS (
        {by_anchor}
    )
    """  # noqa: S608 - likewise


#: What is due and not in the ledger: `place` 1 of each person is the most urgent and heads the mail, the others travel with it.
#: A person with a mail still waiting, a mail of this night, or as many as the plantel's rule allows in a week gets no other.
_DUE: Final = """
    WITH {reached}, plantel(id, send_after, per_week, tells_tutors) AS (
        SELECT * FROM unnest(%(planteles)s::bigint[], %(send_after)s::timestamptz[], %(per_week)s::int[], %(tells_tutors)s::boolean[])
    ), candidate AS (
        SELECT k.id AS kind_id, k.audience, k.urgency, c.id AS case_id, c.student_id, p.send_after, p.per_week,
            {step} AS step, {address} AS recipient
        FROM reached c
        JOIN reminders_reminderkind k ON k.id = c.kind_id
        JOIN students_student s ON s.id = c.student_id
        JOIN plantel p ON p.id = c.plantel_id
        LEFT JOIN reminders_tutor t ON t.student_id = s.id
        WHERE {holds}
        AND (k.audience <> 'tutor' OR (p.tells_tutors AND s.birth_date > %(of_age)s))
        AND NOT (k.optional AND EXISTS (SELECT 1 FROM reminders_optout o WHERE o.student_id = s.id))
    )
    SELECT candidate.*, row_number() OVER (PARTITION BY student_id, audience ORDER BY urgency DESC, case_id, kind_id) AS place
    FROM candidate
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE r.night > %(night)s - 7 AND r.status <> 'dropped' AND r.part_of_id IS NULL) AS this_week,
            count(*) FILTER (WHERE r.night = %(night)s OR r.status IN ('queued', 'sending')) AS in_the_way
        FROM reminders_reminder r WHERE r.student_id = candidate.student_id AND r.audience = candidate.audience
    ) received
    WHERE recipient ~ %(address)s
    AND received.in_the_way = 0 AND received.this_week < candidate.per_week
    AND NOT EXISTS (SELECT 1 FROM reminders_badaddress b WHERE b.address = candidate.recipient)
    AND NOT EXISTS (
        SELECT 1 FROM reminders_reminder r
        WHERE r.case_id = candidate.case_id AND r.kind_id = candidate.kind_id AND r.step = candidate.step
        AND (r.recipient = candidate.recipient OR r.status NOT IN ('failed', 'bounced', 'dropped'))
    )
"""
_HOLDS: Final = HOLDS.format(night="%(night)s")
DUE: Final = _DUE.format(reached=_reached(""), step=_STEP, address=ADDRESS_OF, holds=_HOLDS)
#: The same in some planteles (`only`, ids) alone.
DUE_AMONG: Final = _DUE.format(reached=_reached("AND plantel_id = ANY(%(only)s)"), step=_STEP, address=ADDRESS_OF, holds=_HOLDS)

#: Cases that reach a step the staff must be informed of, and that no digest has named.
ESCALATED: Final = f"""
    WITH {_reached("")}
    SELECT k.id, c.id, c.student_id, c.plantel_id, {_STEP}
    FROM reached c
    JOIN reminders_reminderkind k ON k.id = c.kind_id
    WHERE {_HOLDS}
    AND NOT EXISTS (
        SELECT 1 FROM reminders_reminder r
        WHERE r.case_id = c.id AND r.kind_id = k.id AND r.step = {_STEP}
        AND r.status NOT IN ('failed', 'bounced', 'dropped')
    )
    ORDER BY k.urgency DESC, k.id, c.id
"""  # noqa: S608 - only the constants above


def due_tonight(night: dt.date, now: dt.datetime, *, outage: bool) -> dict[str, Any]:
    """Return the parameters of DUE: the steps of `night` (without the kinds that wait while IMSS is down) and each plantel's rule."""
    hours = Hours()
    ids = planteles()
    rules = [hours.rule(pk) for pk in ids]
    return {
        **reached_tonight(kinds(outage=outage), night),
        "planteles": ids,
        "send_after": [hours.next_open(pk, now) for pk in ids],
        "per_week": [rule.per_week for rule in rules],
        "tells_tutors": [rule.tells_tutors for rule in rules],
        "of_age": _years_before(night, OF_AGE),
        "address": ADDRESS,
    }


def reached_tonight(of: Iterable[ReminderKind], night: dt.date) -> dict[str, Any]:
    """The steps of these kinds that fall on `night`, as ESCALATED and DUE ask for them."""
    rows = [(step, state) for kind in of for step in steps(kind, night) for state in kind.states]
    return {
        "kinds": [step.kind.pk for step, _ in rows],
        "numbers": [step.n for step, _ in rows],
        "states": [state for _, state in rows],
        "firsts": [step.first for step, _ in rows],
        "lasts": [step.last for step, _ in rows],
        "night": night,
    }


def kinds(*, outage: bool = False) -> Sequence[ReminderKind]:
    """The active kinds for students and their tutors, the most urgent first."""
    for_them = [ReminderKind.Audience.STUDENT, ReminderKind.Audience.TUTOR]
    found = ReminderKind.objects.filter(active=True, audience__in=for_them)
    return list(found.exclude(waits_for_imss=True) if outage else found)


def _years_before(day: dt.date, years: int) -> dt.date:
    """Return the birth date of those who turn `years` on `day`: later ones are younger."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # the 29th of February
        return dt.date(day.year - years, 2, 28)
