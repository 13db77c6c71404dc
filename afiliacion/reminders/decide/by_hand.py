"""Remind students now, on an officer's order, without waiting for the night: the same kinds, texts, mail rules and ledger."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from afiliacion.cases.models import Case
from afiliacion.cases.states import Turn
from afiliacion.reminders.address import address
from afiliacion.reminders.decide.due_sql import kinds
from afiliacion.reminders.decide.hours import Hours
from afiliacion.reminders.decide.rules import concerns, quiet, silence, steps_reached
from afiliacion.reminders.models import BadAddress, OptOut, Reminder, ReminderKind
from afiliacion.reminders.silent_students import WHY, silent_students

Status = Reminder.Status
_WEEK = dt.timedelta(days=7)
_WITHDRAWN = "La oficina lo retiró antes de que saliera."


@dataclass(slots=True)
class RemindResult:
    """`queued`: case id -> the mail that goes out (its id); `skipped`: case id -> why none does, in Spanish."""

    queued: dict[int, int] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)


def remind(cases: Sequence[Case], *, by: int, night: dt.date, now: dt.datetime, outage: bool) -> RemindResult:
    """Queue for the student of each case (with student) what its state has to say, as a further mail of `night` (today's date).

    `by`: the user (id) who orders it.

    At most one a person and night, as ever; doing it twice queues nothing twice.
    """
    result, eligibility = RemindResult(), _Eligibility(cases, night, now, by=by, outage=outage)
    rows = {}
    for case in cases:
        row = eligibility.row(case)
        if isinstance(row, str):
            result.skipped[case.pk] = row
        else:
            rows[case.pk] = row
    with transaction.atomic():
        Reminder.objects.bulk_create(rows.values(), ignore_conflicts=True)
        asked = Reminder.objects.filter(case__in=rows, night=night, created_at=now, part_of=None)
        result.queued = {case_id: pk for case_id, pk in asked.values_list("case_id", "pk") if case_id}
    return RemindResult(result.queued, result.skipped | dict.fromkeys(rows.keys() - result.queued.keys(), _TODAY))


def withdraw(queued: Mapping[int, int]) -> list[int]:
    """Drop the mails of `remind` (case id -> mail id) not being sent yet; return the cases (ids) of those dropped.

    Raises:
        TransactionManagementError: called outside a transaction, which would not hold the rows until the caller has written its own.
    """
    waiting = Reminder.objects.filter(pk__in=queued.values(), status=Status.QUEUED, lease=None)
    back = set(waiting.select_for_update().values_list("pk", flat=True)) if queued else set()
    Reminder.objects.filter(pk__in=back).update(status=Status.DROPPED, error=_WITHDRAWN)
    return [case_id for case_id, pk in queued.items() if pk in back]


_TODAY = "Hoy ya se le escribió."


class _Eligibility:
    """What deciding needs of the database, read once for all the cases."""

    def __init__(self, cases: Sequence[Case], night: dt.date, now: dt.datetime, *, by: int, outage: bool) -> None:
        self._by = by
        self._night, self._now, self._hours = night, now, Hours()
        self._kinds = [kind for kind in kinds(outage=outage) if kind.audience == ReminderKind.Audience.STUDENT]
        students = [case.student_id for case in cases]
        theirs = Reminder.objects.filter(student__in=students, audience=ReminderKind.Audience.STUDENT).exclude(status=Status.DROPPED)
        self._today = set(theirs.filter(night=night).values_list("student_id", flat=True))
        self._waiting = set(theirs.filter(status__in=(Status.QUEUED, Status.SENDING)).values_list("student_id", flat=True))
        week = theirs.filter(Q(part_of=None), night__gt=night - _WEEK).values_list("student_id", flat=True)
        self._week = Counter(week)
        self._bad = set(BadAddress.objects.filter(pk__in=[address(c.student.email) for c in cases]).values_list("pk", flat=True))
        self._silent = silent_students(students)
        self._opted_out = set(OptOut.objects.filter(pk__in=students).values_list("pk", flat=True))

    def row(self, case: Case) -> Reminder | str:
        """Return the mail for one case, or why there is none, in Spanish."""
        return self._obstacle(case) or self._fitting(case)

    def _obstacle(self, case: Case) -> str:
        if case.student_id in self._silent:
            return f"No se le escribe: {WHY}"
        to, most = address(case.student.email), self._hours.rule(case.plantel_id).per_week
        if not to:
            return "El alumno no tiene un correo válido."
        if to in self._bad:
            return f"El correo {to} no sirve: el servidor lo rechazó."
        if case.student_id in self._today:
            return _TODAY
        if case.student_id in self._waiting:
            return "Un correo anterior todavía espera su hora."
        return f"Ya recibió {most} correos en siete días, que es el máximo." if self._week[case.student_id] >= most else ""

    def _fitting(self, case: Case) -> Reminder | str:
        facts, turn = case.facts, Turn(case.turn)
        here = [kind for kind in self._kinds if concerns(kind, facts)]
        for kind in here:
            n = steps_reached(kind, facts, case.due_on, self._night)
            if n and not quiet(kind, facts, turn, case.due_on, self._night) and not self._has_opted_out(kind, case):
                return self._mail(kind, n, case)
        if not here:
            return f"No hay nada que recordarle al alumno en «{facts.state.label}»."
        return f"No se le escribe: {silence(here[0], facts, turn, case.due_on, self._night) or 'pidió no recibir avisos opcionales.'}"

    def _has_opted_out(self, kind: ReminderKind, case: Case) -> bool:
        return kind.optional and case.student_id in self._opted_out

    def _mail(self, kind: ReminderKind, n: int, case: Case) -> Reminder:
        """Build the row. Its step begins with enrolment and step, as in every row: drop_obsolete reads them there."""
        return Reminder(
            kind=kind, audience=kind.audience, case=case, student=case.student, step=f"{case.enrolment_id}-{n}-{self._night:%Y%m%d}",
            recipient=address(case.student.email), night=self._night, created_at=self._now, data={"issuer": self._by},
            send_after=self._hours.next_open(case.plantel_id, self._now),
        )  # fmt: skip
