"""Store the bodies that prove facts, by hash."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Final

from django.db import connection

from afiliacion.cases.models import Evidence

# One statement: an insert per body would be a round trip each. In order, so that two workers with the same bodies cannot deadlock.
_KEEP: Final = """
INSERT INTO cases_evidence (sha256, kind, media_type, body, received_at)
SELECT sha256, %s, %s, body, %s FROM unnest(%s::text[], %s::bytea[]) AS new (sha256, body) ORDER BY sha256
ON CONFLICT DO NOTHING
"""


def keep(bodies: Iterable[bytes], *, kind: Evidence.Kind, media_type: str, now: dt.datetime) -> list[str]:
    """Store each body once and return their SHA-256 (hex), in the order given."""
    kept = [(hashlib.sha256(body).hexdigest(), body) for body in bodies]
    if kept:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [kind.value, media_type, now, *map(list, zip(*kept, strict=True))])
    return [sha256 for sha256, _ in kept]
