"""What failed is told once, to the coordinators, by the same mail as everything else."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from afiliacion.imss.models import ImssSettings, Outage
from afiliacion.operations.models import NightRun
from afiliacion.operations.night import Budget, run_night, sweep
from afiliacion.reminders.letters.compose import compose
from afiliacion.reminders.models import Reminder
from students.models import Plantel, StaffPost

THURSDAY = dt.date(2026, 8, 20)
BUDGET = Budget(chase_seconds=2.0)
NOBODY_LISTENS = "http://127.0.0.1:9"


def at(hour: int, minute: int = 0, day: dt.date = THURSDAY) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))


def alarms() -> list[tuple[str, str]]:
    return list(Reminder.objects.filter(audience="alarm").order_by("pk").values_list("kind__key", "recipient"))


@pytest.fixture
def in_charge(coordinator: Any) -> str:
    coordinator.email = "coordinacion@escuela.example.mx"
    coordinator.save()
    return str(coordinator.email)


@pytest.fixture
def away(settings: Any) -> None:
    settings.IMSS_URL, settings.IMSS_FOLLOWS_DATE = NOBODY_LISTENS, False


@pytest.mark.usefixtures("committed", "away", "officer")
def test_f11_a_night_nobody_answered_ends_failed_with_one_alarm(in_charge, make_case, smtp_sink):
    ImssSettings.objects.update(requests_per_second=1000, backoff_seconds=0.01, backoff_most_seconds=0.05, failures_to_open=30)
    for _ in range(30):
        make_case()
    assert run_night(THURSDAY, at(2, 30), budget=BUDGET).status == NightRun.Status.FAILED
    run_night(THURSDAY, at(3), again=True, budget=BUDGET)
    assert alarms() == [("alarma_noche", in_charge)]
    for hour in (3, 9, 10, 11):
        sweep(THURSDAY, at(hour), Budget(chase_seconds=0.1))
    assert alarms() == [("alarma_noche", in_charge)]
    subject = "Afiliación: la noche del jueves 20 de agosto de 2026 terminó con errores"
    (message,) = [message for message in smtp_sink.messages if message["Subject"] == subject]
    assert message["To"] == in_charge
    text = message.get_body(("plain",)).get_content()
    assert "No se completó: IMSS." in text
    assert "El IMSS no responde desde el 20/08/2026 a las 02:30." in text
    assert "/trabajos/" in text


@pytest.mark.usefixtures("committed", "away")
def test_f11_an_outage_is_told_once_a_day_of_it_when_it_lasts_and_somebody_reads(in_charge):
    going_on = Outage.objects.create(since=at(7, 55), reason="No se pudo establecer conexión con el IMSS.")
    told = {}
    for minute in (0, 9, 10, 11, 40):
        sweep(THURSDAY, at(8, minute), BUDGET)
        told[minute] = len(alarms())
    assert told == {0: 0, 9: 0, 10: 1, 11: 1, 40: 1}
    assert alarms() == [("alarma_imss", in_charge)]
    (row,) = Reminder.objects.filter(kind__key="alarma_imss").select_related("kind")
    letter = compose(row)
    assert "/imss/" in letter.text
    assert '/imss/"' in letter.html
    assert "/trabajos/" not in letter.text + letter.html
    # Back, and away again the same day: they know. Another day's outage ends before anybody is there to read of it.
    Outage.objects.filter(pk=going_on.pk).update(until=at(9))
    again = Outage.objects.create(since=at(10), reason="No responde.")
    sweep(THURSDAY, at(12), BUDGET)
    Outage.objects.filter(pk=again.pk).update(until=at(13))
    friday = THURSDAY + dt.timedelta(days=1)
    Outage.objects.create(since=at(1, day=friday), reason="No responde.")
    sweep(friday, at(4, day=friday), BUDGET)
    assert len(alarms()) == 1
    sweep(friday, at(9, day=friday), BUDGET)
    assert alarms() == [("alarma_imss", in_charge)] * 2


@pytest.mark.usefixtures("committed", "away")
def test_without_a_coordinator_who_can_be_written_to_those_of_the_planteles_hear(coordinator, officer, plantel):
    officer.email = "oficial@escuela.example.mx"
    officer.save()
    StaffPost.objects.create(user=officer, plantel=Plantel.objects.create(clave="OTRO", name="Otro"))
    Outage.objects.create(since=at(8), reason="No responde.")
    sweep(THURSDAY, at(9), BUDGET)
    assert alarms() == [("alarma_imss", "afiliacion@prepa7.example.mx"), ("alarma_imss", "oficial@escuela.example.mx")]
