"""When the staff is told by mail that something failed: once a night, once a day of an outage."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction
from django.utils import timezone

from afiliacion.cases.clock import long_date
from afiliacion.imss import outage
from afiliacion.imss.models import Manners
from afiliacion.operations.models import NightRun
from afiliacion.reminders import alarm

_NOT_LOST: Final = "Nada se perdió: lo pendiente se intenta de nuevo por sí solo, y los días sin servicio no cuentan contra nadie."


def about_night(night: NightRun, now: dt.datetime) -> None:
    """The night ended FAILED: tell which steps. What an error said stays in Trabajos, since it may name somebody."""
    steps = ", ".join(line["step"] for line in night.report if line["error"])
    going_on = outage.current()
    lines = [f"No se completó: {steps}.", *([outage.sentence(going_on)] if going_on else [])]
    alarm.queue(alarm.NIGHT, f"la noche del {long_date(night.date)} terminó con errores", lines, day=night.date, now=now)


def about_outage(now: dt.datetime) -> None:
    """IMSS has been away for as long as the office's manners say, and still is at an hour when somebody reads it."""
    going_on = outage.current()
    if going_on is None or now - going_on.since < dt.timedelta(minutes=Manners.objects.get().alarm_minutes):
        return
    # The night's alarm has said so already.
    if alarm.raised(alarm.NIGHT, going_on.since) or not alarm.can_be_read(now):
        return
    with transaction.atomic():
        day = timezone.localdate(going_on.since)
        alarm.queue(alarm.IMSS, "el IMSS no responde", [outage.sentence(going_on), _NOT_LOST], day=day, now=now)
