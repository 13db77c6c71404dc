"""The people of the office as its screens name them: to whom a case can be given, who can be called in a note."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from afiliacion.dashboard.access import Scope
from students.together import Given, together

_PEOPLE: Final = User.objects.filter(is_active=True, posts__isnull=False).only("first_name", "last_name", "username")
_IN_ORDER: Final = ("first_name", "last_name", "username")
_EVERYBODY: Final = _PEOPLE.distinct().order_by(*_IN_ORDER)
_THEIRS: Final = _PEOPLE.filter(Q(posts__plantel=None) | Q(posts__plantel__pk__among=Given("own"))).distinct().order_by(*_IN_ORDER)


def working_with(scope: Scope) -> QuerySet[User]:
    """Everybody who works where `scope`'s person does, as a question that is given their `own` planteles."""
    return _EVERYBODY if scope.plantel_ids is None else _THEIRS


def colleagues(scope: Scope, read: Iterable[User] | None = None) -> list[tuple[int, str]]:
    """(id, name) of everybody who works where `scope`'s person does, themselves first. `read`: what `working_with` found, if it has been
    asked already."""
    (people,) = (read,) if read is not None else together(working_with(scope), own=sorted(scope.plantel_ids or ()))
    names = {user.pk: name_of(user) for user in people if user.pk != scope.user.pk}
    return [(scope.user.pk, f"{name_of(scope.user)} (usted)"), *names.items()]


def name_of(user: User) -> str:
    return user.get_full_name() or user.username
