"""Do an action to cases exactly as they were seen: nothing happens to a case that changed meanwhile, nor happens twice."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django.db import transaction

from afiliacion.cases.engine import lock_people
from afiliacion.cases.history.text import last_event
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Act, Actor, Outcome
from afiliacion.dashboard.case import channels
from afiliacion.dashboard.case.actions import Action, Channel
from afiliacion.dashboard.case.commands import CaseOrder
from afiliacion.dashboard.shared.access import Scope
from students.zones import day_at

NOT_YOURS = "Ese expediente no existe."


@dataclass(slots=True)
class ExecutionResult:
    """What came of it: cases done now, those the same person had just done (a double click), and why each other was not.

    `requested`: cases about which the consent of other planteles was asked. `memo`: of each case done, what undoing needs to know (here,
    the version it was left with).
    """

    done: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)
    memo: dict[int, Any] = field(default_factory=dict)
    requested: list[int] = field(default_factory=list)

    def __iadd__(self, other: Self) -> Self:
        """Add what was done to other cases."""
        self.done += other.done
        self.repeated += other.repeated
        self.skipped |= other.skipped
        self.memo |= other.memo
        self.requested += other.requested
        return self


def carry_out(action: Action, seen: Mapping[int, int], said: Mapping[str, Any], scope: Scope, now: dt.datetime) -> ExecutionResult:
    """Do `action` to the cases of `seen` (id -> the version on the person's screen) that are still as seen.

    `said`: the form's cleaned data. Cases outside `scope` are answered as if they did not exist.
    """
    with transaction.atomic():
        lock_people(seen)
        locked = scope.cases().filter(pk__in=seen).select_for_update(of=("self",)).order_by("pk")
        rows = list(locked.values_list("pk", "version", "plantel__zone"))
        versions = {case_id: version for case_id, version, _zone in rows}
        fresh = {case_id: zone for case_id, version, zone in rows if version == seen[case_id]}
        unfit = _unfit(action, list(fresh))
        outcome = _call(action, {case_id: zone for case_id, zone in fresh.items() if case_id not in unfit}, said, scope.act(now))
        left = dict(scope.cases().filter(pk__in=outcome.done).values_list("pk", "version"))
    skipped = dict.fromkeys(seen.keys() - versions.keys(), NOT_YOURS) | unfit | outcome.skipped
    result = ExecutionResult(outcome.done, [], skipped, left, sorted(outcome.requested))
    _tell_changed({case_id: seen[case_id] for case_id in versions.keys() - set(fresh)}, action, scope.actor, result)
    return result


def _unfit(action: Action, cases: Sequence[int]) -> dict[int, str]:
    """The cases (ids) for which the action makes no sense, and why: of many, a screen offers it for all as soon as it does for one."""
    by_hand = action.channel is Channel.BY_HAND
    if action.when is None and not by_hand:
        return {}
    found = list(Case.objects.filter(pk__in=cases))
    # What goes by the service is asked for in its room, which says what does not.
    automatic = channels.of_cases(found) if by_hand else {}
    by_service = {pk: channels.BY_SERVICE for pk, ways in automatic.items() if ways.of(action.verb)}
    return by_service | {case.pk: reason for case in found if (reason := action.unfit(case.facts))}


def _call(action: Action, zones: Mapping[int, str], said: Mapping[str, Any], act: Act) -> Outcome:
    """Call the action for the cases (id -> zone of its plantel). No fact is dated after the day it is at its plantel."""
    same: dict[dt.date | None, list[int]] = defaultdict(list)
    for case_id, zone in zones.items():
        same[min(said["on"], day_at(zone, act.now)) if "on" in said else None].append(case_id)
    outcome = Outcome()
    for day, cases in (same or {None: []}).items():
        outcome += action.call(CaseOrder(cases, {**said, "on": day} if day else said, act))
    return outcome


def _tell_changed(changed: Mapping[int, int], action: Action, actor: Actor, result: ExecutionResult) -> None:
    """For each case that changed since it was seen: was it this same order, or something else, and what."""
    since: dict[int, list[Event]] = {case_id: [] for case_id in changed}
    for event in Event.objects.filter(case__in=changed).order_by("case_id", "seq"):
        since[event.case_id].append(event)
    for case_id, history in since.items():
        first = next((event for event in history if event.seq == changed[case_id] + 1), None)
        if first and first.verb == action.verb and first.actor_id == actor.user_id:
            result.repeated.append(case_id)
        else:
            result.skipped[case_id] = f"Cambió mientras usted lo veía y no se hizo nada. {last_event(history[-1])}"
