"""Find the rule that runs for a case, the date it starts from and the due date: the rows of ClockRule applied by clock.py."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from afiliacion.cases import clock
from afiliacion.cases.calendars import CALENDARS, CalendarRows, Calendars
from afiliacion.cases.clock import Deadline, Pauses, Rule, RuleKey, Start, Unit
from afiliacion.cases.facts import Facts, changed
from afiliacion.cases.models import ClockRule, OutageDay
from afiliacion.cases.turn import whose_turn
from afiliacion.database.batch_queries import Batch, together


class NoRule(LookupError):
    """No row of ClockRule covers the date; str() says in Spanish which one is missing."""


def _movement_sent(facts: Facts) -> dt.date | None:
    """When IMSS received what it is expected to answer: of an open case the alta, else the last baja."""
    bajas = [day for day in (facts.baja_sent_on, facts.former_sent_on) if day]
    return max(bajas) if bajas and not facts.is_open else facts.alta_on


def _state_since(facts: Facts) -> dt.date:
    """Since when the case is where it is: of a closed one, since it was told that it owes a baja, if that came later."""
    told = [] if facts.is_open else [day for day in (facts.owed_on, facts.former_owed_on) if day]
    return max([facts.state_since, *told])


#: When each event happened, if it did. A movement may be the alta or, of a closed case, the baja.
_HAPPENED: Final[Mapping[Start, Callable[[Facts], dt.date | None]]] = {
    Start.ENROLMENT: lambda f: f.enrolled_on,
    Start.RECORDING: lambda f: f.recorded_on,
    Start.CORRECTION: lambda f: f.corrected_on,
    Start.RESUMPTION: lambda f: f.resumed_on,
    Start.ACUSE: lambda f: f.acuse_on,
    Start.MOVEMENT: _movement_sent,
    Start.CHECK: lambda f: f.checked_on,
    Start.FILING: lambda f: f.filed_on or f.wanted_on,
    Start.COVER_LOST: lambda f: f.cover_lost_on,
    Start.STATE: _state_since,
}


class ScheduleRows(NamedTuple):
    """What a Schedule is built from: the rules (newest first), the days without service of IMSS, and the calendars."""

    rules: list[ClockRule]
    outages: list[OutageDay]
    calendars: CalendarRows


QUERIES: Final = Batch(ScheduleRows, rules=ClockRule.objects.order_by("-valid_from"), outages=OutageDay.objects.all(), calendars=CALENDARS)


class Schedule:
    """The rules and calendars of all planteles, read once for a set of cases; each due date is computed once.

    `rows`: the results of QUERIES, if they were read already; else they are read in one statement.
    """

    def __init__(self, rows: ScheduleRows | None = None) -> None:
        rows = rows or together(QUERIES)
        self._calendars = Calendars(rows.calendars)
        self._outages = [(row.date, row.date + clock.DAY, "el IMSS no dio servicio") for row in rows.outages]
        self._by_id: dict[int, Rule] = {}
        self._versions: dict[tuple[RuleKey, int | None], list[tuple[dt.date, Rule]]] = defaultdict(list)
        self._due_dates: dict[tuple[object, ...], dt.date] = {}
        for row in rows.rules:
            starts = tuple(map(Start, row.starts))
            rule = Rule(row.pk, RuleKey(row.key), row.n, Unit(row.unit), row.rolls, row.source, row.stops_with_imss, starts)
            self._by_id[rule.id] = rule
            self._versions[rule.key, row.plantel_id].append((row.valid_from, rule))

    def with_rule(self, facts: Facts, plantel_id: int) -> Facts:
        """The facts with the rule that runs: the one already running, or the one in force when its clock starts.

        Raises:
            NoRule: none is in force then.
        """
        key = whose_turn(facts).rule
        if key is None or facts.held_since:
            return facts if key else facts._replace(rule=None)
        if facts.rule and self._by_id[facts.rule].key is key:
            return facts
        return changed(facts, {"rule": self._in_force(key, plantel_id, lambda rule: latest_start(rule, facts)[1]).id})

    def due_on(self, facts: Facts, plantel_id: int) -> dt.date | None:
        """Deadline date of the running clock; None when none runs or it is on hold."""
        if facts.rule is None or facts.held_since:
            return None
        rule = self._by_id[facts.rule]
        _event, start = latest_start(rule, facts)
        key = (start, rule.id, self._calendars.shares(plantel_id), facts.pauses)
        if key not in self._due_dates:
            self._due_dates[key] = clock.due_on(start, rule, self._calendars.why_idle(plantel_id), self._pauses(facts, rule))
        return self._due_dates[key]

    def deadline(self, key: RuleKey, start: dt.date, plantel_id: int) -> dt.date:
        """The last day of a rule that counts from `start` and is about no case. Raises NoRule."""
        return clock.due_on(start, self._in_force(key, plantel_id, lambda _rule: start), self._calendars.why_idle(plantel_id))

    def explain(self, facts: Facts, plantel_id: int) -> Deadline | None:
        """The due date with the steps of its computation in Spanish; None when no clock runs."""
        if facts.rule is None or facts.held_since:
            return None
        rule = self._by_id[facts.rule]
        event, start = latest_start(rule, facts)
        return clock.explain(start, event.label, rule, self._calendars.why_idle(plantel_id), self._pauses(facts, rule))

    def day(self, plantel_id: int, moment: dt.datetime) -> dt.date:
        """The date at a plantel at an aware moment."""
        return self._calendars.day(plantel_id, moment)

    def _pauses(self, facts: Facts, rule: Rule) -> Pauses:
        held = [(dt.date.fromisoformat(begins), dt.date.fromisoformat(ends), "plazo en pausa") for begins, ends in facts.pauses]
        return held + self._outages if rule.stops_with_imss else held

    def _in_force(self, key: RuleKey, plantel_id: int, start: Callable[[Rule], dt.date]) -> Rule:
        """The newest rule that held on the day it counts from, which each rule finds for itself. Raises NoRule."""
        for owner in (plantel_id, None):
            for valid_from, rule in self._versions[key, owner]:
                if valid_from <= start(rule):
                    return rule
        raise NoRule(f"Falta una regla de plazo «{key.label}» que rija cuando empieza a contarse.")


def latest_start(rule: Rule, facts: Facts) -> tuple[Start, dt.date]:
    """The event a rule counts from for a case, and its day: the latest of those it names; none of them, since the case is in its state."""
    latest = None
    for event in rule.starts:
        day = _HAPPENED[event](facts)
        if day and (latest is None or day > latest[1]):
            latest = event, day
    return latest or (Start.STATE, facts.state_since)
