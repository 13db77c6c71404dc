"""Decide the night's mails: who gets what. Nothing is sent here; send.py sends what has been committed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection, transaction

from afiliacion.cases.models import Case
from afiliacion.reminders.decide import enqueue
from afiliacion.reminders.decide.due_sql import DUE, DUE_AMONG, due_tonight
from afiliacion.reminders.letters.batch import LetterBatch
from afiliacion.reminders.letters.compose import Letter
from afiliacion.reminders.models import Reminder, ReminderKind

#: Cases shown of each kind in a preview.
SAMPLES: Final = 3

_COUNT: Final = """
    SELECT d.kind_id, count(*), min(d.send_after), (array_agg(d.case_id ORDER BY d.case_id))[1:%(samples)s]
    FROM ({due}) d WHERE d.place = 1 GROUP BY d.kind_id
"""


@dataclass(frozen=True, slots=True)
class DecideReport:
    """Mails queued, by the key of the kind that heads them."""

    queued: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.queued.values())


@dataclass(frozen=True, slots=True)
class KindPreview:
    """What a kind would send tonight: how many mails, from when on, and the letters of a few `cases` by folio."""

    kind: ReminderKind
    count: int
    send_after: dt.datetime
    cases: Sequence[Case]
    samples: dict[str, Letter]


def decide(night: dt.date, now: dt.datetime, *, outage: bool = False) -> DecideReport:
    """Queue the mails students and tutors are due on `night` (a business date), at most one a person.

    Calling it again, at once or after a crash, queues nothing twice. With `outage`, steps that need IMSS' own site are not
    asked for: IMSS being down is not the student's fault.
    """
    with transaction.atomic():
        queued = enqueue.queue_due(night, now, outage=outage)
    keys = dict(ReminderKind.objects.filter(pk__in=queued).values_list("pk", "key"))
    return DecideReport({keys[kind_id]: n for kind_id, n in queued.items()})


def preview(night: dt.date, now: dt.datetime, *, outage: bool = False, planteles: Collection[int] | None = None) -> list[KindPreview]:
    """What `decide` would queue on `night` for these planteles (ids; None: all), most urgent kind first, with sample letters.

    Writes nothing.
    """
    with connection.cursor() as cursor:
        due = DUE if planteles is None else DUE_AMONG
        asked = {**due_tonight(night, now, outage=outage), "only": list(planteles or ()), "samples": SAMPLES}
        # Counts and samples of DUE in one pass: as a queryset it would be decided again for each kind.
        cursor.execute(_COUNT.replace("{due}", due), asked)
        found: dict[int, tuple[Any, ...]] = {kind_id: rest for kind_id, *rest in cursor.fetchall()}
    return [_kind_preview(kind, night, now, *found[kind.pk]) for kind in ReminderKind.objects.filter(pk__in=found)]


def _kind_preview(
    kind: ReminderKind, night: dt.date, now: dt.datetime, count: int, send_after: dt.datetime, case_ids: list[int]
) -> KindPreview:
    cases = Case.objects.filter(pk__in=case_ids).select_related("student__tutor", "plantel").order_by("pk")
    rows = [Reminder(kind=kind, audience=kind.audience, case=case, student=case.student, night=night) for case in cases]
    letters = LetterBatch(rows, now)
    return KindPreview(kind, count, send_after, list(cases), {str(row.case): letters.compose(row) for row in rows})
