"""Coming in, and the little picture browsers ask for before anybody has."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


class Entrance(LoginView):
    """The login. Afterwards one goes on to a page of this office, never elsewhere."""

    template_name = "dashboard/login.html"
    redirect_authenticated_user = True

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Django's own check, and more: only a path, with nothing in it that a browser could take for a host."""
        url = super().get_redirect_url()
        return url if url.startswith("/") and not url.startswith(("//", "/\\")) else ""


@login_not_required
@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """Pages that name no icon (the admin's, a PDF) get ours."""
    return redirect(static("dashboard/icon.svg"), permanent=True)
