"""Access by token: a valid link opens one case; anything else gets the same answer, and is counted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control

from afiliacion.cases.identity.repeated import goes_on
from afiliacion.cases.models import Case
from afiliacion.client_address import client_address
from afiliacion.reminders.letters.links import BadLink, Origin, Purpose, opened
from afiliacion.reminders.silent_students import silent_students
from afiliacion.student_page.try_limits import GUESSES

View = Callable[..., HttpResponse]


class LinkRequest(HttpRequest):
    """A request by a valid link."""

    token: str
    origin: Origin | None
    #: The link is of a repeated case, and opens the one that goes on.
    was_repeated: bool


def behind_link(view: Callable[..., HttpResponse], purpose: Purpose = Purpose.PAGE) -> View:
    """Return the view that calls `view(request, case)` with the case the token in the address opens, and `request.token`, `.origin`.

    The link of a case that was closed because it was repeated opens the one that goes on.
    Its answers are not cached, and search engines are told not to index them.
    """

    @wraps(view)
    def through(request: LinkRequest, token: str, **kwargs: Any) -> HttpResponse:
        response = _open(view, request, token, purpose, kwargs)
        patch_cache_control(response, private=True, no_store=True)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return login_not_required(through)


def _open(view: View, request: LinkRequest, token: str, purpose: Purpose, kwargs: dict[str, Any]) -> HttpResponse:
    try:
        link = opened(token, timezone.localdate(), purpose)
        of_link = Case.objects.select_related("student", "plantel").get(pk=link.case_id)
    except (BadLink, Case.DoesNotExist) as error:
        return _refused(request, expired=getattr(error, "expired", False))
    case = goes_on(of_link)
    if silent_students([case.student_id]):
        return render(request, "student_page/closed.html", {"plantel": case.plantel})
    request.token, request.origin, request.was_repeated = token, link.origin, case.pk != of_link.pk
    return view(request, case, **kwargs)


def _refused(request: HttpRequest, *, expired: bool) -> HttpResponse:
    """Only what opens nothing counts: a whole school behind one address is not shut out by those who guess from it."""
    if GUESSES.count(client_address(request)):
        return render(request, "student_page/no_link.html", {"expired": expired}, status=404)
    response = render(request, "student_page/wait.html", status=429)
    response.headers["Retry-After"] = str(GUESSES.seconds)
    return response
