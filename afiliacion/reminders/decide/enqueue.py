"""Insert rows into the ledger. The insert is the lock (unique constraints); nothing here sends anything."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from afiliacion.reminders.decide.due_sql import DUE, ESCALATED, due_tonight, reached_tonight
from afiliacion.reminders.models import ReminderKind

_COLUMNS: Final = (
    "kind_id, audience, case_id, student_id, step, recipient, data, night, created_at, send_after, part_of_id, "
    "status, attempts, error, message_id, subject, text, version"
)
_QUEUED: Final = "'queued', 0, '', '', '', '', ''"
_ROW: Final = "d.kind_id, d.audience, d.case_id, d.student_id, d.step, d.recipient, '{}'::jsonb, %(night)s, %(now)s, d.send_after"
INSERT_DUE: Final = f"""
    WITH due AS MATERIALIZED ({DUE}), head AS (
        INSERT INTO reminders_reminder ({_COLUMNS}) SELECT {_ROW}, NULL, {_QUEUED} FROM due d WHERE d.place = 1
        ON CONFLICT DO NOTHING RETURNING id, student_id, audience, kind_id
    ), part AS (
        INSERT INTO reminders_reminder ({_COLUMNS})
        SELECT {_ROW}, head.id, {_QUEUED} FROM due d JOIN head USING (student_id, audience) WHERE d.place > 1
        ON CONFLICT DO NOTHING
    )
    SELECT kind_id FROM head
"""  # noqa: S608 - only constants
_INSERT_REPORTS: Final = f"""
    INSERT INTO reminders_reminder ({_COLUMNS})
    SELECT %(kind)s, %(audience)s, NULL, NULL, '', d.recipient, d.data, %(night)s, %(now)s, %(send_after)s, NULL, {_QUEUED}
    FROM unnest(%(addresses)s::text[], %(data)s::jsonb[]) AS d(recipient, data)
    ON CONFLICT DO NOTHING RETURNING id, recipient
"""  # noqa: S608 - only constants
_INSERT_ESCALATED: Final = f"""
    INSERT INTO reminders_reminder ({_COLUMNS})
    SELECT {_ROW}, d.head_id, {_QUEUED}
    FROM (
        SELECT t.*, k.audience, %(now)s::timestamptz AS send_after FROM unnest(
            %(kinds)s::bigint[], %(cases)s::bigint[], %(students)s::bigint[], %(steps)s::text[], %(recipients)s::text[], %(heads)s::bigint[]
        ) AS t(kind_id, case_id, student_id, step, recipient, head_id)
        JOIN reminders_reminderkind k ON k.id = t.kind_id
    ) d
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - only constants


@dataclass(frozen=True, slots=True)
class Escalated:
    """A case that reached a step of a kind for the staff."""

    kind_id: int
    case_id: int
    student_id: int
    plantel_id: int
    step: str


class NotInTransaction(RuntimeError):
    """A mail was about to be queued outside the transaction that decides it."""


def queue_due(night: dt.date, now: dt.datetime, *, outage: bool) -> Counter[int]:
    """Queue what students and tutors are due on `night`; return how many mails, by the id of the kind that heads them.

    What is already in the ledger stays as it is.

    Raises:
        NotInTransaction: called outside an atomic block.
    """
    _inside_transaction()
    with connection.cursor() as cursor:
        # One statement decides and inserts the night: reading the candidates into Python took many times as long for a large school.
        cursor.execute(INSERT_DUE, {**due_tonight(night, now, outage=outage), "now": now})
        return Counter(kind_id for (kind_id,) in cursor.fetchall())


def queue_reports(
    kind: ReminderKind, reports: Sequence[tuple[str, object]], night: dt.date, now: dt.datetime, send_after: dt.datetime
) -> dict[str, int]:
    """Queue a digest or an alarm for each (address, what it says); return the new rows' ids by address. At most one a night for each.

    Raises:
        NotInTransaction: called outside an atomic block.
    """
    _inside_transaction()
    addresses, data = zip(*reports, strict=True) if reports else ((), ())
    common: dict[str, Any] = {"kind": kind.pk, "audience": kind.audience, "night": night, "now": now, "send_after": send_after}
    with connection.cursor() as cursor:
        # The ORM cannot return only the rows that were new (bulk_create with ignore_conflicts returns no ids).
        cursor.execute(_INSERT_REPORTS, {**common, "addresses": list(addresses), "data": [json.dumps(item) for item in data]})
        return {recipient: pk for pk, recipient in cursor.fetchall()}


def escalated(kinds: Iterable[ReminderKind], night: dt.date) -> list[Escalated]:
    """Return the cases that reach on `night` a step of these kinds for the staff, and are not in the ledger with it yet."""
    with connection.cursor() as cursor:
        # The same plan as DUE: one index search for each step, instead of a scan of all cases.
        cursor.execute(ESCALATED, reached_tonight(kinds, night))
        return [Escalated(*row) for row in cursor.fetchall()]


def queue_escalated(escalations: Iterable[tuple[Escalated, str, int]], night: dt.date, now: dt.datetime) -> None:
    """Insert a row for each (escalated case, address, id of the digest that names it).

    Raises:
        NotInTransaction: called outside an atomic block.
    """
    _inside_transaction()
    rows = list(escalations)
    columns: dict[str, Any] = {
        "kinds": [each.kind_id for each, _, _ in rows], "cases": [each.case_id for each, _, _ in rows],
        "students": [each.student_id for each, _, _ in rows], "steps": [each.step for each, _, _ in rows],
        "recipients": [recipient for _, recipient, _ in rows], "heads": [head for _, _, head in rows],
    }  # fmt: skip
    with connection.cursor() as cursor:
        # One array for each column: bulk_create would send one parameter for each cell of thousands of rows.
        cursor.execute(_INSERT_ESCALATED, {**columns, "night": night, "now": now})


def _inside_transaction() -> None:
    if not connection.in_atomic_block:
        raise NotInTransaction("queue a reminder inside the transaction that decides it")
