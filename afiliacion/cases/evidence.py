"""Keep what proves a fact, by its hash."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from afiliacion.cases.models import Evidence


def keep(bodies: Iterable[bytes], *, kind: Evidence.Kind, media_type: str, now: dt.datetime) -> list[str]:
    """Store each body once and return their SHA-256 (hex), in the order given."""
    kept = [
        Evidence(sha256=hashlib.sha256(body).hexdigest(), kind=kind, media_type=media_type, body=body, received_at=now) for body in bodies
    ]
    Evidence.objects.bulk_create(kept, ignore_conflicts=True)
    return [evidence.sha256 for evidence in kept]
