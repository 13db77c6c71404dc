"""The one door of the office: who may enter, and what each person of the staff may see and touch.

Closed by default: a view is behind the door unless it says `login_not_required`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, cast

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import User
from django.db.models import BigIntegerField, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.queries import cases_of, visible_cases
from afiliacion.database.batch_queries import Batch, Parameter, together
from students.models import Ciclo, Enrolment, Plantel, Student
from students.staff import own_planteles


@dataclass(frozen=True, slots=True)
class Scope:
    """What one person may see: the cases of their own planteles; None means every plantel (a coordinator)."""

    user: User
    own: tuple[Plantel, ...] | None

    @property
    def plantel_ids(self) -> frozenset[int] | None:
        return None if self.own is None else frozenset(plantel.pk for plantel in self.own)

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.PERSON, self.user.get_full_name() or self.user.username, self.user.pk)

    def act(self, now: dt.datetime) -> Act:
        """What this person does at `now`, within their planteles: every order of theirs is given to a verb with it."""
        return Act(self.actor, now, self.plantel_ids)

    def day(self, moment: dt.datetime) -> dt.date:
        """The date where this person works, at an aware moment: of several zones the latest, of every plantel the office's."""
        return max((plantel.day(moment) for plantel in self.own or ()), default=timezone.localdate(moment))

    def cases(self) -> QuerySet[Case]:
        """Those that lists, numbers and orders are about."""
        return visible_cases(self.plantel_ids)

    def case(self, case_id: int) -> Case:
        """The case with all a screen shows of it. Raises Http404 for one that does not exist and for one of others alike."""
        if case_id > BigIntegerField.MAX_BIGINT:
            raise Http404
        found = together(_whole(everywhere=self.own is None), case=case_id, planteles=sorted(self.plantel_ids or ()))
        if not found.cases:
            raise Http404
        (case,), (case.student,), (case.plantel,) = found.cases, found.students, found.planteles
        (case.enrolment,), (case.enrolment.ciclo,) = found.enrolments, found.ciclos
        return case

    def planteles(self) -> QuerySet[Plantel]:
        return Plantel.objects.all() if self.plantel_ids is None else Plantel.objects.filter(pk__in=self.plantel_ids)

    def named_planteles(self) -> list[tuple[int, str]]:
        """(id, name) of the same, to choose from: a person's own are known already."""
        if self.own is None:
            return list(Plantel.objects.values_list("pk", "name"))
        return [(plantel.pk, plantel.name) for plantel in self.own]


class _WholeCase(NamedTuple):
    """A case and the rows it belongs to: one of each, or none."""

    cases: list[Case]
    students: list[Student]
    planteles: list[Plantel]
    enrolments: list[Enrolment]
    ciclos: list[Ciclo]


@cache
def _whole(*, everywhere: bool) -> Batch[_WholeCase]:
    """The queries for `case`, of `planteles` or of any."""
    case = Parameter("case")
    seen = cases_of(None if everywhere else Parameter("planteles"))
    return Batch(
        _WholeCase,
        cases=seen.filter(pk=case),
        students=Student.objects.filter(cases=case),
        planteles=Plantel.objects.filter(cases=case),
        enrolments=Enrolment.objects.filter(cases=case),
        ciclos=Ciclo.objects.filter(enrolments__cases=case),
    )


class OfficeRequest(HttpRequest):
    """A request that came through the door."""

    user: User
    htmx: HtmxDetails
    scope: Scope


class OfficeDoor(LoginRequiredMiddleware):
    """Anonymous people go to the login; people without a post are told so; the rest carry their scope.

    The admin has its own door (is_staff and permissions), behind the same login.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        to_login = super().process_view(request, view_func, view_args, view_kwargs)
        if to_login is not None or not getattr(view_func, "login_required", True):
            return _whole_page(request, to_login)
        if request.resolver_match is None or request.resolver_match.app_name == "admin":
            return None
        return _give_scope(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if hasattr(request, "scope"):
            # Screens are full of personal data: the shared PC keeps none of it.
            patch_cache_control(response, private=True, no_store=True)
        return response


def _whole_page(request: HttpRequest, to_login: HttpResponseBase | None) -> HttpResponseBase | None:
    """A session that ended between two htmx requests must not put the login inside a corner of the page."""
    if to_login is None or not getattr(request, "htmx", False):
        return to_login
    return HttpResponseClientRedirect(to_login.headers["Location"])


def _give_scope(request: HttpRequest) -> HttpResponseBase | None:
    user = cast("User", request.user)
    own = own_planteles(user)
    scope = Scope(user, None if own is None else tuple(own))
    if scope.plantel_ids is not None and not scope.plantel_ids:
        return render(request, "dashboard/no_post.html", status=403)
    request.scope = scope  # type: ignore[attr-defined]  # this is what makes it an OfficeRequest
    return None
