"""The sending side of the ledger: claim, announce, write back. Leases run on the database's clock; every write checks its lease.

queued -> (claimed: a lease) -> sending -> sent | failed | uncertain, or back to queued with a later `send_after`.
A row is `sending` only while its text may be on the wire, so that a crash leaves in doubt the one letter that really is.
Rows that are part of another's mail follow it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, Exists, F, Func, OuterRef, Q, QuerySet

from afiliacion.database.bulk_writes import update_rows
from afiliacion.reminders.decide.due_sql import ADDRESS_OF, ANCHOR, HOLDS
from afiliacion.reminders.decide.hours import Hours
from afiliacion.reminders.letters.batch import LetterBatch
from afiliacion.reminders.letters.compose import Letter
from afiliacion.reminders.models import MailStop, Reminder
from afiliacion.reminders.silent_students import IS_SILENT, WHY

Status = Reminder.Status

#: A mail's reasons may end one by one. What is left of it is carried by the most urgent reason left.
_NOT_AFTER_ALL: Final = f"""
    UPDATE reminders_reminder r SET status = 'dropped', error = %(why)s
    FROM reminders_reminderkind k, cases_case c JOIN students_student s ON s.id = c.student_id
    LEFT JOIN reminders_tutor t ON t.student_id = s.id
    WHERE r.status = 'queued' AND r.audience IN ('student', 'tutor') AND k.id = r.kind_id AND c.id = r.case_id
    AND EXISTS (
        SELECT 1 FROM reminders_reminder head WHERE head.id = coalesce(r.part_of_id, r.id)
        AND head.status = 'queued' AND (head.lease_until IS NULL OR head.lease_until < clock_timestamp())
    )
    AND (
        {HOLDS.format(night="r.night")}
        AND r.recipient = {ADDRESS_OF}
        AND split_part(r.step, '-', 1) = c.enrolment_id::text
        AND k.days[split_part(r.step, '-', 2)::int] <= r.night - ({ANCHOR})
        AND r.created_at + k.window * interval '1 day' > %(now)s
        AND NOT EXISTS (SELECT 1 FROM reminders_badaddress b WHERE b.address = r.recipient)
    ) IS NOT TRUE
"""  # noqa: S608 - only constants
#: Whatever was to be said to a student who is never written to any more, receipts too, and how it is written down.
_NO_MORE: Final = f"""
    UPDATE reminders_reminder r SET status = 'dropped', error = 'No se envió: {WHY}'
    WHERE r.status = 'queued' AND r.audience IN ('student', 'tutor', 'receipt') AND {IS_SILENT.format(student="r.student_id")}
    AND EXISTS (
        SELECT 1 FROM reminders_reminder head WHERE head.id = coalesce(r.part_of_id, r.id)
        AND (head.lease_until IS NULL OR head.lease_until < clock_timestamp())
    )
"""  # noqa: S608 - only constants
_ORPHANS: Final = """
    SELECT DISTINCT ON (r.part_of_id) r.id, r.part_of_id, head.send_after FROM reminders_reminder r
    JOIN reminders_reminder head ON head.id = r.part_of_id AND head.status = 'dropped'
    JOIN reminders_reminderkind k ON k.id = r.kind_id
    WHERE r.status = 'queued' AND r.audience IN ('student', 'tutor')
    ORDER BY r.part_of_id, k.urgency DESC, r.id
"""
_PROMOTE: Final = f"""
    WITH heir AS ({_ORPHANS})
    UPDATE reminders_reminder r
    SET part_of_id = NULLIF(heir.id, r.id), send_after = heir.send_after
    FROM heir WHERE r.part_of_id = heir.part_of_id AND r.status = 'queued'
"""  # noqa: S608 - only constants


_FOLLOW: Final = """
    UPDATE reminders_reminder p
    SET status = h.status, error = h.error, sent_at = h.sent_at, message_id = h.message_id, subject = h.subject, version = h.version
    FROM reminders_reminder h
    WHERE p.part_of_id = h.id AND p.status IN ('queued', 'uncertain') AND h.status NOT IN ('queued', 'sending', 'dropped')
    AND p.status <> h.status AND (%(heads)s::bigint[] IS NULL OR h.id = ANY(%(heads)s))
"""


class _DatabaseNow(Func):
    """The database's clock, not the transaction's start and never a worker's clock."""

    template = "clock_timestamp()"
    output_field = DateTimeField()


@dataclass(frozen=True, slots=True)
class Closed:
    """Who may not be mailed at a moment: the people of these planteles (ids), and the office's own staff or not."""

    planteles: Sequence[int] = ()
    office: bool = False

    @classmethod
    def at(cls, now: dt.datetime) -> Closed:
        hours = Hours()
        return cls(hours.quiet(now), not hours.is_open(None, now))


