"""The sending side of the ledger: claim, announce, write back. Leases run on the database's clock; every write is fenced.

queued -> (claimed: a lease) -> sending -> sent | failed | uncertain, or back to queued with a later `send_after`.
A row is `sending` only while its text may be on the wire, so that a crash leaves in doubt the one letter that really is.
Rows that are part of another's mail follow it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, Exists, F, Func, OuterRef, Q, QuerySet

from afiliacion.cases.bulk import update_rows
from afiliacion.reminders.due import ADDRESS_OF, ANCHOR, HOLDS
from afiliacion.reminders.hours import Hours
from afiliacion.reminders.letter import Letter
from afiliacion.reminders.models import BadAddress, MailStop, Reminder
from afiliacion.reminders.scribe import Scribe
from afiliacion.reminders.smtp import Reply, Verdict, is_bad_address

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

#: What became of some and which others come next, in one statement: one trip to the database, one commit.
_SETTLE: Final = """
    WITH told AS (
        UPDATE reminders_reminder r
        SET status = v.status, error = v.error, sent_at = v.sent_at, send_after = coalesce(v.send_after, r.send_after),
            lease = NULL, lease_until = NULL
        FROM unnest(%(ids)s::bigint[], %(leases)s::uuid[], %(statuses)s::text[], %(errors)s::text[], %(sent_at)s::timestamptz[],
            %(send_after)s::timestamptz[]) AS v(id, lease, status, error, sent_at, send_after)
        WHERE r.id = v.id AND r.lease = v.lease AND r.status IN ('sending', 'uncertain')
    ), announced AS (
        UPDATE reminders_reminder r
        SET status = 'sending', attempts = v.attempts + 1, lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
        FROM unnest(%(coming)s::bigint[], %(coming_leases)s::uuid[], %(attempts)s::int[]) AS v(id, lease, attempts)
        WHERE r.id = v.id AND r.lease = v.lease AND r.lease_until > clock_timestamp()
        AND (r.status, r.attempts) IN (('queued', v.attempts), ('sending', v.attempts + 1))
        RETURNING r.id
    )
    SELECT id FROM announced
"""
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
    """Whom no mail may reach at a moment: the people of these planteles (ids), and the office's own staff or not."""

    planteles: Sequence[int] = ()
    office: bool = False

    @classmethod
    def at(cls, now: dt.datetime) -> Closed:
        hours = Hours()
        return cls(hours.quiet(now), not hours.is_open(None, now))


@dataclass(slots=True)
class Claimed:
    """A mail that is this sender's alone for the length of its lease."""

    row: Reminder
    letter: Letter
    carries: bool = False


def drop_obsolete(now: dt.datetime) -> int:
    """Drop what waits for something meanwhile done, changed or too old; return how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NOT_AFTER_ALL, {"now": now, "why": "Ya no hizo falta: el expediente cambió antes de enviarlo."})
        dropped = int(cursor.rowcount)
        if dropped:
            cursor.execute(_PROMOTE)
        return dropped


def give_up_expired() -> int:
    """Mark as uncertain what was on the wire when its sender died; return how many. Nobody sends those again by himself."""
    lost = Reminder.objects.filter(status=Status.SENDING, lease_until__lt=_DatabaseNow()).update(
        status=Status.UNCERTAIN, error="El proceso se detuvo mientras lo enviaba: no se sabe si llegó."
    )
    if lost:
        _parts_follow(None)
    return lost


def waiting(now: dt.datetime, closed: Closed = Closed()) -> QuerySet[Reminder]:
    """The mails that may be claimed now: committed, due, nobody else's, not stopped, and not at a quiet hour."""
    free = Q(lease_until=None) | Q(lease_until__lt=_DatabaseNow())
    open_now = Q(case__isnull=False) & ~Q(case__plantel__in=closed.planteles)
    if not closed.office:
        open_now |= Q(case=None)
    stops = MailStop.objects.filter(Q(plantel=None) | Q(plantel=OuterRef("case__plantel")), lifted_at=None)
    return Reminder.objects.filter(free, open_now, ~Exists(stops), status=Status.QUEUED, part_of=None, send_after__lte=now)


