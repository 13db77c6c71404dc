"""Movimientos at a glance: each number is that of its list, per registro patronal and type, whichever the channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import ALTA_WANTED, ALTA_WANTED_SQL, Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import TRANSITIONS, Coverage, State, Verb
from afiliacion.dashboard.shared.sql import Sql, fetched
from afiliacion.imss.models import Errand, LoteRegistro
from afiliacion.imss.queue.movements import request_altas
from afiliacion.movements import sending
from afiliacion.movements.answers import noting
from afiliacion.movements.wanted import wanting_alta
from students.models import Plantel, StaffPost
from tests.movements.lotes import BAJA, a_lote, turn_down

MakeIn = Callable[..., Case]
OURS, THEIRS = "A0112345321", "B0298765329"

pytestmark = pytest.mark.django_db


@pytest.fixture
def act() -> Act:
    return Act(NIGHT, timezone.now())


def told(browser: Client) -> dict[str, int]:
    return {each.label: each.n for each in browser.get(reverse("movements")).context["tallies"]}


def lines(browser: Client) -> dict[tuple[str, str], tuple[int, int, int]]:
    found = [each.line for each in browser.get(reverse("movements")).context["lines"]]
    return {(line.registro, line.type.value): (line.to_send, line.on_their_way, line.rejected) for line in found}


@pytest.fixture
def all_sorts(make_in: MakeIn, other_plantel: Plantel, officer: Any, act: Act, settings: Any) -> None:
    """Of two planteles, one by lotes and one by the service: wanted, in a lote, presented, received, rejected, owed, on their way."""
    settings.IMSS_URL = "http://127.0.0.1:9"
    StaffPost.objects.create(user=officer, plantel=other_plantel)
    LoteRegistro.objects.create(registro=OURS)
    turn_down(Case.objects.filter(pk=make_in(State.ACUSE_ENTREGADO).pk), act, code="107", message="NO")
    received = a_lote(make_in(State.ACUSE_ENTREGADO), act)
    sending.mark_sent(received.pk, number="118274", signed_by="Ángela Núñez", on=timezone.localdate(), act=act)
    noting.receive(received.pk, on=timezone.localdate(), refused={}, act=act)
    sending.mark_sent(a_lote(make_in(State.ACUSE_ENTREGADO), act).pk, number="118275", signed_by="Á", on=timezone.localdate(), act=act)
    a_lote(make_in(State.BAJA), act, kind=BAJA)
    for state in (State.ACUSE_ENTREGADO, State.BAJA, State.VIGENTE, State.SIN_VIGENCIA, State.SIN_NSS):
        make_in(state)
        make_in(state, plantel=other_plantel)
    going = make_in(State.ACUSE_ENTREGADO, plantel=other_plantel)
    assert request_altas([going.pk], act=act).done == [going.pk]


@pytest.mark.usefixtures("all_sorts")
def test_each_number_is_that_of_its_list(desk: Client) -> None:
    for each in desk.get(reverse("movements")).context["tallies"]:
        context = desk.get(each.url).context
        assert each.n == (context["total"] if "total" in context else context["page"].total), each.label
    assert told(desk) == {
        "Altas por enviar": 5, "Bajas por enviar": 3, "Altas y bajas en camino": 3, "Rechazadas por arreglar": 1,
        "Altas enviadas, sin vigencia": 1, "Bajas enviadas sin respuesta": 0,
    }  # fmt: skip


@pytest.mark.usefixtures("all_sorts")
def test_each_registro_and_type_has_its_line(desk: Client, browsers: Callable[..., Client]) -> None:
    expected = {(OURS, "08"): (3, 1, 1), (OURS, "02"): (2, 1, 0), (THEIRS, "08"): (2, 1, 0), (THEIRS, "02"): (1, 0, 0)}
    assert lines(desk) == expected
    assert lines(browsers("coordinator")) == expected


def test_where_nothing_waits_nothing_is_counted(desk: Client, make_in: MakeIn) -> None:
    make_in(State.VIGENTE)
    assert set(told(desk).values()) == {0}
    assert "No hay altas ni bajas por enviar." in desk.get(reverse("movements")).content.decode()


def test_what_wants_an_alta_is_what_its_verb_takes_in_python_and_in_sql(make_in: MakeIn, act: Act) -> None:
    for state in State:
        make_in(state)
    resting = make_in(State.SIN_VIGENCIA)
    assert verbs.note_coverage({resting.pk: (Coverage.OTHER, Happening(timezone.localdate()))}, act=act).done
    wanted = set(Case.objects.filter(ALTA_WANTED).values_list("pk", flat=True))
    assert wanted == {pk for (pk,) in fetched(Sql("SELECT c.id FROM cases_case c WHERE") + Sql(ALTA_WANTED_SQL))}
    assert wanted == set(wanting_alta(Case.objects.all()).values_list("pk", flat=True))
    assert {case.state for case in Case.objects.filter(pk__in=wanted)} <= set(TRANSITIONS[Verb.SEND_ALTA])


@pytest.mark.parametrize("path", ["por-enviar/A0112345321/todas/", "por-enviar/A_1/altas/", "por-enviar/--/altas/"])
def test_a_group_that_cannot_be_does_not_exist(desk: Client, path: str) -> None:
    assert desk.get(f"/movimientos/{path}").status_code == 404


def test_planteles_without_a_registro_patronal_have_a_group_of_their_own(desk: Client, make_in: MakeIn, plantel: Plantel) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    plantel.registros.all().delete()
    url = reverse("movements-group", args=["-", "altas"])
    assert url in desk.get(reverse("movements")).content.decode()
    (held,) = desk.get(url).context["group"].held
    assert (held.case.pk, held.held) == (case.pk, "Falta el registro patronal del plantel: captúrelo en Ajustes.")


def test_an_alta_is_on_its_way_until_imss_has_received_it(desk: Client, make_in: MakeIn, act: Act, settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    case = make_in(State.ACUSE_ENTREGADO)
    request_altas([case.pk], act=act)
    assert lines(desk) == {(OURS, "08"): (1, 1, 0)}
    Errand.objects.update(status="parked", code="107", message="NO")
    assert lines(desk) == {(OURS, "08"): (1, 0, 1)}, "refused, and not sent again"