@dataclass(slots=True)
class ClaimedMail:
    """A mail leased to this sender."""

    row: Reminder
    letter: Letter
    carries: bool = False


def drop_obsolete(now: dt.datetime) -> int:
    """Drop what waits for something meanwhile done, changed or too old; return how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        # One statement for every queued mail, instead of reading each case, kind and tutor and deciding in Python.
        cursor.execute(_NOT_AFTER_ALL, {"now": now, "why": "Ya no hizo falta: el expediente cambió antes de enviarlo."})
        dropped = int(cursor.rowcount)
        cursor.execute(_NO_MORE)
        dropped += int(cursor.rowcount)
        expired = Reminder.objects.filter(status=Status.QUEUED, lease=None, code__expires_at__lte=now)
        dropped += expired.update(status=Status.DROPPED, error="El código caducó antes de que saliera.")
        if dropped:
            cursor.execute(_PROMOTE)
        return dropped


def give_up_expired() -> int:
    """Mark as uncertain what was on the wire when its sender died; return how many. They are not sent again without an officer's order."""
    lost = Reminder.objects.filter(status=Status.SENDING, lease_until__lt=_DatabaseNow()).update(
        status=Status.UNCERTAIN, error="El proceso se detuvo mientras lo enviaba: no se sabe si llegó."
    )
    if lost:
        parts_follow(None)
    return lost


def waiting(now: dt.datetime, closed: Closed = Closed()) -> QuerySet[Reminder]:
    """Return the mails that may be claimed now: committed, due, not leased, not stopped, and not at a quiet hour."""
    free = Q(lease_until=None) | Q(lease_until__lt=_DatabaseNow())
    open_now = Q(case__isnull=False) & (~Q(case__plantel__in=closed.planteles) | Q(kind__at_once=True))
    if not closed.office:
        open_now |= Q(case=None)
    stops = MailStop.objects.filter(Q(plantel=None) | Q(plantel=OuterRef("case__plantel")), lifted_at=None)
    return Reminder.objects.filter(free, open_now, ~Exists(stops), status=Status.QUEUED, part_of=None, send_after__lte=now)


def claim(limit: int, now: dt.datetime, closed: Closed = Closed()) -> list[ClaimedMail]:
    """Take up to `limit` committed mails for this sender alone, with their letters written; their words are kept in the rows.

    A claim that is not used within the lease expires: the next sender may take it, nothing has been sent yet.
    """
    lease = uuid.uuid4()
    with transaction.atomic():
        rows = list(
            waiting(now, closed)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("kind", "case__student__tutor", "case__plantel")
            .order_by("send_after", "id")[:limit]
        )
        letters = LetterBatch(rows, now)
        claimed = [ClaimedMail(row, letters.compose(row), letters.carries(row)) for row in rows]
        _keep_words(claimed)
        Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(lease=lease, lease_until=_lease_end())
    for row in rows:
        row.lease = lease
    return claimed


def put_off(rows: Sequence[Reminder], why: str, now: dt.datetime) -> None:
    """Give back claimed rows that were never announced, because the server is not there: they wait for it."""
    for row in rows:
        held = Reminder.objects.filter(pk=row.pk, status=Status.QUEUED, lease=row.lease)
        held.update(
            lease=None, lease_until=None, error=why, attempts=F("attempts") + 1, send_after=now + backoff(row.attempts + 1)
        )  # fmt: skip


def release(rows: Sequence[Reminder]) -> None:
    """Give back claimed rows untouched."""
    ours = Reminder.objects.filter(pk__in=[row.pk for row in rows], lease__in={row.lease for row in rows})
    ours.filter(status=Status.QUEUED).update(lease=None, lease_until=None)


def _keep_words(claimed: Sequence[ClaimedMail]) -> None:
    for each in claimed:
        each.row.message_id = each.row.own_message_id()
    words = [
        (each.row.pk, each.row.message_id, each.letter.subject, each.letter.kept or each.letter.text, each.letter.version)
        for each in claimed
    ]  # fmt: skip
    update_rows(Reminder, ["message_id", "subject", "text", "version"], words)


def parts_follow(heads: Sequence[int] | None) -> None:
    with connection.cursor() as cursor:
        # One UPDATE that copies six columns from the heads to their parts; the ORM would need one query for each head.
        cursor.execute(_FOLLOW, {"heads": None if heads is None else list(heads)})


def backoff(attempts: int) -> dt.timedelta:
    """Doubles with each attempt, up to a ceiling."""
    first: dt.timedelta = settings.REMINDER_BACKOFF
    longest: dt.timedelta = settings.REMINDER_BACKOFF_MAX
    return min(first * (1 << min(attempts - 1, 20)), longest)


def _lease_end() -> object:
    return _DatabaseNow() + settings.REMINDER_LEASE
