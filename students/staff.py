"""Which planteles a person of the staff may see and touch. Every screen, list, import and document asks here."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from students.models import Plantel, StaffPost


def plantel_ids(user: AbstractBaseUser | AnonymousUser) -> frozenset[int] | None:
    """Ids of the planteles `user` works at; None means all of them (a coordinator). A superuser alone has none."""
    posts = frozenset(StaffPost.objects.filter(user_id=user.pk).values_list("plantel_id", flat=True)) if user.is_active else frozenset()
    return None if None in posts else frozenset(p for p in posts if p is not None)


def planteles(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Plantel]:
    """The planteles `user` works at."""
    ids = plantel_ids(user)
    return Plantel.objects.all() if ids is None else Plantel.objects.filter(pk__in=ids)
