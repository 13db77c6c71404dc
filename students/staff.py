"""Decide which planteles a member of the staff may see and change. Every screen, list, import and document asks here."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import QuerySet

from afiliacion.database.batch_queries import Batch, Parameter, together
from students.models import Plantel, StaffPost


class _StaffMember(NamedTuple):
    """A user (at most one), their posts, and the planteles of these."""

    users: list[User]
    posts: list[StaffPost]
    planteles: list[Plantel]


_STAFF_MEMBER: Final = Batch(
    _StaffMember,
    users=User.objects.filter(pk=Parameter("user")),
    posts=StaffPost.objects.filter(user=Parameter("user")),
    planteles=Plantel.objects.filter(posts__user=Parameter("user")),
)


class StaffBackend(ModelBackend):
    """Django's ModelBackend that reads a session's user and their posts in one query, since every page needs both."""

    def get_user(self, user_id: Any) -> Any:
        found = together(_STAFF_MEMBER, user=user_id)
        if not found.users:
            return None
        (user,), by_id = found.users, {plantel.pk: plantel for plantel in found.planteles}
        for post in found.posts:
            post.plantel = by_id.get(post.plantel_id or 0)
        user.known_posts = found.posts  # type: ignore[attr-defined]  # kept for this request: own_planteles need not query again
        return user if self.user_can_authenticate(user) else None


def own_planteles(user: AbstractBaseUser | AnonymousUser) -> list[Plantel] | None:
    """The planteles `user` works at, in one query; None means all of them (a coordinator). A superuser without a post has none."""
    known = getattr(user, "known_posts", None)
    asked = StaffPost.objects.filter(user_id=user.pk).select_related("plantel") if user.is_active and known is None else known
    found = [post.plantel for post in asked or ()]
    return None if None in found else sorted((each for each in found if each), key=lambda plantel: (plantel.name, plantel.pk))


def plantel_ids(user: AbstractBaseUser | AnonymousUser) -> frozenset[int] | None:
    """Ids of the planteles `user` works at; None means all of them (a coordinator)."""
    own = own_planteles(user)
    return None if own is None else frozenset(plantel.pk for plantel in own)


def planteles(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Plantel]:
    """The planteles `user` works at."""
    ids = plantel_ids(user)
    return Plantel.objects.all() if ids is None else Plantel.objects.filter(pk__in=ids)
