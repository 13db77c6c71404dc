"""Deciding the night: who is told what. Deciding is not sending; send.py sends what has been committed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from django.db import connection, transaction

from afiliacion.cases.models import Case
from afiliacion.reminders import ledger
from afiliacion.reminders.due import WINNERS, parameters
from afiliacion.reminders.letter import Letter, compose
from afiliacion.reminders.models import Reminder, ReminderKind

#: Cases shown of each kind in a preview.
SAMPLES: Final = 3

_COUNT: Final = f"SELECT w.kind_id, count(*), (array_agg(w.case_id))[1:{SAMPLES}] FROM ({WINNERS}) w GROUP BY w.kind_id"  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class DecideReport:
    """Mails queued, by the key of their kind."""

    queued: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.queued.values())


@dataclass(frozen=True, slots=True)
class Preview:
    """What a kind would send tonight: how many mails, and the letters of a few cases by folio."""

    kind: ReminderKind
    count: int
    samples: dict[str, Letter]


def decide(night: dt.date, now: dt.datetime, *, outage: bool = False) -> DecideReport:
    """Queue the mails students are due on `night` (a business date), at most one a student.

    Calling it again, at once or after a crash, queues nothing twice. With `outage`, steps that need IMSS' own site are not
    chased: nobody is blamed for IMSS being down.
    """
    with transaction.atomic():
        queued = ledger.queue_due(night, now, outage=outage)
    keys = dict(ReminderKind.objects.filter(pk__in=queued).values_list("pk", "key"))
    return DecideReport({keys[kind_id]: n for kind_id, n in queued.items()})


def preview(night: dt.date, *, outage: bool = False) -> list[Preview]:
    """What `decide` would queue on `night`, most urgent kind first, with sample letters. Writes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, parameters(night, outage=outage))
        found = {kind_id: (count, cases) for kind_id, count, cases in cursor.fetchall()}
    return [
        Preview(kind, found[kind.pk][0], _letters(kind, found[kind.pk][1], night)) for kind in ReminderKind.objects.filter(pk__in=found)
    ]


def _letters(kind: ReminderKind, case_ids: list[int], night: dt.date) -> dict[str, Letter]:
    cases = Case.objects.filter(pk__in=case_ids).select_related("student", "plantel").order_by("pk")
    return {case.folio: compose(Reminder(kind=kind, case=case, night=night)) for case in cases}
