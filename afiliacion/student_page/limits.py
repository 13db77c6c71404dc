"""So many tries in so long, counted in the database: the same for every process, and by its clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

_COUNT: Final = """
    INSERT INTO student_page_tries AS t (key, since, n) VALUES (%(key)s, clock_timestamp(), 1)
    ON CONFLICT (key) DO UPDATE SET
        n = CASE WHEN t.since < clock_timestamp() - make_interval(secs => %(seconds)s) THEN 1 ELSE t.n + 1 END,
        since = CASE WHEN t.since < clock_timestamp() - make_interval(secs => %(seconds)s) THEN clock_timestamp() ELSE t.since END
    RETURNING n
"""
_SEEN: Final = "SELECT n FROM student_page_tries WHERE key = %(key)s AND since >= clock_timestamp() - make_interval(secs => %(seconds)s)"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `n` tries of `what` in `seconds`, for each `who`."""

    what: str
    n: int
    seconds: int

    def reached(self, who: str) -> bool:
        """Whether `who` has no tries left. Counts nothing."""
        with connection.cursor() as cursor:
            cursor.execute(_SEEN, self._key(who))
            row = cursor.fetchone()
        return row is not None and int(row[0]) >= self.n

    def note(self, who: str) -> bool:
        """Count one try; True while it is within the limit."""
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, self._key(who))
            return int(cursor.fetchone()[0]) <= self.n

    def _key(self, who: str) -> dict[str, str | int]:
        digest = hashlib.sha256(salted_hmac("afiliacion.student_page", f"{self.what}|{who}").digest()).hexdigest()
        return {"key": digest, "seconds": self.seconds}


#: Links that open nothing, from one address.
GUESSES: Final = Limit("link", 30, 60)
#: Wrong dates of birth, for one case: who holds a stolen link does not find it by trying.
BIRTHDAYS: Final = Limit("birth", 5, 3600)
PAPERS: Final = Limit("paper", settings.STUDENT_PAPERS_A_DAY, 86_400)


def address_of(request: HttpRequest) -> str:
    """The network address a request comes from, as far as we can know: behind our own proxy, what it says."""
    if settings.SECURE_PROXY_SSL_HEADER:
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
