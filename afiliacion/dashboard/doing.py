"""Do an action to cases exactly as they were seen: nothing happens to a case that changed meanwhile, nor happens twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from afiliacion.cases.models import Event
from afiliacion.cases.outcome import Actor
from afiliacion.dashboard.access import Scope
from afiliacion.dashboard.actions import Action
from afiliacion.dashboard.calls import Order

NOT_YOURS = "Ese expediente no existe."


@dataclass(slots=True)
class Result:
    """What came of it: cases done now, those the same person had just done (a double click), and why each other was not.

    `memo`: of each case done, what undoing needs to know (here, the version it was left with).
    """

    done: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)
    memo: dict[int, Any] = field(default_factory=dict)


def carry_out(action: Action, seen: Mapping[int, int], said: Mapping[str, Any], scope: Scope, now: dt.datetime) -> Result:
    """Do `action` to the cases of `seen` (id -> the version on the person's screen) that are still as seen.

    `said`: the form's cleaned data. Cases outside `scope` are answered as if they did not exist.
    """
    with transaction.atomic():
        locked = scope.cases().filter(pk__in=seen).select_for_update(of=("self",)).order_by("pk")
        versions = dict(locked.values_list("pk", "version"))
        fresh = [case_id for case_id, version in versions.items() if version == seen[case_id]]
        outcome = action.call(Order(fresh, said, scope.actor, now))
        left = dict(scope.cases().filter(pk__in=outcome.done).values_list("pk", "version"))
    result = Result(outcome.done, [], dict.fromkeys(seen.keys() - versions.keys(), NOT_YOURS) | outcome.skipped, left)
    _tell_changed({case_id: seen[case_id] for case_id in versions.keys() - set(fresh)}, action, scope.actor, result)
    return result


def _tell_changed(changed: Mapping[int, int], action: Action, actor: Actor, result: Result) -> None:
    """For each case that changed since it was seen: was it this same order, or something else, and what."""
    since: dict[int, list[Event]] = {case_id: [] for case_id in changed}
    for event in Event.objects.filter(case__in=changed).order_by("case_id", "seq"):
        since[event.case_id].append(event)
    for case_id, history in since.items():
        first = next((event for event in history if event.seq == changed[case_id] + 1), None)
        if first and first.verb == action.verb and first.actor_id == actor.user_id:
            result.repeated.append(case_id)
        else:
            result.skipped[case_id] = f"Cambió mientras usted lo veía y no se hizo nada. {told_last(history[-1])}"


def told_last(event: Event) -> str:
    """The last thing that happened to a case, for whoever comes second."""
    when = timezone.localtime(event.at)
    return f"Lo último: {event.get_verb_display()}, por {event.actor_name}, el {when:%d/%m/%Y a las %H:%M}."
