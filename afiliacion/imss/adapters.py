"""Which adapter the settings name, and how it is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from afiliacion.imss.manual import Manual
from afiliacion.imss.port import Imss

MANUAL: Final = "manual"
TWIN: Final = "twin"


def is_automatic() -> bool:
    """Whether there is anybody to ask. If not, officers note what IMSS does."""
    return settings.IMSS_ADAPTER != MANUAL


@asynccontextmanager
async def connected() -> AsyncIterator[Imss]:
    """IMSS, through the adapter of the settings; its connections are closed at the end."""
    if settings.IMSS_ADAPTER == MANUAL:
        yield Manual()
        return
    if settings.IMSS_ADAPTER != TWIN:
        raise ImproperlyConfigured(f"IMSS_ADAPTER={settings.IMSS_ADAPTER!r}: debe ser «{TWIN}» o «{MANUAL}».")
    if not settings.IMSS_URL:
        raise ImproperlyConfigured("Falta IMSS_URL: la dirección del servicio del IMSS, o IMSS_ADAPTER=manual si no hay.")
    from afiliacion.imss.http import Http  # noqa: PLC0415 - what speaks HTTP weighs seven megabytes: loaded by who asks IMSS
    from afiliacion.imss.twin import Twin  # noqa: PLC0415 - likewise

    async with Http(settings.IMSS_URL, seconds=settings.IMSS_TIMEOUT_SECONDS, connections=settings.IMSS_CONCURRENCY) as http:
        yield Twin(http)
