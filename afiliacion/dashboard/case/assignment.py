"""Assign cases to a colleague, to oneself or to no one, and undo it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from afiliacion.dashboard.case.execute import NOT_YOURS, ExecutionResult
from afiliacion.dashboard.models import Assignment
from afiliacion.dashboard.shared.access import Scope
from afiliacion.dashboard.shared.assignees import ME, UNASSIGNED
from afiliacion.dashboard.shared.colleagues import colleagues, name_of
from students.staff import plantel_ids


def whom(said: str, scope: Scope) -> User | None:
    """Return the officer that `said` names: ME, or the id of an officer of the plantel; None for UNASSIGNED. Raises KeyError otherwise."""
    if said == UNASSIGNED:
        return None
    if said == ME:
        return scope.user
    return User.objects.get(pk={str(pk): pk for pk, _ in colleagues(scope)}[said])


def give(cases: Iterable[int], user: User | None, scope: Scope, now: dt.datetime) -> ExecutionResult:
    """Assign these cases (ids) to `user` (None: unassign). Returns for each the former and the new assignee, for `give_back`."""
    asked = set(cases)
    with transaction.atomic():
        mine = dict(scope.cases().filter(pk__in=asked).select_for_update(of=("self",)).order_by("pk").values_list("pk", "plantel_id"))
        had = dict(Assignment.objects.filter(case__in=mine).values_list("case_id", "user_id"))
        theirs = plantel_ids(user) if user else None
        result = ExecutionResult(skipped=dict.fromkeys(asked - mine.keys(), NOT_YOURS))
        for case_id, plantel_id in mine.items():
            if theirs is not None and plantel_id not in theirs:
                result.skipped[case_id] = f"{name_of(user) if user else 'Nadie'} no trabaja en ese plantel."
            elif had.get(case_id) == (user.pk if user else None):
                result.repeated.append(case_id)
            else:
                result.done.append(case_id)
        _write(dict.fromkeys(result.done, user.pk if user else None), scope, now)
    result.memo = {case_id: [had.get(case_id), user.pk if user else None] for case_id in result.done}
    return result


def give_back(memo: Mapping[int, Any], scope: Scope, now: dt.datetime) -> ExecutionResult:
    """Undo `give` for the cases not reassigned since."""
    with transaction.atomic():
        mine = set(scope.cases().filter(pk__in=memo).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        have = dict(Assignment.objects.filter(case__in=mine).values_list("case_id", "user_id"))
        result = ExecutionResult(skipped=dict.fromkeys(memo.keys() - mine, NOT_YOURS))
        for case_id in mine:
            if have.get(case_id) == memo[case_id][1]:
                result.done.append(case_id)
            else:
                result.skipped[case_id] = "Alguien lo asignó después, y así se queda."
        _write({case_id: memo[case_id][0] for case_id in result.done}, scope, now)
    return result


def _write(owners: Mapping[int, int | None], scope: Scope, now: dt.datetime) -> None:
    Assignment.objects.filter(case__in=[case_id for case_id, user_id in owners.items() if user_id is None]).delete()
    given = [Assignment(case_id=case_id, user_id=user_id, by=scope.user, at=now) for case_id, user_id in owners.items() if user_id]
    Assignment.objects.bulk_create(given, update_conflicts=True, unique_fields=["case"], update_fields=["user", "by", "at"])
