"""Sessions in the database as Django keeps them, read by a question that is kept: every page begins with it."""

from __future__ import annotations

from typing import Final

from django.contrib.sessions.backends.db import SessionStore as Kept
from django.contrib.sessions.models import Session
from django.utils import timezone

from students.together import Given, together

_ALIVE: Final = Session.objects.filter(session_key=Given("key"), expire_date__gt=Given("now"))


class SessionStore(Kept):
    def _get_session_from_db(self) -> Session | None:
        (found,) = together(_ALIVE, key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
        return found[0] if found else None