def claim(limit: int, now: dt.datetime, closed: Closed = Closed()) -> list[Claimed]:
    """Take up to `limit` committed mails for this sender alone, with their letters written; their words are kept in the rows.

    A claim that is not used within the lease falls back to whoever comes next: nothing has been sent yet.
    """
    lease = uuid.uuid4()
    with transaction.atomic():
        rows = list(
            waiting(now, closed)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("kind", "case__student__tutor", "case__plantel")
            .order_by("send_after", "id")[:limit]
        )
        scribe = Scribe(rows, now)
        claimed = [Claimed(row, scribe.write(row), scribe.carries(row)) for row in rows]
        _keep_words(claimed)
        Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(lease=lease, lease_until=_lease_end())
    for row in rows:
        row.lease = lease
    return claimed


def settle(told: Sequence[tuple[Claimed, Reply]], coming: Sequence[Claimed], now: dt.datetime) -> tuple[list[Status], set[int]]:
    """Write what became of announced mails, and announce that the texts of others go out next, in one commit.

    Returns the new statuses of the first, and which of the others (ids) are still ours: only once committed may their texts go
    out. Repeating it is harmless. A lease may have run out and the row been given up as uncertain meanwhile: the sender still
    knows better.
    """
    statuses = [_status_after(claimed.row, reply) for claimed, reply in told]
    gone = [
        BadAddress(address=claimed.row.recipient, since=now, words=reply.words)
        for claimed, reply in told if reply.verdict is Verdict.REFUSED and is_bad_address("", reply.words)
    ]  # fmt: skip
    carrying = [claimed.row.pk for claimed, _ in told if claimed.carries]
    with transaction.atomic() if carrying or gone else nullcontext():
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE, {**_outcomes(told, statuses, now), **_announcements(coming)})
            ours = {pk for (pk,) in cursor.fetchall()}
        if carrying:
            _parts_follow(carrying)
        BadAddress.objects.bulk_create(gone, ignore_conflicts=True)
    return statuses, ours


def put_off(rows: Sequence[Reminder], why: str, now: dt.datetime) -> None:
    """Give back claimed rows that were never announced, because the server is not there: they wait for it."""
    for row in rows:
        held = Reminder.objects.filter(pk=row.pk, status=Status.QUEUED, lease=row.lease)
        held.update(
            lease=None, lease_until=None, error=why, attempts=F("attempts") + 1, send_after=now + _backoff(row.attempts + 1)
        )  # fmt: skip


def release(rows: Sequence[Reminder]) -> None:
    """Give back claimed rows untouched."""
    ours = Reminder.objects.filter(pk__in=[row.pk for row in rows], lease__in={row.lease for row in rows})
    ours.filter(status=Status.QUEUED).update(lease=None, lease_until=None)


def _keep_words(claimed: Sequence[Claimed]) -> None:
    for each in claimed:
        each.row.message_id = each.row.own_message_id()
    update_rows(
        Reminder,
        ["message_id", "subject", "text", "version"],
        [(each.row.pk, each.row.message_id, each.letter.subject, each.letter.text, each.letter.version) for each in claimed],
    )


def _outcomes(told: Sequence[tuple[Claimed, Reply]], statuses: Sequence[Status], now: dt.datetime) -> dict[str, list[Any]]:
    rows = [claimed.row for claimed, _ in told]
    return {
        "ids": [row.pk for row in rows],
        "leases": [row.lease for row in rows],
        "statuses": [status.value for status in statuses],
        "errors": ["" if reply.verdict is Verdict.SENT else reply.words for _, reply in told],
        "sent_at": [now if status is Status.SENT else None for status in statuses],
        "send_after": [
            now + _backoff(row.attempts + 1) if status is Status.QUEUED else None for row, status in zip(rows, statuses, strict=True)
        ],
    }


def _announcements(coming: Sequence[Claimed]) -> dict[str, Any]:
    rows = [claimed.row for claimed in coming]
    return {
        "coming": [row.pk for row in rows],
        "coming_leases": [row.lease for row in rows],
        "attempts": [row.attempts for row in rows],
        "seconds": settings.REMINDER_LEASE.total_seconds(),
    }


def _parts_follow(heads: Sequence[int] | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, {"heads": None if heads is None else list(heads)})


def _status_after(row: Reminder, reply: Reply) -> Status:
    if reply.verdict is Verdict.LATER and row.attempts + 1 >= settings.REMINDER_ATTEMPTS:
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
