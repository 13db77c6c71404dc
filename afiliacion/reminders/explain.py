"""Why somebody did or did not get a mail on a night, in Spanish: from the ledger, the history and the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from afiliacion.cases.clock import long_date
from afiliacion.cases.history import AsOf, as_of
from afiliacion.cases.models import Case
from afiliacion.reminders.due import kinds
from afiliacion.reminders.models import Reminder, ReminderKind
from afiliacion.reminders.rules import address, silence, step_due

_BECAME = {
    Reminder.Status.QUEUED: "está en espera de salir",
    Reminder.Status.SENDING: "se está enviando",
    Reminder.Status.SENT: "se envió",
    Reminder.Status.FAILED: "el correo lo rechazó",
    Reminder.Status.UNCERTAIN: "no se sabe si llegó, y no se repite solo",
    Reminder.Status.DROPPED: "no se envió: ya no hacía falta",
}


def why(case: Case, night: dt.date) -> list[str]:
    """Why the student of `case` did or did not get a mail on `night`: sentences for the office, the mail itself first."""
    tonight = list(Reminder.objects.filter(student=case.student_id, night=night).select_related("kind", "case").order_by("pk"))
    said = [_told(reminder, case) for reminder in tonight]
    then = as_of(case.pk, _moment(night))
    if then is None:
        return [*said, "Esa noche el expediente todavía no se abría."]
    matching = [kind for kind in kinds() if then.facts.state in kind.states]
    if not matching:
        return [*said, f"Estaba en «{then.facts.state.label}» y ningún aviso activo es para ese estado."]
    here = {reminder.kind_id for reminder in tonight if reminder.case_id == case.pk}
    return said + [f"«{kind.name}»: {_reason(kind, case, then, night, tonight)}" for kind in matching if kind.pk not in here]


def _told(reminder: Reminder, case: Case) -> str:
    which = "" if reminder.case_id == case.pk else f" de otro expediente suyo ({reminder.case})"
    trouble = f" Dijo: {reminder.error}" if reminder.error else ""
    became = _BECAME[Reminder.Status(reminder.status)]
    return f"Se decidió el aviso «{reminder.kind.name}»{which} para {reminder.recipient}: {became}.{trouble}"


def _moment(night: dt.date) -> dt.datetime:
    """When the night was decided, by its last row; without rows, the hour at which it runs."""
    decided = Reminder.objects.filter(night=night).aggregate(last=Max("created_at"))["last"]
    hour = dt.time(settings.NIGHT_HOUR, settings.NIGHT_MINUTE)
    return decided or timezone.make_aware(dt.datetime.combine(night, hour))


def _reason(kind: ReminderKind, case: Case, then: AsOf, night: dt.date, tonight: list[Reminder]) -> str:
    if silent := silence(kind, then.facts, then.turn, then.due_on, night):
        return silent
    return next(_obstacles(kind, case, then, night, tonight))


def _obstacles(kind: ReminderKind, case: Case, then: AsOf, night: dt.date, tonight: list[Reminder]) -> Iterator[str]:
    """It was due. What may have stood in the way, the surest first."""
    step = step_due(kind, then.facts, then.due_on, night)
    earlier = _earlier(kind, case, step.n, night) if step else None
    if earlier:
        yield f"ya se le había dicho la noche del {long_date(earlier.night)}."
    if not address(case.student.email):
        yield "el alumno no tiene un correo válido."
    if tonight:
        yield "le tocaba, pero cada alumno recibe a lo más un correo por noche y otro era más urgente."
    if not Reminder.objects.filter(night=night, case__isnull=False).exists():
        yield "le tocaba, pero esa noche no se decidió ningún aviso."
    if kind.waits_for_imss:
        yield "le tocaba, pero el IMSS estaba caído y no se apura a nadie por eso."
    yield "le tocaba, pero no se encuentra en el registro: es posible que su correo se haya corregido después."


def _earlier(kind: ReminderKind, case: Case, n: int, night: dt.date) -> Reminder | None:
    same = Reminder.objects.filter(case=case, kind=kind, night__lt=night, step__endswith=f"-{n}")
    return same.exclude(status__in=[Reminder.Status.FAILED, Reminder.Status.DROPPED]).order_by("-night").first()
