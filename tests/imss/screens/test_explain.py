import datetime as dt
import socket
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from afiliacion import wake
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.celery import app
from afiliacion.imss.chase.report import ChaseReport, lines
from afiliacion.imss.chase.run import chase
from afiliacion.imss.models import Errand, ImssSettings, KnownRefusal, Outage
from afiliacion.imss.queue.movements import request_altas
from afiliacion.imss.queue.plan import plan
from afiliacion.imss.screens.explain import ErrandHistory
from tests.imss.authority import refuses, says, then
from tests.imss.conftest import at

TODAY = dt.date(2026, 8, 20)
BY_HAND = ["Esta oficina trabaja sin el servicio del IMSS: lo que responda se anota con lo que traiga el alumno."]


def test_why_a_case_was_asked_about_and_when_again(authority, case_in):
    case = case_in(State.ALTA_ENVIADA)
    assert ErrandHistory(case, TODAY).why() == [
        "Al IMSS no se le ha preguntado nada de este expediente.",
        "Consultar la vigencia: se le preguntará al IMSS a partir del 13/08/2026.",
    ]

    plan(TODAY, at(TODAY))
    assert ErrandHistory(case, TODAY).why() == [
        "Consultar la vigencia: lo pidió Proceso nocturno el 20/08/2026; todavía no se le pregunta al IMSS. Sale el 20/08/2026."
    ]

    chase(TODAY, at(TODAY), budget_seconds=5)
    (line,) = ErrandHistory(case, TODAY).why()
    assert line == (
        "Consultar la vigencia: lo pidió Proceso nocturno el 20/08/2026; un intento. "
        "Lo último, el 20/08/2026 a las 02:30: El IMSS responde que no tiene vigencia. Se vuelve a preguntar el 22/08/2026."
    )


def test_why_a_person_must_look(authority, case_in):
    case = case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    authority.behave = refuses("CORREO_DE_OTRA_CURP")
    chase(TODAY, at(TODAY), budget_seconds=5)

    assert (
        ErrandHistory(case, TODAY)
        .why()[0]
        .endswith("Espera a una persona: Ese correo ya lo usó otra persona en el IMSS: pida al alumno uno propio y corríjalo.")
    )


def test_why_nothing_happens_while_imss_is_down(authority, case_in):
    case = case_in(State.SIN_NSS)
    ImssSettings.objects.update(failures_to_open=1)
    plan(TODAY, at(TODAY))
    authority.behave = says({}, status=503)
    chase(TODAY, at(TODAY), budget_seconds=2.0)

    assert (
        ErrandHistory(case, TODAY).why()[0]
        == "El IMSS no responde desde el 20/08/2026 a las 02:30. El servicio del IMSS no está disponible."
    )


def said(case):
    return ErrandHistory(case, TODAY).last_night().removeprefix("La noche del 20/08/2026 ")


def test_what_was_asked_last_night(authority, case_in):
    case = case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    chase(TODAY, at(TODAY), budget_seconds=5)

    assert said(case) == "sí se le preguntó al IMSS («Localizar el NSS»): El IMSS localizó el NSS."


@pytest.mark.parametrize(
    ("state", "planned", "arrange", "reason"),
    [
        (State.NSS_OBTENIDO, True, lambda: None, "en este estado no hay nada que preguntar."),
        (State.ALTA_ENVIADA, False, lambda: None, "la primera pregunta toca a partir del 13/08/2026."),
        (State.SIN_NSS, True, lambda: Errand.objects.update(next_on=TODAY + dt.timedelta(days=2)), "le toca el 22/08/2026."),
        (State.SIN_NSS, True, lambda: Errand.objects.update(status="parked"), "espera a que una persona revise lo último que respondió."),
        (
            State.SIN_NSS,
            True,
            lambda: ImssSettings.objects.update(paused=True),
            "la oficina tiene detenidas las preguntas (Ajustes, IMSS).",
        ),
        (State.SIN_NSS, True, lambda: Outage.objects.create(since=at(TODAY), reason="-"), "el IMSS no respondía."),
        (State.SIN_NSS, True, lambda: None, "no alcanzó el turno; sale en cuanto el ritmo que acepta el IMSS lo permita."),
    ],
)
def test_why_nothing_was_asked_last_night(authority, case_in, state, planned, arrange, reason):
    case = case_in(state)
    if planned:
        plan(TODAY, at(TODAY))
    arrange()

    assert said(case) == f"no se le preguntó al IMSS: {reason}"


