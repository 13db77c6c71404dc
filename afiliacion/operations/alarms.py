"""When coordination is told by mail that something failed: once a night, once a day of an outage."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction
from django.utils import timezone

from afiliacion.cases.clock import long_date
from afiliacion.imss.models import ImssSettings
from afiliacion.imss.rate import circuit_breaker
from afiliacion.operations.models import NightRun
from afiliacion.reminders.decide import coordinator_alarms

_NOT_LOST: Final = "Nada se perdió: lo pendiente se intenta de nuevo por sí solo, y los días sin servicio no cuentan contra nadie."


def about_night(night: NightRun, now: dt.datetime) -> None:
    """Queue the mail about a night that ended FAILED: which steps. The errors stay in Trabajos, since they may hold personal data."""
    steps = ", ".join(line["step"] for line in night.report if line["error"])
    going_on = circuit_breaker.current()
    lines = [f"No se completó: {steps}.", *([circuit_breaker.sentence(going_on)] if going_on else [])]
    coordinator_alarms.queue(
        coordinator_alarms.NIGHT, f"la noche del {long_date(night.date)} terminó con errores", lines, day=night.date, now=now
    )


def about_outage(now: dt.datetime) -> None:
    """Queue the mail about an outage of IMSS that has lasted `ImssSettings.alarm_minutes`, at an hour when mail may go out."""
    going_on = circuit_breaker.current()
    if going_on is None or now - going_on.since < dt.timedelta(minutes=ImssSettings.objects.get().alarm_minutes):
        return
    # The night's alarm has said so already.
    if coordinator_alarms.raised(coordinator_alarms.NIGHT, going_on.since) or not coordinator_alarms.can_be_read(now):
        return
    with transaction.atomic():
        day = timezone.localdate(going_on.since)
        coordinator_alarms.queue(
            coordinator_alarms.IMSS, "el IMSS no responde", [circuit_breaker.sentence(going_on), _NOT_LOST], day=day, now=now
        )
