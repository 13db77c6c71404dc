"""Limits of tries in a time, counted in the database: the same for every process, and by its clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

_COUNT: Final = """
    INSERT INTO student_page_tries AS t (key, since, n) VALUES (%(key)s, clock_timestamp(), 1)
    ON CONFLICT (key) DO UPDATE SET
        n = CASE WHEN t.since < clock_timestamp() - make_interval(secs => %(seconds)s) THEN 1 ELSE t.n + 1 END,
        since = CASE WHEN t.since < clock_timestamp() - make_interval(secs => %(seconds)s) THEN clock_timestamp() ELSE t.since END
    RETURNING n
"""
_FORGIVE: Final = "UPDATE student_page_tries SET n = n - 1 WHERE key = %(key)s AND n > 0"


@dataclass(frozen=True, slots=True)
class TryLimit:
    """At most `n` tries of `what` in `seconds`, for each `who`."""

    what: str
    n: int
    seconds: int

    def count(self, who: str) -> bool:
        """Count one try and return whether it is within the limit: of many at once, no more than `n` are."""
        with connection.cursor() as cursor:
            # One statement counts and tells the count: reading it first let seven tries in a race through a limit of five.
            cursor.execute(_COUNT, self._key(who))
            return int(cursor.fetchone()[0]) <= self.n

    def forgive(self, who: str) -> None:
        """Take back one counted try, which turned out to be a right one."""
        with connection.cursor() as cursor:
            cursor.execute(_FORGIVE, self._key(who))

    def _key(self, who: str) -> dict[str, str | int]:
        digest = hashlib.sha256(salted_hmac("afiliacion.student_page", f"{self.what}|{who}").digest()).hexdigest()
        return {"key": digest, "seconds": self.seconds}


#: Links that open nothing, from one address.
GUESSES: Final = TryLimit("link", 30, 60)
#: Wrong dates of birth, for one case: the holder of a stolen link does not find it by trying.
BIRTHDAYS: Final = TryLimit("birth", 5, 3600)
#: Codes sent, for one case.
CODES: Final = TryLimit("code", 3, 3600)
PAPERS: Final = TryLimit("paper", settings.STUDENT_PAPERS_A_DAY, 86_400)