def test_a_night_in_vain_is_told_from_one_with_refusals(authority, quick, case_in):
    for _ in range(6):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    authority.behave = then(says({"folio": "x"}), refuses("X-1"))
    assert not chase(TODAY, at(TODAY), stop=lambda: len(authority.asked) >= 6).in_vain

    Errand.objects.update(status="open", next_at=at(TODAY))
    authority.behave = says({"folio": "x"})
    assert chase(TODAY, at(TODAY), stop=lambda: len(authority.asked) >= 12).in_vain


def test_without_a_line_it_says_so(case_in, settings):
    settings.IMSS_URL = ""
    case = case_in(State.SIN_NSS)
    assert ErrandHistory(case, TODAY).last_night() == ""
    assert ErrandHistory(case, TODAY).why() == [
        "Esta oficina trabaja sin el servicio del IMSS: lo que responda se anota con lo que traiga el alumno."
    ]


def test_the_command_tells_what_it_did(authority, case_in):
    case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    out = StringIO()

    call_command("chase", "--date", TODAY.isoformat(), stdout=out)

    assert out.getvalue().splitlines() == ["Preguntas al IMSS: 1.", "Pasos de expedientes: NSS obtenido 1."]


def test_a_report_in_words(db):
    report = ChaseReport(asked=9, left=2, parked=1, quarantined=1, late=1)
    report.refused.update({"SIN_REGISTRO": 3, "X-9": 1})
    report.troubles["TimedOut"] = 2
    assert lines(report) == [
        "Preguntas al IMSS: 9.",
        f"Negativas del IMSS, 3: {KnownRefusal.objects.get(code='SIN_REGISTRO').meaning.removesuffix('.')} (código SIN_REGISTRO).",
        "Negativas del IMSS, 1: código X-9, sin explicación todavía.",
        "Intentos sin respuesta: no respondió a tiempo 2.",
        "EN CUARENTENA, respuestas que no son de la persona preguntada: 1.",
        "Respuestas que llegaron tarde y no se aplicaron: 1.",
        "Esperan a una persona: 1.",
        "Quedan por preguntar de esta fecha: 2.",
    ]


def test_the_coordination_may_do_without_the_service(authority, quick, case_in):
    case = case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    ImssSettings.objects.update(way=ImssSettings.Way.BY_HAND)
    assert (chase(TODAY, at(TODAY), budget_seconds=5).asked, plan(TODAY, at(TODAY)).opened) == (0, {})
    assert ErrandHistory(case, TODAY).why() == BY_HAND
    ImssSettings.objects.update(way=ImssSettings.Way.SERVICE)
    assert chase(TODAY, at(TODAY), budget_seconds=5).asked == 1


# The wake-up


@pytest.fixture
def queue():
    """The broker itself, with nothing waiting in it."""
    with app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        broker = channel.client
        broker.delete("celery")
        yield broker
        broker.delete("celery")


def test_asking_for_an_alta_wakes_a_worker_once_it_is_committed(authority, case_in, queue, settings, django_capture_on_commit_callbacks):
    case = case_in(State.ACUSE_ENTREGADO)
    with django_capture_on_commit_callbacks() as callbacks:
        request_altas([case.pk], act=Act(NIGHT, at(TODAY)))
    assert queue.llen("celery") == 0

    assert [callback() for callback in callbacks] == [True]
    assert wake.SWEEP.encode() in queue.lindex("celery", 0)
    assert str(case.student.curp).encode() not in queue.lindex("celery", 0)


@pytest.fixture
def broker_at():
    url = app.conf.broker_url
    yield lambda port: app.conf.update(broker_url=f"redis://127.0.0.1:{port}/0")
    app.conf.update(broker_url=url)


def test_a_dead_broker_costs_the_officer_nothing(authority, case_in, broker_at, django_capture_on_commit_callbacks):
    broker_at(9)
    case = case_in(State.ACUSE_ENTREGADO)
    with django_capture_on_commit_callbacks(execute=True):
        outcome = request_altas([case.pk], act=Act(NIGHT, at(TODAY)))

    assert outcome.done == [case.pk]
    assert chase(TODAY, at(TODAY), budget_seconds=5).steps == {"send_alta": 1}


def test_a_broker_that_never_answers_is_waited_for_a_second(broker_at):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker_at(silent.getsockname()[1])
        began = time.monotonic()

        assert wake.publish() is False

        # Not a measure of speed: the alternative is for ever.
        assert time.monotonic() - began < 10
