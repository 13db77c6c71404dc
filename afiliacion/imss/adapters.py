"""Whether there is a line to IMSS, and how it is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.conf import settings

from afiliacion.imss.manual import Manual
from afiliacion.imss.models import Manners
from afiliacion.imss.port import Imss


def has_service() -> bool:
    """Whether whoever installed the office gave it the address of a service (IMSS_URL)."""
    return bool(settings.IMSS_URL)


def is_automatic(manners: Manners | None = None) -> bool:
    """Whether IMSS is asked: there is a service and the coordination wants it used. If not, officers note what IMSS does.
    `manners`: as just read, if they were."""
    return has_service() and (Manners.objects.get() if manners is None else manners).way == Manners.Way.SERVICE


@asynccontextmanager
async def connected() -> AsyncIterator[Imss]:
    """IMSS; its connections are closed at the end."""
    if not has_service():
        yield Manual()
        return
    from afiliacion.imss.http import Http  # noqa: PLC0415 - what speaks HTTP weighs seven megabytes: loaded by who asks IMSS
    from afiliacion.imss.twin import Twin  # noqa: PLC0415 - likewise

    async with Http(settings.IMSS_URL, seconds=settings.IMSS_TIMEOUT_SECONDS, connections=settings.IMSS_CONCURRENCY) as http:
        yield Twin(http)
