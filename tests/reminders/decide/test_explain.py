"""Why did, or didn't, this person get a mail."""

from __future__ import annotations

import datetime as dt

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.reminders.decide.explain import why
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.models import BadAddress, MailRule, Reminder, ReminderKind
from tests.reminders.conftest import through

pytestmark = pytest.mark.django_db

NIGHT = dt.date(2026, 8, 21)


def _why(case, night: dt.date, now: dt.datetime) -> list[str]:
    """Asked when the night is over."""
    return why(case, night, now + dt.timedelta(days=2))


def test_what_was_sent(make_in, now):
    case = make_in(State.SIN_NSS)
    decide(NIGHT, now)
    said = _why(case, NIGHT, now)
    assert said[0] == (f"Se decidió el aviso «Obtén tu NSS: el plazo ya venció» para {case.student.email}: está en espera de salir.")
    assert "«Obtén tu NSS: el plazo está por vencer»: ya pasaron todos sus pasos." in said
    assert "«Bienvenida: obtén tu NSS»: el plazo ya venció, y este aviso solo se manda antes." in said


def test_what_was_said_another_night(make_in, now):
    case = make_in(State.NSS_OBTENIDO)
    decide(NIGHT, now)
    decide(NIGHT + dt.timedelta(days=1), now)
    said = _why(case, NIGHT + dt.timedelta(days=1), now)
    assert "«Entrega tu acuse: el plazo ya venció»: ya se le había dicho la noche del viernes 21 de agosto de 2026." in said


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda case: None, "pero esa noche no se decidió ningún aviso."),
        (lambda case: type(case.student).objects.filter(pk=case.student_id).update(email="nadie"), "no tiene un correo válido."),
        (lambda case: ReminderKind.objects.filter(key="acuse_vencido").update(active=False), "es para ese estado."),
    ],
)
def test_why_nothing_was_sent(make_in, now, prepare, reason):
    case = make_in(State.NSS_OBTENIDO)
    ReminderKind.objects.filter(key="acuse_por_vencer").update(active=False)
    prepare(case)
    case.refresh_from_db()
    assert _why(case, NIGHT, now)[-1].endswith(reason)


def test_several_reminders_in_one_mail(make_in, make_case, other_plantel, now):
    first = make_in(State.NSS_OBTENIDO)
    other = make_case(student=first.student, plantel=other_plantel)
    decide(NIGHT, now)
    said = _why(other, NIGHT, now)
    assert f"de otro expediente suyo ({first.folio})" in said[0]
    assert "junto con otros en un solo correo: está en espera de salir." in said[1]


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda case, now: BadAddress.objects.create(address=case.student.email, since=now, words="550"), "no sirve"),
        (lambda case, now: decide(NIGHT - dt.timedelta(days=6), now), "todavía esperaba salir"),
        (lambda case, now: through([NIGHT - dt.timedelta(days=n) for n in (3, 2)], now), "ya se le había dicho la noche"),
        (lambda case, now: MailRule.objects.update(per_week=1), "ya había recibido 1 correos"),
    ],
)
def test_why_there_was_no_way_or_enough_for_now(make_in, now, prepare, reason):
    case = make_in(State.NSS_OBTENIDO)
    if "1 correos" in reason:
        decide(NIGHT - dt.timedelta(days=6), now)
        Reminder.objects.update(status=Reminder.Status.SENT, sent_at=now - dt.timedelta(days=6), message_id="<x@y>")
    prepare(case, now)
    decide(NIGHT, now)
    assert any(reason in line for line in _why(case, NIGHT, now)), _why(case, NIGHT, now)


def test_the_tutor_is_explained_where_tutors_are_told(make_in, now):
    MailRule.objects.update(tells_tutors=True)
    case = make_in(State.SIN_NSS, birth_date=dt.date(2000, 1, 1))
    decide(NIGHT, now)
    assert "«Al tutor: el plazo ya venció»: el alumno es mayor de edad, y a su tutor no se le escribe." in _why(case, NIGHT, now)


def test_on_hold_and_the_school_s_turn(make_in, actor, now):
    held, filed = make_in(State.SIN_NSS), make_in(State.EN_SUBDELEGACION)
    verbs.hold([held.pk], on=dt.date(2026, 8, 7), act=Act(actor, now), reason="Pausa")
    verbs.file_at_desk([filed.pk], on=dt.date(2026, 8, 12), act=Act(actor, now))
    assert "en pausa" in _why(held, NIGHT, now)[0]
    assert _why(filed, NIGHT, now) == ["«No vayas a la subdelegación: ve con el responsable»: el turno es de «IMSS», no de «Escuela»."]


def test_it_judges_the_case_as_it_stood_that_night(make_in, actor, now):
    case = make_in(State.NSS_OBTENIDO)
    decide(NIGHT, now)
    later = now + dt.timedelta(hours=30)
    verbs.deliver_acuse([case.pk], on=NIGHT, act=Act(actor, later))
    case.refresh_from_db()
    assert "Se decidió" in _why(case, NIGHT, now)[0]
    assert "ningún aviso activo" in _why(case, NIGHT + dt.timedelta(days=1), now)[-1]
    assert _why(case, dt.date(2026, 8, 1), now) == ["Esa noche el expediente todavía no se abría."]


def test_during_an_outage(make_in, now):
    case = make_in(State.SIN_NSS)
    make_in(State.NSS_OBTENIDO)
    decide(NIGHT, now, outage=True)
    assert any("el IMSS estaba caído" in line for line in _why(case, NIGHT, now))


def test_a_step_still_to_come_is_named(make_in, now):
    case = make_in(State.VIGENTE, on=dt.date(2026, 8, 20))
    decide(dt.date(2026, 8, 20), now)
    Reminder.objects.all().delete()
    ReminderKind.objects.filter(key="registrate_en_clinica").update(days=[5])
    assert _why(case, NIGHT, now) == [
        "«Ya tienes vigencia: regístrate en tu clínica»: todavía no toca: el siguiente paso es el martes 25 de agosto de 2026."
    ]


def test_a_night_still_to_come(make_in, now):
    case = make_in(State.NSS_OBTENIDO)
    assert "«Entrega tu acuse: el plazo ya venció»: le toca: si nada cambia antes, esa noche se decide" in why(case, NIGHT, now)[0]
