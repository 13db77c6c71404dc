"""Which rule runs for a case, from which start, and when it is due: the rows of ClockRule applied by clock.py."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from afiliacion.cases import clock
from afiliacion.cases.calendars import CALENDARS, Calendars
from afiliacion.cases.clock import Due, Pauses, Rule, RuleKey, Unit
from afiliacion.cases.facts import Facts
from afiliacion.cases.models import ClockRule, OutageDay
from afiliacion.cases.turn import whose
from students.together import together


class NoRule(LookupError):
    """No row of ClockRule covers the date; str() says in Spanish which one is missing."""


#: The event each rule counts from, as the explanation names it.
_STARTS: Final[Mapping[RuleKey, tuple[str, Callable[[Facts], dt.date | None]]]] = {
    RuleKey.ACUSE: ("inscripción", lambda f: f.enrolled_on),
    RuleKey.ALTA: ("entrega del acuse", lambda f: f.acuse_on),
    RuleKey.VIGENCIA: ("envío al IMSS", lambda f: f.baja_sent_on or f.alta_on),
    RuleKey.REVISION: ("última consulta", lambda f: f.checked_on),
    RuleKey.ATENCION: ("aviso de que no hay vigencia", lambda f: f.state_since),
    RuleKey.SUBDELEGACION: ("último movimiento en la subdelegación", lambda f: f.filed_on or f.state_since),
    RuleKey.BAJA: ("baja escolar o renuncia", lambda f: f.state_since),
}


#: What a Schedule goes by.
QUESTIONS: Final = (ClockRule.objects.order_by("-valid_from"), OutageDay.objects.all(), *CALENDARS)


class Schedule:
    """The rule book and the calendars, read once and in one question for a set of cases; the same day is computed once.
    `read`: what QUESTIONS found, if they have been asked already."""

    def __init__(self, read: Sequence[Any] = ()) -> None:
        rules, outages, *calendars = read or together(*QUESTIONS)
        self._calendars = Calendars(*calendars)
        self._outages = [(row.date, row.date + clock.DAY, "el IMSS no dio servicio") for row in outages]
        self._by_id: dict[int, Rule] = {}
        self._versions: dict[tuple[RuleKey, int | None], list[tuple[dt.date, Rule]]] = defaultdict(list)
        self._answers: dict[tuple[object, ...], dt.date] = {}
        for row in rules:
            rule = Rule(row.pk, RuleKey(row.key), row.n, Unit(row.unit), row.rolls, row.source, row.stops_with_imss)
            self._by_id[rule.id] = rule
            self._versions[rule.key, row.plantel_id].append((row.valid_from, rule))

    def with_rule(self, facts: Facts, plantel_id: int) -> Facts:
        """The facts with the rule that runs: the one already running, or the one in force when its clock starts."""
        key = whose(facts).rule
        if key is None or facts.held_since:
            return facts if key else facts._replace(rule=None)
        if facts.rule and self._by_id[facts.rule].key is key:
            return facts
        return facts._replace(rule=self._in_force(key, plantel_id, _start(key, facts)).id)

    def due_on(self, facts: Facts, plantel_id: int) -> dt.date | None:
        """Due date of the running clock; None when none runs or it is on hold."""
        if facts.rule is None or facts.held_since:
            return None
        rule = self._by_id[facts.rule]
        start = _start(rule.key, facts)
        question = (start, rule.id, self._calendars.shares(plantel_id), facts.pauses)
        if question not in self._answers:
            self._answers[question] = clock.due_on(start, rule, self._calendars.why_idle(plantel_id), self._pauses(facts, rule))
        return self._answers[question]

    def explain(self, facts: Facts, plantel_id: int) -> Due | None:
        """The due date with the steps of its computation in Spanish; None when no clock runs."""
        if facts.rule is None or facts.held_since:
            return None
        rule = self._by_id[facts.rule]
        what = _STARTS[rule.key][0]
        return clock.explain(_start(rule.key, facts), what, rule, self._calendars.why_idle(plantel_id), self._pauses(facts, rule))

    def _pauses(self, facts: Facts, rule: Rule) -> Pauses:
        held = [(dt.date.fromisoformat(begins), dt.date.fromisoformat(ends), "plazo en pausa") for begins, ends in facts.pauses]
        return held + self._outages if rule.stops_with_imss else held

    def _in_force(self, key: RuleKey, plantel_id: int, start: dt.date) -> Rule:
        for owner in (plantel_id, None):
            for valid_from, rule in self._versions[key, owner]:
                if valid_from <= start:
                    return rule
        raise NoRule(f"Falta una regla de plazo «{key.label}» que rija el {clock.long_date(start)}.")


def _start(key: RuleKey, facts: Facts) -> dt.date:
    start = _STARTS[key][1](facts)
    if start is None:
        raise NoRule(f"El plazo «{key.label}» no tiene desde cuándo contarse.")
    return start
