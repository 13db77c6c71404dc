"""The pages for when something goes wrong. They ask nothing of the database: it may be what is wrong."""

from __future__ import annotations

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Any) -> HttpResponse:
    return _page("400.html", 400)


def permission_denied(request: HttpRequest, exception: Any) -> HttpResponse:
    return _page("403.html", 403)


def page_not_found(request: HttpRequest, exception: Any) -> HttpResponse:
    return _page("404.html", 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page("403_csrf.html", 403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while the error is still being handled: an absent database is a pause, not a fault."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        response = _page("503.html", 503)
        response.headers["Retry-After"] = "30"
        return response
    return _page("500.html", 500)


def _page(template: str, status: int) -> HttpResponse:
    return HttpResponse(render_to_string(template), status=status)
