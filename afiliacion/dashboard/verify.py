"""The public page that vouches for our papers: is this folio ours? It says nothing of anybody, and answers nobody too often."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from afiliacion.documents.register import Standing, verify

_LONGEST: Final = 60
_MINUTE: Final = 60


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """The page to type a folio on."""
    folio = request.GET.get("folio", "")[:_LONGEST].replace("/", "").strip()
    return redirect("verify", folio) if folio.strip(".") else _page(request, {})


@require_safe
def answer(request: HttpRequest, folio: str) -> HttpResponse:
    """What the register says of a folio: genuine, altered, never issued, or not a folio at all."""
    if _too_often(request):
        return _page(request, {"folio": folio[:_LONGEST], "too_often": True}, status=429)
    verdict = verify(folio[:_LONGEST])
    status = 200 if verdict.standing is Standing.GENUINE else 404
    return _page(request, {"folio": folio[:_LONGEST], "standing": verdict.standing.name, "issued": verdict.issued}, status=status)


def _page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    response = render(request, "dashboard/verify.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def _too_often(request: HttpRequest) -> bool:
    """Whether this address asks more often than a person with papers in the hand would: nobody tries folios out."""
    key = f"verify-{quote(_address(request))}"
    cache.add(key, 0, _MINUTE)
    try:
        return bool(cache.incr(key) > settings.VERIFY_PER_MINUTE)
    except ValueError:
        # The minute ended between the two.
        return False


def _address(request: HttpRequest) -> str:
    """Who asks: behind a proxy of ours, the last address it saw."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return forwarded.split(",")[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))
