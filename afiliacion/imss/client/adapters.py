"""Whether IMSS has a service for this office, and how a session with it is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.conf import settings

from afiliacion.imss.client.manual_adapter import ManualAdapter
from afiliacion.imss.client.port import Imss
from afiliacion.imss.models import ImssSettings


def has_service() -> bool:
    """Whether the installation has the address of a service (IMSS_URL)."""
    return bool(settings.IMSS_URL)


def is_automatic(rules: ImssSettings | None = None) -> bool:
    """Whether IMSS is asked: there is a service and the coordination wants it used. If not, officers note what IMSS does.
    `rules`: the settings, if they have been read already."""
    return has_service() and (ImssSettings.objects.get() if rules is None else rules).way == ImssSettings.Way.SERVICE


@asynccontextmanager
async def connected() -> AsyncIterator[Imss]:
    """Open a session with IMSS; its connections are closed at the end."""
    if not has_service():
        yield ManualAdapter()
        return
    from afiliacion.imss.client.http import HttpClient  # noqa: PLC0415 - the HTTP client takes seven megabytes: loaded only by a chase
    from afiliacion.imss.client.http_adapter import HttpAdapter  # noqa: PLC0415 - likewise

    async with HttpClient(settings.IMSS_URL, seconds=settings.IMSS_TIMEOUT_SECONDS, connections=settings.IMSS_CONCURRENCY) as http:
        yield HttpAdapter(http)
