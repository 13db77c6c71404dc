"""The sending side of the ledger: claim, announce, write back. Leases run on the database's clock; every write is fenced.

queued -> (claimed: a lease) -> sending -> sent | failed | uncertain, or back to queued with a later `send_after`.
A row is `sending` only while its text may be on the wire, so that a crash leaves in doubt the one letter that really is.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, F, Func, Q, QuerySet

from afiliacion.cases.bulk import update_rows
from afiliacion.reminders.due import ADDRESS_OF, HOLDS
from afiliacion.reminders.letter import Letter, compose
from afiliacion.reminders.models import Reminder
from afiliacion.reminders.smtp import Reply, Verdict

Status = Reminder.Status

_NOT_AFTER_ALL: Final = f"""
    UPDATE reminders_reminder r SET status = 'dropped', error = %(why)s
    FROM reminders_reminderkind k, cases_case c JOIN students_student s ON s.id = c.student_id
    WHERE r.status = 'queued' AND (r.lease_until IS NULL OR r.lease_until < clock_timestamp())
    AND k.id = r.kind_id AND c.id = r.case_id
    AND (
        {HOLDS.format(night="r.night")}
        AND r.recipient = {ADDRESS_OF}
        AND split_part(r.step, '-', 1) = c.enrolment_id::text
        AND k.days[split_part(r.step, '-', 2)::int] <= r.night - (CASE k.anchor WHEN 'due' THEN c.due_on ELSE c.state_since END)
        AND r.created_at + k.window * interval '1 day' > %(now)s
    ) IS NOT TRUE
"""  # noqa: S608 - only constants


class _DatabaseNow(Func):
    """The database's clock, not the transaction's start and never a worker's clock."""

    template = "clock_timestamp()"
    output_field = DateTimeField()


def drop_obsolete(now: dt.datetime) -> int:
    """Drop what waits for something meanwhile done, changed or too old; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_NOT_AFTER_ALL, {"now": now, "why": "Ya no hizo falta: el expediente cambió antes de enviarlo."})
        return int(cursor.rowcount)


def give_up_expired() -> int:
    """Mark as uncertain what was on the wire when its sender died; return how many. Nobody sends those again by himself."""
    return Reminder.objects.filter(status=Status.SENDING, lease_until__lt=_DatabaseNow()).update(
        status=Status.UNCERTAIN, error="El proceso se detuvo mientras lo enviaba: no se sabe si llegó."
    )


def waiting(now: dt.datetime) -> QuerySet[Reminder]:
    """What may be claimed now."""
    free = Q(lease_until=None) | Q(lease_until__lt=_DatabaseNow())
    return Reminder.objects.filter(free, status=Status.QUEUED, send_after__lte=now)


def claim(limit: int, now: dt.datetime) -> list[tuple[Reminder, Letter]]:
    """Take up to `limit` committed rows for this sender alone, with their letters written; their words are kept in the rows.

    A claim that is not used within the lease falls back to whoever comes next: nothing has been sent yet.
    """
    lease = uuid.uuid4()
    with transaction.atomic():
        rows = list(
            waiting(now)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("kind", "case__student", "case__plantel")
            .order_by("send_after", "id")[:limit]
        )
        letters = [_write(row) for row in rows]
        update_rows(
            Reminder,
            ["message_id", "subject", "text", "version"],
            [(row.pk, row.message_id, row.subject, row.text, row.version) for row in rows],
        )
        _mine(rows).update(lease=lease, lease_until=_lease_end())
    for row in rows:
        row.lease = lease
    return list(zip(rows, letters, strict=True))


def announce(row: Reminder) -> bool:
    """Say, committed, that the text of `row` goes out now; False if the claim was lost meanwhile."""
    held = Reminder.objects.filter(pk=row.pk, status=Status.QUEUED, lease=row.lease, lease_until__gt=_DatabaseNow())
    row.attempts += 1
    return held.update(status=Status.SENDING, attempts=row.attempts, lease_until=_lease_end()) == 1


def write_back(row: Reminder, reply: Reply, now: dt.datetime) -> Status:
    """Write what became of an announced row; return its new status."""
    status = _status_after(row, reply)
    # Our lease may have run out and the row been given up as uncertain: we still know better.
    mine = Reminder.objects.filter(pk=row.pk, lease=row.lease, status__in=[Status.SENDING, Status.UNCERTAIN])
    mine.update(
        status=status,
        error="" if reply.verdict is Verdict.SENT else reply.words,
        sent_at=now if status is Status.SENT else None,
        send_after=now + _backoff(row.attempts) if status is Status.QUEUED else F("send_after"),
        lease=None,
        lease_until=None,
    )
    return status


def put_off(rows: Sequence[Reminder], why: str, now: dt.datetime) -> None:
    """Give back claimed rows that were never announced, because the server is not there: they wait for it."""
    for row in rows:
        held = Reminder.objects.filter(pk=row.pk, status=Status.QUEUED, lease=row.lease)
        held.update(
            lease=None, lease_until=None, error=why, attempts=F("attempts") + 1, send_after=now + _backoff(row.attempts + 1)
        )  # fmt: skip


def release(rows: Sequence[Reminder]) -> None:
    """Give back claimed rows untouched."""
    _mine(rows).filter(status=Status.QUEUED, lease__in={row.lease for row in rows}).update(lease=None, lease_until=None)


def _write(row: Reminder) -> Letter:
    letter = compose(row)
    row.message_id, row.subject, row.text, row.version = row.own_message_id(), letter.subject, letter.text, letter.version
    return letter


def _status_after(row: Reminder, reply: Reply) -> Status:
    if reply.verdict is Verdict.LATER and row.attempts >= settings.REMINDER_ATTEMPTS:
        return Status.FAILED
    return {
        Verdict.SENT: Status.SENT,
        Verdict.REFUSED: Status.FAILED,
        Verdict.UNCERTAIN: Status.UNCERTAIN,
        Verdict.LATER: Status.QUEUED,
        Verdict.NO_SERVER: Status.QUEUED,
    }[reply.verdict]


def _backoff(attempts: int) -> dt.timedelta:
    """Doubles with each attempt, up to a ceiling."""
    first: dt.timedelta = settings.REMINDER_BACKOFF
    longest: dt.timedelta = settings.REMINDER_BACKOFF_MAX
    return min(first * (1 << min(attempts - 1, 20)), longest)


def _lease_end() -> object:
    return _DatabaseNow() + settings.REMINDER_LEASE


def _mine(rows: Sequence[Reminder]) -> QuerySet[Reminder]:
    return Reminder.objects.filter(pk__in=[row.pk for row in rows])
