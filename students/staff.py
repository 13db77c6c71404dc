"""Which planteles a person of the staff may see and touch. Every screen, list, import and document asks here."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from students.models import Plantel, StaffPost


def own_planteles(user: AbstractBaseUser | AnonymousUser) -> list[Plantel] | None:
    """The planteles `user` works at, in one question; None means all of them (a coordinator). A superuser alone has none."""
    posts = StaffPost.objects.filter(user_id=user.pk).select_related("plantel") if user.is_active else []
    found = [post.plantel for post in posts]
    return None if None in found else sorted((each for each in found if each), key=lambda plantel: (plantel.name, plantel.pk))


def plantel_ids(user: AbstractBaseUser | AnonymousUser) -> frozenset[int] | None:
    """Ids of the planteles `user` works at; None means all of them (a coordinator)."""
    own = own_planteles(user)
    return None if own is None else frozenset(plantel.pk for plantel in own)


def planteles(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Plantel]:
    """The planteles `user` works at."""
    ids = plantel_ids(user)
    return Plantel.objects.all() if ids is None else Plantel.objects.filter(pk__in=ids)
