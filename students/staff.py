"""Which planteles a person of the staff may see and touch. Every screen, list, import and document asks here."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import QuerySet

from students.models import Plantel, StaffPost
from students.together import Given, together

#: Who somebody is, their posts, and the planteles of these.
_PERSON: Final = (
    User.objects.filter(pk=Given("user")), StaffPost.objects.filter(user=Given("user")), Plantel.objects.filter(posts__user=Given("user")),
)  # fmt: skip


class StaffBackend(ModelBackend):
    """Django's own way in. Who a session belongs to and where they work is one question: every page asks both."""

    def get_user(self, user_id: Any) -> Any:
        people, posts, planteles = together(*_PERSON, user=user_id)
        if not people:
            return None
        (user,), by_id = people, {plantel.pk: plantel for plantel in planteles}
        for post in posts:
            post.plantel = by_id.get(post.plantel_id)
        user.known_posts = posts  # for this request: own_planteles need not ask again
        return user if self.user_can_authenticate(user) else None


def own_planteles(user: AbstractBaseUser | AnonymousUser) -> list[Plantel] | None:
    """The planteles `user` works at, in one question; None means all of them (a coordinator). A superuser alone has none."""
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
