"""Sessions in the database as Django keeps them, read by a query that is kept: every page begins with it. And how long they last."""

from __future__ import annotations

import time
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as Kept
from django.contrib.sessions.models import Session
from django.utils import timezone

from afiliacion.database.batch_queries import Parameter, rows_of

_ALIVE: Final = Session.objects.filter(session_key=Parameter("key"), expire_date__gt=Parameter("now"))


class SessionStore(Kept):
    def _get_session_from_db(self) -> Session | None:
        found = rows_of(_ALIVE, key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
        return found[0] if found else None


_BEGAN: Final = "began"
_USED: Final = "used"
#: The last use is written at most this often, seconds: a page read is then a row read, not a row written.
_WRITTEN_EVERY: Final = 60


def begin(request: Any, **_: Any) -> None:
    """Note in the session when its user logged in (receiver of user_logged_in)."""
    request.session[_BEGAN] = request.session[_USED] = int(time.time())


def end_if_over(session: SessionBase) -> bool:
    """Note that a session is used, or end it if it was not for SESSION_IDLE_MINUTES or has lasted SESSION_HOURS. Return whether it ended.

    A session without a user has no limit but its cookie's.
    """
    if SESSION_KEY not in session:
        return False
    now = int(time.time())
    began, used = session.get(_BEGAN, now), session.get(_USED, now)
    if now - used > settings.SESSION_IDLE_MINUTES * 60 or now - began > settings.SESSION_COOKIE_AGE:
        session.flush()
        return True
    if now - used >= _WRITTEN_EVERY or _BEGAN not in session:
        session[_BEGAN], session[_USED] = began, now
    return False
