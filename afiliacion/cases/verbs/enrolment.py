"""The enrolment of a case put right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from afiliacion.cases.engine import perform
from afiliacion.cases.facts import Happening
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import Verb


def correct_enrolment(days: Mapping[int, dt.date], *, on: dt.date, act: Act, reason: str = "") -> Outcome:
    """The students were enrolled on another day (case id -> day) than was noted: what counts from it counts from that day."""
    happenings = {case_id: Happening(on, {"enrolled_on": day.isoformat()}, reason=reason) for case_id, day in days.items()}
    return perform(Verb.CORRECT_ENROLMENT, happenings, act=act)
