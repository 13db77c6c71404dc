"""What an officer may do about the office's mail: stop and resume it, decide about mails in doubt, declare that an address works."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from afiliacion.cases.history import record_changes
from afiliacion.cases.models import Case, RecordChange
from afiliacion.cases.outcome import Act
from afiliacion.reminders.decide.hours import Hours
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
    """Stop outgoing mail of `plantel` (None: of all); doing it again changes nothing."""
    MailStop.objects.bulk_create([MailStop(plantel=plantel, by=by, since=now)], ignore_conflicts=True)


def lift(plantel: Plantel | None, *, by: User, now: dt.datetime) -> None:
    """Resume outgoing mail of `plantel`. What was stopped for all can only be lifted for all."""
    MailStop.objects.filter(plantel=plantel, lifted_at=None).update(lifted_at=now, lifted_by=by)


def send_again(reminder: Reminder, *, now: dt.datetime) -> bool:
    """Queue a mail in doubt once more, with its own Message-ID; False if it is not in doubt any more."""
    plantel_id = reminder.case.plantel_id if reminder.case else None
    doubtful = Reminder.objects.filter(Q(pk=reminder.pk) | Q(part_of=reminder.pk), status=Status.UNCERTAIN)
    when = Hours().next_open(plantel_id, now)
    return bool(doubtful.update(status=Status.QUEUED, send_after=when, created_at=now, lease=None, lease_until=None, sent_at=None))


def bad_addresses(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return those of these cases whose student's address is known not to work."""
    bad = students_at(BadAddress.objects.values_list("address", flat=True))
    return cases.filter(student__pk__among=bad).select_related("student", "plantel").annotate(to=Envelope("student__email")).order_by("pk")


def students_at(addresses: Iterable[str]) -> list[int]:
    """The ids of the students with one of these addresses. A query of its own, so that it uses the index of addresses."""
    found = Student.objects.alias(to=Envelope("email")).filter(to__among=list(addresses))  # type: ignore[misc]  # it takes a list
    return list(found.values_list("pk", flat=True))


def address_works(address: str, cases: QuerySet[Case], *, act: Act) -> bool:
    """Forget that `address` was refused, if it is one of these cases'; False if it is not. Recorded for each student with it."""
    known = students_at([address])
    if not cases.filter(student__pk__among=known).exists():
        return False
    with transaction.atomic():
        gone = bool(BadAddress.objects.filter(pk=address).delete()[0])
        for student_id in known if gone else ():
            record_changes.note(student_id, RecordChange.What.ADDRESS, {}, {"correo": address}, act)
    return gone
