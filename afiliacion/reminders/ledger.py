"""Writing down that somebody will be told something. The insert is the lock; nothing here sends anything."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from typing import Final

from django.db import connection

from afiliacion.reminders.due import WINNERS, parameters
from afiliacion.reminders.models import ReminderKind

_COLUMNS: Final = (
    "kind_id, case_id, student_id, step, recipient, data, night, created_at, send_after, "
    "status, attempts, error, message_id, subject, text, version"
)
_QUEUED: Final = "%(night)s, %(now)s, %(now)s, 'queued', 0, '', '', '', '', ''"
_INSERT_DUE: Final = f"""
    INSERT INTO reminders_reminder ({_COLUMNS})
    SELECT w.kind_id, w.case_id, w.student_id, w.step, w.recipient, '{{}}'::jsonb, {_QUEUED} FROM ({WINNERS}) w
    ON CONFLICT DO NOTHING RETURNING kind_id
"""  # noqa: S608 - only constants
_INSERT_DIGESTS: Final = f"""
    INSERT INTO reminders_reminder ({_COLUMNS})
    SELECT %(kind)s, NULL, NULL, '', d.recipient, d.data, {_QUEUED}
    FROM unnest(%(addresses)s::text[], %(data)s::jsonb[]) AS d(recipient, data)
    ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608 - only constants


class NotInTransaction(RuntimeError):
    """A mail was about to be queued outside the transaction that decides it."""


def queue_due(night: dt.date, now: dt.datetime, *, outage: bool) -> Counter[int]:
    """Queue what students are due on `night`; return how many by kind id. What is already in the ledger stays as it is.

    Raises:
        NotInTransaction: called outside an atomic block.
    """
    _inside_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_DUE, {**parameters(night, outage=outage), "now": now})
        return Counter(kind_id for (kind_id,) in cursor.fetchall())


def queue_digests(kind: ReminderKind, figures: Sequence[tuple[str, object]], night: dt.date, now: dt.datetime) -> int:
    """Queue a digest for each (address, figures); return how many are new. At most one a night for each address.

    Raises:
        NotInTransaction: called outside an atomic block.
    """
    _inside_transaction()
    addresses, data = zip(*figures, strict=True) if figures else ((), ())
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT_DIGESTS,
            {"kind": kind.pk, "night": night, "now": now, "addresses": list(addresses), "data": [json.dumps(item) for item in data]},
        )
        return len(cursor.fetchall())


def _inside_transaction() -> None:
    if not connection.in_atomic_block:
        raise NotInTransaction("queue a reminder inside the transaction that decides it")
