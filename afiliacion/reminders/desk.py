"""What a person may do about the office's mail: stop it and let it go, decide about mails in doubt, vouch for an address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from afiliacion.cases.models import Case
from afiliacion.reminders.hours import Hours
from afiliacion.reminders.models import BadAddress, MailStop, Reminder
from students.envelope import Envelope
from students.models import Plantel, Student

Status = Reminder.Status

#: What did not arrive, or may not have.
TROUBLE: Final = (Status.UNCERTAIN, Status.FAILED, Status.BOUNCED)


def stops(planteles: Collection[int] | None) -> Sequence[MailStop]:
    """The stops in force over these planteles (ids; None: all)."""
    found = MailStop.objects.filter(lifted_at=None).select_related("plantel", "by").order_by("plantel__name")
    return list(found if planteles is None else found.filter(Q(plantel=None) | Q(plantel__in=planteles)))


def stop(plantel: Plantel | None, *, by: User, now: dt.datetime) -> None:
    """Let no mail of `plantel` (None: of nobody) out; doing it again changes nothing."""
    MailStop.objects.bulk_create([MailStop(plantel=plantel, by=by, since=now)], ignore_conflicts=True)


def lift(plantel: Plantel | None, *, by: User, now: dt.datetime) -> None:
    """Let it out again. What was stopped for all can only be lifted for all."""
    MailStop.objects.filter(plantel=plantel, lifted_at=None).update(lifted_at=now, lifted_by=by)


def send_again(reminder: Reminder, *, now: dt.datetime) -> bool:
    """A person decided that a mail in doubt goes out once more, with its own Message-ID; False if it is not in doubt any more."""
    plantel_id = reminder.case.plantel_id if reminder.case else None
    doubtful = Reminder.objects.filter(Q(pk=reminder.pk) | Q(part_of=reminder.pk), status=Status.UNCERTAIN)
    when = Hours().next_open(plantel_id, now)
    return bool(doubtful.update(status=Status.QUEUED, send_after=when, created_at=now, lease=None, lease_until=None, sent_at=None))


def bad_addresses(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Of these cases, those whose student's address is known not to work."""
    bad = students_at(BadAddress.objects.values_list("address", flat=True))
    return cases.filter(student__pk__among=bad).select_related("student", "plantel").annotate(to=Envelope("student__email")).order_by("pk")


def students_at(addresses: Iterable[str]) -> list[int]:
    """The ids of the students with one of these addresses. Asked by itself, so that it is the index of addresses that answers."""
    found = Student.objects.alias(to=Envelope("email")).filter(to__among=list(addresses))  # type: ignore[misc]  # it takes a list
    return list(found.values_list("pk", flat=True))


def address_works(address: str, cases: QuerySet[Case]) -> bool:
    """Forget that `address` was refused, if it is one of these cases'; False if it is not."""
    if not cases.filter(student__pk__among=students_at([address])).exists():
        return False
    return bool(BadAddress.objects.filter(pk=address).delete()[0])
