"""Write back what became of mails, and announce the next ones: one commit for all connections of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from afiliacion.reminders.delivery.outbox import ClaimedMail, backoff, parts_follow, release
from afiliacion.reminders.delivery.pauses import NO_STREAK, Judged, Results, Streak, begin, judge
from afiliacion.reminders.delivery.smtp_replies import Reply, SmtpVerdict, is_bad_address
from afiliacion.reminders.models import BadAddress, MailPause, Reminder

Status = Reminder.Status

#: What became of some and which others come next, in one statement: one trip to the database, one commit.
_SETTLE: Final = """
    WITH settled AS (
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


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling did: the new statuses, the announced mails (ids) still ours, the refusals in a row so far, and the pause it began.

    `put_back`: how many letters of earlier results, told as failed, the pause queued again.
    """

    statuses: list[Status]
    ours: set[int]
    streak: Streak
    pause: MailPause | None = None
    put_back: int = 0


def settle(results: Results, coming: Sequence[ClaimedMail], now: dt.datetime, streak: Streak = NO_STREAK) -> Settled:
    """Write the results of announced mails, and announce that the texts of others go out next, in one commit.

    Only once committed may the texts of those still ours go out. Repeating it is harmless. A lease may have run out and the row been given
    up as uncertain meanwhile: the sender still knows better. If the answers are reason to pause, nothing is announced, and the letters
    they were about are queued again.
    """
    judged = judge(results, streak, now)
    if judged.pause:
        return _settle_and_pause(judged, judged.pause, coming, now)
    statuses, ours = _write(judged.results, coming, now)
    return Settled(statuses, ours, judged.streak)


def _settle_and_pause(judged: Judged, pause: MailPause, coming: Sequence[ClaimedMail], now: dt.datetime) -> Settled:
    with transaction.atomic():
        statuses, _ = _write(judged.results, [], now)
        begin(pause)
    release([claimed.row for claimed in coming])
    put_back = {claimed.row.pk for claimed, _ in judged.results}.intersection(pause.letters)
    ids = [claimed.row.pk for claimed, _ in judged.results]
    statuses = [Status.QUEUED if pk in put_back else status for pk, status in zip(ids, statuses, strict=True)]
    return Settled(statuses, set(), judged.streak, pause, len(pause.letters) - len(put_back))


def _write(results: Results, coming: Sequence[ClaimedMail], now: dt.datetime) -> tuple[list[Status], set[int]]:
    statuses = [_status_after(claimed.row, reply) for claimed, reply in results]
    gone = [
        BadAddress(address=claimed.row.recipient, since=now, words=reply.words)
        for claimed, reply in results if reply.verdict is SmtpVerdict.REFUSED and is_bad_address("", reply.words)
    ]  # fmt: skip
    carrying = [claimed.row.pk for claimed, _ in results if claimed.carries]
    with transaction.atomic() if carrying or gone else nullcontext():
        with connection.cursor() as cursor:
            # One round trip and one commit for results and announcements of all connections: a fourth of the time of a run otherwise.
            cursor.execute(_SETTLE, {**_outcomes(results, statuses, now), **_announcements(coming)})
            ours = {pk for (pk,) in cursor.fetchall()}
        if carrying:
            parts_follow(carrying)
        BadAddress.objects.bulk_create(gone, ignore_conflicts=True)
    return statuses, ours


def _outcomes(results: Results, statuses: Sequence[Status], now: dt.datetime) -> dict[str, list[Any]]:
    rows = [claimed.row for claimed, _ in results]
    return {
        "ids": [row.pk for row in rows],
        "leases": [row.lease for row in rows],
        "statuses": [status.value for status in statuses],
        "errors": ["" if reply.verdict is SmtpVerdict.SENT else reply.words for _, reply in results],
        "sent_at": [now if status is Status.SENT else None for status in statuses],
        "send_after": [
            now + backoff(row.attempts + 1) if status is Status.QUEUED else None for row, status in zip(rows, statuses, strict=True)
        ],
    }


def _announcements(coming: Sequence[ClaimedMail]) -> dict[str, Any]:
    rows = [claimed.row for claimed in coming]
    return {
        "coming": [row.pk for row in rows],
        "coming_leases": [row.lease for row in rows],
        "attempts": [row.attempts for row in rows],
        "seconds": settings.REMINDER_LEASE.total_seconds(),
    }


def _status_after(row: Reminder, reply: Reply) -> Status:
    if reply.verdict is SmtpVerdict.LATER and row.attempts + 1 >= settings.REMINDER_ATTEMPTS:
        return Status.FAILED
    return {
        SmtpVerdict.SENT: Status.SENT,
        SmtpVerdict.REFUSED: Status.FAILED,
        SmtpVerdict.UNCERTAIN: Status.UNCERTAIN,
        SmtpVerdict.LATER: Status.QUEUED,
        SmtpVerdict.NO_SERVER: Status.QUEUED,
        SmtpVerdict.STOP: Status.QUEUED,
    }[reply.verdict]
