"""Stop all sending for a while when the mail server says that we send too much, or refuses everything; it goes on by itself.

No letter and no address is to blame for either: those answered so are queued again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from afiliacion.reminders.delivery.outbox import ClaimedMail
from afiliacion.reminders.delivery.smtp_replies import Reply, SmtpVerdict, StopRule, is_bad_address, stop_rule
from afiliacion.reminders.models import BadAddress, MailPause, Reminder

Status = Reminder.Status
Results = Sequence[tuple[ClaimedMail, Reply]]

#: So many refusals in a row for one reason, to different addresses, are the server's doing and not theirs.
IN_A_ROW: Final = 5
#: Addresses that do not exist may come in a row (a whole group with a misspelt domain): only of so many domains are they suspect.
DOMAINS: Final = 3
_ALIKE: Final = StopRule(0, "", 60, "el servidor de correo rechaza todo lo que se le envía")


@dataclass(frozen=True, slots=True)
class Streak:
    """The latest refusals in a row for one reason: the reminders (id -> address) they were about."""

    reason: str = ""
    letters: tuple[tuple[int, str], ...] = ()

    def after(self, claimed: ClaimedMail, reply: Reply) -> Streak:
        """Return the streak after one more answer."""
        if reply.verdict is not SmtpVerdict.REFUSED:
            return NO_STREAK
        letter = (claimed.row.pk, claimed.row.recipient)
        return Streak(self.reason, (*self.letters, letter)) if self.reason == reply.reason else Streak(reply.reason, (letter,))

    def is_suspect(self) -> bool:
        """Whether the server is to blame, and not the addresses."""
        addresses = {address for _, address in self.letters}
        domains = {address.rpartition("@")[2] for address in addresses}
        return len(addresses) >= IN_A_ROW and (len(domains) >= DOMAINS or not is_bad_address("", self.reason))


#: No refusal so far.
NO_STREAK: Final = Streak()


@dataclass(frozen=True, slots=True)
class Judged:
    """Results with the letters that are themselves to blame marked as refused, the streak after them, and the pause to begin, unsaved."""

    results: Results
    streak: Streak
    pause: MailPause | None = None


def sentence(pause: MailPause) -> str:
    """Say in Spanish what the server answered, why nothing goes out, and until when."""
    until = timezone.localtime(pause.until)
    return f"{pause.words} ({pause.why}; se vuelve a intentar el {until:%d/%m/%Y a las %H:%M})"


def judge(results: Results, streak: Streak, now: dt.datetime) -> Judged:
    """Decide whether these answers, after the refusals in a row so far, are reason to pause. Writes nothing."""
    if all(reply.verdict not in (SmtpVerdict.REFUSED, SmtpVerdict.STOP) for _, reply in results):
        return Judged(results, NO_STREAK if results else streak)
    to_blame = _to_blame(results)
    results = [
        (claimed, replace(reply, verdict=SmtpVerdict.REFUSED) if claimed.row.pk in to_blame else reply) for claimed, reply in results
    ]
    words = ""
    for claimed, reply in results:
        words = reply.words
        if reply.verdict is SmtpVerdict.STOP:
            stopped = [claimed.row.pk for claimed, reply in results if reply.verdict is SmtpVerdict.STOP]
            return Judged(results, NO_STREAK, _pause(stop_rule(words) or _ALIKE, words, stopped, now))
        streak = streak if claimed.row.pk in to_blame else streak.after(claimed, reply)
        if streak.is_suspect():
            return Judged(results, NO_STREAK, _pause(_ALIKE, words, [pk for pk, _ in streak.letters], now))
    return Judged(results, streak)


def begin(pause: MailPause) -> None:
    """Save the pause, and queue its letters again for when it ends, without blame. Needs a transaction."""
    pause.save()
    letters = Reminder.objects.filter(Q(pk__in=pause.letters) | Q(part_of__in=pause.letters), status__in=(Status.QUEUED, Status.FAILED))
    BadAddress.objects.filter(address__in=list(letters.values_list("recipient", flat=True)), since=pause.since).delete()
    letters.update(
        status=Status.QUEUED, send_after=pause.until, error=pause.words, attempts=Greatest(F("attempts") - 1, 0), lease=None,
        lease_until=None,
    )  # fmt: skip


def _pause(rule: StopRule, words: str, letters: list[int], now: dt.datetime) -> MailPause:
    return MailPause(since=now, until=now + dt.timedelta(minutes=rule.minutes), why=rule.why, words=words, letters=letters)


def _to_blame(results: Results) -> Collection[int]:
    """Return the letters (ids) that were put back before, although others got through since: the refusal is about them alone.

    Refused, once is enough. Of an answer that we send too much it may be chance which letter gets it: only after so many times as a
    letter is tried at all.
    """
    often = {claimed.row.pk: settings.REMINDER_ATTEMPTS if reply.verdict is SmtpVerdict.STOP else 1 for claimed, reply in results}
    pauses = MailPause.objects.filter(letters__overlap=list(often)).order_by("since")
    times = dict.fromkeys(often, 0)
    for pause in pauses:
        if Reminder.objects.filter(status=Status.SENT, sent_at__gt=pause.since).exists():
            times |= {pk: times[pk] + 1 for pk in pause.letters if pk in times}
    return {pk for pk, n in times.items() if n >= often[pk]}
