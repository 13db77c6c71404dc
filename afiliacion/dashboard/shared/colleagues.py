"""Staff as the screens name them: possible assignees, and users who can be mentioned in a note."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from afiliacion.dashboard.shared.access import Scope
from afiliacion.database.batch_queries import Parameter, rows_of

_PEOPLE: Final = User.objects.filter(is_active=True, posts__isnull=False).only("first_name", "last_name", "username")
_IN_ORDER: Final = ("first_name", "last_name", "username")
_EVERYBODY: Final = _PEOPLE.distinct().order_by(*_IN_ORDER)
_THEIRS: Final = _PEOPLE.filter(Q(posts__plantel=None) | Q(posts__plantel__pk__among=Parameter("own"))).distinct().order_by(*_IN_ORDER)


def working_with(*, everywhere: bool) -> QuerySet[User]:
    """The users who work at all planteles or at any of `own` (a parameter), in the order of their names."""
    return _EVERYBODY if everywhere else _THEIRS


def colleagues(scope: Scope, read: Iterable[User] | None = None) -> list[tuple[int, str]]:
    """(id, name) of the users who work where `scope`'s person does, that person first. `read`: the result of `working_with`, if it was
    read already."""
    people = read if read is not None else rows_of(working_with(everywhere=scope.plantel_ids is None), own=sorted(scope.plantel_ids or ()))
    names = {user.pk: name_of(user) for user in people if user.pk != scope.user.pk}
    return [(scope.user.pk, f"{name_of(scope.user)} (usted)"), *names.items()]


def name_of(user: User) -> str:
    return user.get_full_name() or user.username
