"""Move due dates when days turned out not to count, and mark late cases for the coordination. Run by the night."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import DateField, ExpressionWrapper, F

from afiliacion.cases.engine import perform
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import CHUNK
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.queries import overdue
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import Verb

_WHY: Final = "Se agregaron días que no cuentan."


def reschedule(today: dt.date, *, act: Act) -> Outcome:
    """Write the new due date of every case whose calendar gained a day that does not count (a closure, an outage of IMSS)."""
    outcome, schedule, last = Outcome(), Schedule(), 0
    running = Case.objects.filter(rule__isnull=False).order_by("pk")
    while chunk := list(running.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        moved = [case.pk for case in chunk if schedule.due_on(case.facts, case.plantel_id) != case.due_on]
        outcome += perform(Verb.RESCHEDULE, dict.fromkeys(moved, Happening(today, reason=_WHY)), act=act)
    return outcome


def alert_overdue(today: dt.date, *, act: Act) -> Outcome:
    """Mark, once per clock, the cases more than `alert_after` days late by their rule."""
    patience = ExpressionWrapper(F("due_on") + F("rule__alert_after"), output_field=DateField())
    late = overdue(Case.objects.filter(alerted_on=None, rule__alert_after__isnull=False), today).annotate(patience=patience)
    ids = late.filter(patience__lt=today).order_by("pk").values_list("pk", flat=True)
    return perform(Verb.ALERT, dict.fromkeys(ids, Happening(today)), act=act)
