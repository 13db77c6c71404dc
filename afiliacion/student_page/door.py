"""The door of the student's page: a good link opens one case; anything else is told the same, and counted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control

from afiliacion.cases.models import Case
from afiliacion.reminders.links import BadLink, Purpose, case_of
from afiliacion.student_page.limits import GUESSES, address_of

View = Callable[..., HttpResponse]


def behind_link(view: Callable[..., HttpResponse], purpose: Purpose = Purpose.PAGE) -> View:
    """`view(request, case, token, …)` for the case a token opens. Its answers are kept nowhere and found by no search engine."""

    @wraps(view)
    def through(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        response = _open(view, request, token, purpose, kwargs)
        patch_cache_control(response, private=True, no_store=True)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return login_not_required(through)


def _open(view: View, request: HttpRequest, token: str, purpose: Purpose, kwargs: dict[str, Any]) -> HttpResponse:
    who = address_of(request)
    if GUESSES.reached(who):
        response = render(request, "student_page/wait.html", status=429)
        response.headers["Retry-After"] = str(GUESSES.seconds)
        return response
    try:
        case = Case.objects.select_related("student", "plantel").get(pk=case_of(token, timezone.localdate(), purpose))
    except (BadLink, Case.DoesNotExist) as error:
        GUESSES.note(who)
        return render(request, "student_page/no_link.html", {"expired": getattr(error, "expired", False)}, status=404)
    return view(request, case, token, **kwargs)
