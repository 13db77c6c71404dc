"""What every answer of the office has: a Content-Security-Policy that allows nothing from elsewhere, and a size that costs little."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.cache import patch_vary_headers

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; frame-src 'self'"
)
#: Bytes below which a page is not worth packing.
SHORT: Final = 200


class ContentSecurityPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class Gzip(GZipMiddleware):
    """Django's, but a page is packed at a level that takes half the time for a tenth more of bytes."""

    LEVEL: Final = 3

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if response.streaming or response.has_header("ETag") or not re_accepts_gzip.search(request.headers.get("Accept-Encoding", "")):
            return super().process_response(request, response)
        if len(response.content) >= SHORT and not response.has_header("Content-Encoding"):
            patch_vary_headers(response, ("Accept-Encoding",))
            response.content = _padded(gzip.compress(response.content, self.LEVEL, mtime=0), self.max_random_bytes)
            response.headers["Content-Length"], response.headers["Content-Encoding"] = str(len(response.content)), "gzip"
        return response


def _padded(packed: bytes, most: int) -> bytes:
    """With a file name of random length, as Django does it: what a page weighs must not tell what is in it (BREACH)."""
    return packed[:3] + b"\x08" + packed[4:10] + b"a" * secrets.randbelow(most) + b"\0" + packed[10:]
