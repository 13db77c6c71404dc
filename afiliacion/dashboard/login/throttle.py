"""Guessing passwords costs time: failed logins in a row make the next one wait, for the account there and, later, everywhere.

A browser that has logged in before carries a signed cookie and has a count of its own: guesses from elsewhere
never lock its user out (OWASP ASVS 6.3.1; NIST SP 800-63B-4, 3.2.2: at most a hundred failures an account).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import unicodedata
from typing import Final

from django.conf import settings
from django.core import signing
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from afiliacion.client_address import client_address
from afiliacion.dashboard.models import LoginTally

#: Failures that cost nothing; each one more doubles the wait, from the first to the longest.
FREE_HERE: Final = 5
FREE_ACCOUNT: Final = 50
FREE_ADDRESS: Final = 100
FIRST_WAIT: Final = dt.timedelta(seconds=30)
LONGEST_WAIT: Final = dt.timedelta(hours=1)
_COOKIE: Final = "conocido"
_COOKIE_AGE: Final = 180 * 24 * 3600


def keys(request: HttpRequest, username: str) -> list[tuple[str, int]]:
    """What is counted for this attempt, each with how many failures are free. No key names a person or an address."""
    name, address = account(username), client_address(request)
    if _is_known(request, name):
        return [(_key("browser", name, request.COOKIES[_COOKIE]), FREE_HERE)]
    return [(_key("here", name, address), FREE_HERE), (_key("account", name), FREE_ACCOUNT), (_key("address", address), FREE_ADDRESS)]


def account(username: str) -> str:
    """Return the one key under which every spelling of a user name that the login form takes is counted.

    The form applies NFKC (Django's UsernameField), so full-width letters name the same account.
    """
    return unicodedata.normalize("NFKC", username).strip().casefold()


def waits(counted: list[tuple[str, int]], now: dt.datetime) -> dt.timedelta:
    """How long until the next attempt may be made; zero or less: now."""
    until = (
        LoginTally.objects.filter(key__in=[key for key, _ in counted]).order_by("-wait_until").values_list("wait_until", flat=True).first()
    )
    return until - now if until else dt.timedelta()


def failed(counted: list[tuple[str, int]], now: dt.datetime) -> None:
    """Count a failure, under each key by itself: two at once are two."""
    for key, free in counted:
        tally, new = LoginTally.objects.get_or_create(key=key, defaults={"failures": 1, "wait_until": now})
        if not new:
            LoginTally.objects.filter(key=key).update(failures=F("failures") + 1)
            tally.refresh_from_db()
        if tally.failures >= free:
            LoginTally.objects.filter(key=key).update(wait_until=now + _wait(tally.failures - free))
    LoginTally.objects.filter(wait_until__lt=now - dt.timedelta(days=1)).delete()


def came_in(request: HttpRequest, response: HttpResponse, username: str, counted: list[tuple[str, int]]) -> None:
    """Forget this person's failures, and let their browser be known."""
    LoginTally.objects.filter(key__in=[key for key, free in counted if free != FREE_ADDRESS]).delete()
    value = signing.dumps(_key("known", account(username)), salt=_COOKIE)
    response.set_cookie(_COOKIE, value, max_age=_COOKIE_AGE, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")


def _wait(beyond: int) -> dt.timedelta:
    wait: dt.timedelta = FIRST_WAIT * 2 ** min(beyond, 10)
    return min(wait, LONGEST_WAIT)


def _is_known(request: HttpRequest, name: str) -> bool:
    try:
        said = signing.loads(request.COOKIES.get(_COOKIE, ""), salt=_COOKIE, max_age=_COOKIE_AGE)
    except signing.BadSignature:
        return False
    return hmac.compare_digest(str(said), _key("known", name))


def _key(*parts: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()
