"""The people of the office as its screens name them: to whom a case can be given, who can be called in a note."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import Q

from afiliacion.dashboard.access import Scope


def colleagues(scope: Scope) -> list[tuple[int, str]]:
    """(id, name) of everybody who works where `scope`'s person does, themselves first."""
    people = User.objects.filter(is_active=True, posts__isnull=False)
    if scope.plantel_ids is not None:
        people = people.filter(Q(posts__plantel=None) | Q(posts__plantel__in=scope.plantel_ids))
    names = {user.pk: name_of(user) for user in people.distinct().order_by("first_name", "last_name", "username")}
    names.pop(scope.user.pk, None)
    return [(scope.user.pk, f"{name_of(scope.user)} (usted)"), *names.items()]


def name_of(user: User) -> str:
    return user.get_full_name() or user.username
