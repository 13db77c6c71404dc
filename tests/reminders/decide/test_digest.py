"""The morning digest: what needs a person, for whom it concerns, once, or nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth import get_user_model

from afiliacion.cases import upkeep, verbs
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import BajaKind, State
from afiliacion.reminders.decide import digest
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.delivery.send import SendReport, send_due
from afiliacion.reminders.models import Reminder
from students.models import StaffPost

pytestmark = pytest.mark.django_db

NIGHT = dt.date(2026, 8, 12)


def _lines(reminder: Reminder, plantel: int = 0) -> dict[str, int]:
    return {line["what"]: line["n"] for line in reminder.data["planteles"][plantel]["lines"]}


def test_nothing_to_say_nothing_sent(make_in, now):
    make_in(State.VIGENTE)
    assert digest.queue(NIGHT, now) == 0
    assert not Reminder.objects.exists()


def test_it_says_what_needs_a_person(make_in, actor, now):
    for _ in range(3):
        make_in(State.SIN_NSS)
    make_in(State.NSS_OBTENIDO, email="no tiene")
    make_in(State.ACUSE_ENTREGADO)
    make_in(State.SIN_VIGENCIA)
    make_in(State.EN_SUBDELEGACION)
    left = make_in(State.ALTA_ENVIADA)
    verbs.leave([left.pk], BajaKind.DESERCION, on=NIGHT, act=Act(actor, now))
    decide(NIGHT, now)
    Reminder.objects.filter(kind__key="nss_vencido").update(status=Reminder.Status.FAILED)
    assert digest.queue(NIGHT, now) == 1
    told = Reminder.objects.get(case=None)
    assert told.recipient == "afiliacion@prepa7.example.mx"
    assert _lines(told) == {
        "Vencidos que tocan al alumno": 4,
        "Por enviar el alta al IMSS": 1,
        "Por llevar a la subdelegación": 1,
        "Por enviar la baja al IMSS": 1,
        "Altas rechazadas por el IMSS": 1,
        "Avisos que el correo del alumno rechazó": 3,
        "Alumnos por avisar que no tienen un correo válido": 1,
    }
    assert told.data["total"] == {"overdue": 4, "due_today": 0}


def test_what_is_due_today_is_not_yet_overdue(make_in, now):
    make_in(State.SIN_NSS)
    digest.queue(dt.date(2026, 8, 11), now)
    assert _lines(Reminder.objects.get()) == {"Vencen hoy": 1}


def test_once_a_night_for_each_address(make_in, now):
    make_in(State.ACUSE_ENTREGADO)
    assert [digest.queue(NIGHT, now) for _ in range(3)] == [1, 0, 0]
    assert digest.queue(NIGHT + dt.timedelta(days=1), now) == 1


def test_what_waits_for_others_is_told_again_only_when_it_changes(make_in, now):
    make_in(State.SIN_NSS)
    nights = [NIGHT + dt.timedelta(days=n) for n in range(4)]
    assert [digest.queue(night, now) for night in nights[:2]] == [1, 0]
    make_in(State.SIN_NSS)
    assert [digest.queue(night, now) for night in nights[2:]] == [1, 0]


def test_lists_that_went_wrong_are_told(plantel, now):
    assert digest.queue(NIGHT, now, {plantel.pk: {"Listas por traer": 2, "Listas por reintentar": 1}}) == 1
    assert _lines(Reminder.objects.get()) == {"Listas por traer": 2, "Listas por reintentar": 1}


def test_an_officer_of_two_planteles_reads_one_mail(make_in, make_case, officer, other_plantel, now):
    officer.email = " Begona@Escuela.example.mx"
    officer.save()
    StaffPost.objects.create(user=officer, plantel=other_plantel)
    gone = get_user_model().objects.create_user("exoficial", email="ex@escuela.example.mx", is_active=False)
    StaffPost.objects.create(user=gone, plantel=other_plantel)
    make_in(State.SIN_NSS)
    make_case(plantel=other_plantel)
    assert digest.queue(NIGHT, now) == 2
    told = Reminder.objects.get(recipient="begona@escuela.example.mx")
    assert [plantel["name"] for plantel in told.data["planteles"]] == ["Preparatoria Regional Núm. 7", "Preparatoria Regional Núm. 9"]
    contact = Reminder.objects.get(recipient="afiliacion@prepa7.example.mx")
    assert [plantel["name"] for plantel in contact.data["planteles"]] == ["Preparatoria Regional Núm. 7"]


@pytest.mark.usefixtures("committed")
def test_it_is_sent_like_any_mail_and_links_to_the_office(sink, make_in, now, settings):
    settings.OFFICE_URL = "https://afiliacion.example.mx"
    make_in(State.SIN_NSS, email="")
    digest.queue(NIGHT, now)
    assert send_due(now, 10) == SendReport(sent=1)
    (message,) = sink.messages
    html = message.get_body(("html",))
    assert html is not None
    assert 'href="https://afiliacion.example.mx"' in html.get_content()
    assert message["Subject"] == "Afiliación hoy: 1 vencido, nada vence hoy"


def test_the_coordinator_hears_of_what_became_very_late_tonight_and_only_then(make_case, coordinator, officer, actor, now):
    coordinator.email, officer.email = "coordinacion@escuela.example.mx", "oficial@escuela.example.mx"
    coordinator.save()
    officer.save()
    make_case(enrolled_on=dt.date(2026, 8, 6))  # due on the 11th; its rule tells the coordinator after seven days more
    told = {}
    for night in (dt.date(2026, 8, 18), dt.date(2026, 8, 19), dt.date(2026, 8, 20)):
        upkeep.alert_overdue(night, act=Act(actor, now))
        digest.queue(night, now)
        told[night.day] = set(Reminder.objects.filter(night=night, case=None).values_list("recipient", flat=True))
    assert told[18] == told[20] == {"afiliacion@prepa7.example.mx", "oficial@escuela.example.mx"}
    assert told[19] == told[18] | {"coordinacion@escuela.example.mx"}
