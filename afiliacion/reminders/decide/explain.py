"""Explain in Spanish why a student did or did not get a mail on a night, from the ledger, the history and the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone

from afiliacion.cases.clock import long_date
from afiliacion.cases.history.chain import AsOf, as_of
from afiliacion.cases.models import Case
from afiliacion.cases.papers.required import is_minor
from afiliacion.reminders.address import address
from afiliacion.reminders.decide.due_sql import kinds
from afiliacion.reminders.decide.hours import Hours
from afiliacion.reminders.decide.rules import concerns, silence, step_due, step_name
from afiliacion.reminders.models import BadAddress, OptOut, Reminder, ReminderKind, Tutor
from afiliacion.reminders.silent_students import WHY, silent_students

Status = Reminder.Status
_BECAME = {
    Reminder.Status.QUEUED: "está en espera de salir",
    Reminder.Status.SENDING: "se está enviando",
    Reminder.Status.SENT: "se envió",
    Reminder.Status.FAILED: "el correo lo rechazó",
    Reminder.Status.BOUNCED: "salió, pero regresó sin entregarse",
    Reminder.Status.UNCERTAIN: "no se sabe si llegó, y no se repite solo",
    Reminder.Status.DROPPED: "no se envió: ya no hacía falta",
}


def why(case: Case, night: dt.date, now: dt.datetime) -> list[str]:
    """Why the student of `case` did or did not get a mail on `night`, or would: sentences for the office, the mail itself first."""
    tonight = list(Reminder.objects.filter(student=case.student_id, night=night).select_related("kind", "case").order_by("pk"))
    sentences = [_in_words(reminder, case) for reminder in tonight]
    then = as_of(case.pk, _moment(night))
    if then is None:
        return [*sentences, "Esa noche el expediente todavía no se abría."]
    matching = [kind for kind in _kinds_of(case) if concerns(kind, then.facts)]
    if not matching:
        return [*sentences, f"Estaba en «{then.facts.state.label}» y ningún aviso activo es para ese estado."]
    here = {reminder.kind_id for reminder in tonight if reminder.case_id == case.pk}
    return sentences + [f"«{kind.name}»: {_reason(kind, case, then, night, tonight, now)}" for kind in matching if kind.pk not in here]


def _kinds_of(case: Case) -> list[ReminderKind]:
    """The kinds that may concern the student, or the tutor where the plantel tells tutors."""
    tells_tutors = Hours().rule(case.plantel_id).tells_tutors
    return [kind for kind in kinds() if tells_tutors or kind.audience != ReminderKind.Audience.TUTOR]


def _in_words(reminder: Reminder, case: Case) -> str:
    which = "" if reminder.case_id == case.pk else f" de otro expediente suyo ({reminder.case})"
    trouble = f" Dijo: {reminder.error}" if reminder.error else ""
    became = _BECAME[Reminder.Status(reminder.status)]
    with_others = ", junto con otros en un solo correo" if reminder.part_of_id else ""
    return f"Se decidió el aviso «{reminder.kind.name}»{which} para {reminder.recipient}{with_others}: {became}.{trouble}"


def _moment(night: dt.date) -> dt.datetime:
    """When the night was decided, by its last row; without rows, the hour at which it runs."""
    decided = Reminder.objects.filter(night=night).aggregate(last=Max("created_at"))["last"]
    hour = dt.time(settings.NIGHT_HOUR, settings.NIGHT_MINUTE)
    return decided or timezone.make_aware(dt.datetime.combine(night, hour))


def _reason(kind: ReminderKind, case: Case, then: AsOf, night: dt.date, tonight: list[Reminder], now: dt.datetime) -> str:
    if silent := silence(kind, then.facts, then.turn, then.due_on, night):
        return silent
    return next(_obstacles(kind, case, then, night, tonight, now))


def _obstacles(kind: ReminderKind, case: Case, then: AsOf, night: dt.date, tonight: list[Reminder], now: dt.datetime) -> Iterator[str]:
    """It was due. What may have stood in the way, the surest first."""
    step = step_due(kind, then.facts, then.due_on, night)
    earlier = _earlier(kind, case, step_name(step, then.facts), night) if step else None
    if earlier:
        yield f"ya se le había dicho la noche del {long_date(earlier.night)}."
    yield from _no_way_to_reach(kind, case, night)
    if any(reminder.audience == kind.audience for reminder in tonight):
        yield "le tocaba, pero esa noche ya se le había escrito."
    yield from _enough_for_now(kind, case, night)
    if _moment(night) > now:
        yield "le toca: si nada cambia antes, esa noche se decide y sale a la hora de su plantel."
    if not Reminder.objects.filter(night=night, case__isnull=False).exists():
        yield "le tocaba, pero esa noche no se decidió ningún aviso."
    if kind.waits_for_imss:
        yield "le tocaba, pero el IMSS estaba caído y no se apura a nadie por eso."
    yield "le tocaba, pero no se encuentra en el registro: es posible que su correo se haya corregido después."


def _no_way_to_reach(kind: ReminderKind, case: Case, night: dt.date) -> Iterator[str]:
    if silent_students([case.student_id]):
        yield WHY
    to_tutor = kind.audience == ReminderKind.Audience.TUTOR
    if to_tutor and not is_minor(case.student.birth_date, night):
        yield "el alumno es mayor de edad, y a su tutor no se le escribe."
    tutor = Tutor.objects.filter(pk=case.student_id).first()
    where = address((tutor.email if tutor else "") if to_tutor else case.student.email)
    if not where:
        yield "no hay un correo de su tutor." if to_tutor else "el alumno no tiene un correo válido."
    if BadAddress.objects.filter(pk=where).exists():
        yield f"el correo {where} no sirve: el servidor lo rechazó."
    if kind.optional and OptOut.objects.filter(pk=case.student_id).exists():
        yield "el alumno pidió no recibir avisos opcionales."


def _enough_for_now(kind: ReminderKind, case: Case, night: dt.date) -> Iterator[str]:
    theirs = Reminder.objects.filter(student=case.student_id, audience=kind.audience, part_of=None).exclude(status=Status.DROPPED)
    waiting = theirs.filter(Q(status__in=(Status.QUEUED, Status.SENDING)) | Q(sent_at__gt=_moment(night)), night__lt=night)
    if waiting.exists():
        yield "le tocaba, pero un correo anterior todavía esperaba salir."
    per_week = Hours().rule(case.plantel_id).per_week
    if theirs.filter(night__gt=night - dt.timedelta(days=7), night__lt=night).count() >= per_week:
        yield f"le tocaba, pero esa semana ya había recibido {per_week} correos, que es el máximo."


def _earlier(kind: ReminderKind, case: Case, step: str, night: dt.date) -> Reminder | None:
    same = Reminder.objects.filter(case=case, kind=kind, night__lt=night, step__endswith=f"-{step}")
    return same.exclude(status__in=[Status.FAILED, Status.BOUNCED, Status.DROPPED]).order_by("-night").first()
