"""The public page that verifies a paper by its folio. It shows no personal data, and limits the requests of an address."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from afiliacion.client_address import client_address
from afiliacion.documents.register import FolioStatus, verify

_LONGEST: Final = 60
_MINUTE: Final = 60


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """The page to type a folio on."""
    folio = request.GET.get("folio", "")[:_LONGEST].replace("/", "").strip()
    return redirect("verify", folio) if folio.strip(".") else _page(request, {})


@require_safe
def answer(request: HttpRequest, folio: str) -> HttpResponse:
    """What the register says of a folio: genuine, not genuine, or not a folio at all."""
    if _too_often(request):
        return _page(request, {"folio": folio[:_LONGEST], "too_often": True}, status=429)
    check = verify(folio[:_LONGEST])
    status = 200 if check.status is FolioStatus.GENUINE else 404
    return _page(request, {"folio": folio[:_LONGEST], "standing": check.status.name, "issued": check.issued}, status=status)


def _page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    response = render(request, "dashboard/documents/verify.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def _too_often(request: HttpRequest) -> bool:
    """Whether this address asked more often than VERIFY_PER_MINUTE: folios cannot be enumerated."""
    key = f"verify-{quote(client_address(request))}"
    cache.add(key, 0, _MINUTE)
    try:
        return bool(cache.incr(key) > settings.VERIFY_PER_MINUTE)
    except ValueError:
        # The minute ended between the two.
        return False
