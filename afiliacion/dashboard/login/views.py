"""Login, logout, password change, theme, and the icon shown before the login."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from afiliacion.dashboard.frame.context_processors import THEME
from afiliacion.dashboard.login import throttle
from afiliacion.operations import first_run


class Entrance(LoginView):
    """The login. Afterwards one goes on to a page of this office, never elsewhere."""

    template_name = "dashboard/login/login.html"
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The first visit to a new office sets it up."""
        return redirect("first-run") if first_run.is_new() else super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse a try made too soon without checking it; the answer is the same for a known and an unknown account."""
        name, now = request.POST.get("username", ""), timezone.now()
        counted = throttle.keys(request, name)
        wait = throttle.waits(counted, now)
        if wait > dt.timedelta():
            seconds = wait.seconds + 1
            response = self.render_to_response(self.get_context_data(form=AuthenticationForm(request), wait=seconds), status=429)
            response.headers["Retry-After"] = str(seconds)
            return response
        response = super().post(request, *args, **kwargs)
        if response.status_code == HTTPStatus.FOUND:
            throttle.came_in(request, response, name, counted)
        else:
            throttle.failed(counted, now)
        return response

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Django's own check, and more: only a path, with nothing in it that a browser could take for a host."""
        url = super().get_redirect_url()
        return url if url.startswith("/") and not url.startswith(("//", "/\\")) else ""


class PasswordChange(PasswordChangeView):
    """One's own password; every other session of the person ends."""

    http_method_names = ("get", "head", "post")
    template_name = "dashboard/login/password.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Listo: su contraseña cambió. Las sesiones abiertas en otros equipos se cerraron.")
        return super().form_valid(form)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light or dark, remembered by the browser."""
    dark = request.POST.get("tema") == "dark"
    back = request.headers.get("Referer", "")
    here = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = redirect(back if here else "home")
    response.set_cookie(
        THEME, "dark" if dark else "light", max_age=365 * 24 * 3600, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return response


@login_not_required
@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """Pages that name no icon (the admin's, a PDF) get ours."""
    return redirect(static("dashboard/icon.svg"), permanent=True)
