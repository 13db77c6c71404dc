"""What every screen of the office knows."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from afiliacion.imss.rate import circuit_breaker

#: The cookie that remembers light or dark.
THEME: Final = "tema"


def office(request: HttpRequest) -> dict[str, Any]:
    """Whether this is the demo, and the outage of IMSS going on, looked up only where a page shows it."""
    theme = "dark" if request.COOKIES.get(THEME) == "dark" else "light"
    return {"theme": theme, "demo": settings.DEMO, "outage": SimpleLazyObject(circuit_breaker.current)}
