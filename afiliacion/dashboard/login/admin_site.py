"""The admin without a login of its own: there is one login, and it is throttled (throttle.py)."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


class OfficeAdminSite(admin.AdminSite):
    """The catalogues. Login and password change are the office's own pages."""

    site_header = "Afiliación · Catálogos"
    site_title = "Afiliación"
    index_title = "Catálogos"

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Send to the office's login; a user who may not enter the admin, to Inicio."""
        if request.user.is_authenticated:
            return redirect("home")
        return redirect_to_login(reverse("admin:index"))

    def password_change(  # type: ignore[override]  # the stubs know no redirect
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return redirect("password")
