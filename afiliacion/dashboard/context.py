"""What every screen of the office knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from afiliacion.imss import outage


def office(request: HttpRequest) -> dict[str, Any]:
    """Whether this is the demo, and the outage of IMSS going on, looked up only where a page shows it."""
    return {"demo": settings.DEMO, "outage": SimpleLazyObject(outage.current)}
