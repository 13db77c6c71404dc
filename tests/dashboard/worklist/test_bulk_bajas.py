"""Bajas, and notes of movements, for many at once: first what would be done and why not to whom, then the deed, then its undoing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import BAJA_OWED, BAJA_OWED_SQL, Case, Event
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import BajaKind, State, Verb
from afiliacion.dashboard.models import BulkRun
from afiliacion.dashboard.shared.sql import Sql, fetched
from afiliacion.dashboard.worklist.bulk_actions import MANY
from afiliacion.imss.models import Errand
from tests.dashboard.worklist.test_bulk_actions import does, undoes

MakeIn = Callable[..., Case]


def today() -> str:
    return timezone.localdate().isoformat()


def leaves(*cases: Case, kind: BajaKind = BajaKind.EGRESO) -> None:
    assert verbs.leave([case.pk for case in cases], kind, on=timezone.localdate(), act=Act(NIGHT, timezone.now())).skipped == {}


def confirms(desk: Client, preview: str) -> str:
    """Press the button of a preview: everything its form holds, as a browser sends it."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', preview))
    assert hidden["confirmado"] == "1"
    return desk.post("/expedientes/acciones/", hidden, follow=True).content.decode()


@pytest.mark.parametrize("automatic", [True, False])
def test_bajas_and_altas_are_offered_for_many_at_once(automatic: bool) -> None:
    offered = [many for many in MANY if many.channel.suits(automatic=automatic)]
    of = {state: {many.slug for many in offered if many.fits(state, held=False)} for state in State}
    assert of[State.BAJA] >= ({"enviar-baja"} if automatic else {"baja-idse", "baja-operada"})
    assert of[State.ACUSE_ENTREGADO] >= {"baja", "enviar-alta" if automatic else "alta-idse"}
    assert "baja" not in of[State.BAJA]


def test_a_baja_of_many_is_shown_first_then_done_then_undone(desk: Client, make_in: MakeIn) -> None:
    owing, free, gone = make_in(State.VIGENTE), make_in(State.SIN_NSS), make_in(State.SIN_NSS)
    leaves(gone)
    said = {"baja-on": today(), "baja-kind": "egreso", "baja-reason": "Generación 2026"}
    events = Event.objects.count()
    preview = does(desk, "baja", [owing, free, gone], **said)
    assert "<strong>2</strong>se pueden hacer" in preview
    assert "<strong>1</strong>con alta nuestra" in preview
    assert "«Baja» y ese paso no procede desde ahí" in preview
    assert (Event.objects.count(), BulkRun.objects.count()) == (events, 0)
    assert "<strong>2</strong> hechos" in confirms(desk, preview)
    kinds = Event.objects.filter(verb=Verb.LEAVE, case__in=[owing, free])
    assert {(event.data["kind"], event.details["reason"]) for event in kinds} == {("egreso", "Generación 2026")}
    assert "Deshacer «Registrar baja»" in undoes(desk)
    assert [Case.objects.get(pk=case.pk).state for case in (owing, free, gone)] == ["VIGENTE", "SIN_NSS", "BAJA"]


def test_all_that_were_found_are_previewed_and_done_as_they_were_then(desk: Client, make_in: MakeIn, make_case: Any) -> None:
    found = [make_in(State.SIN_NSS, grupo="6-A") for _ in range(3)]
    other = make_in(State.SIN_NSS, grupo="1-A")
    preview = does(desk, "baja", [], lista="grupo=6-A", todos="1", **{"baja-on": today(), "baja-kind": "egreso"})
    # One is worked on, and one comes, between the look and the click.
    verbs.hold([found[0].pk], on=timezone.localdate(), reason="Huelga", act=Act(NIGHT, timezone.now()))
    late = make_in(State.SIN_NSS, grupo="6-A")
    page = confirms(desk, preview)
    assert "<strong>2</strong> hechos" in page
    assert "Cambió mientras usted lo veía" in page
    assert set(Case.objects.filter(state=State.BAJA)) == set(found[1:])
    assert Case.objects.filter(pk__in=[other.pk, late.pk], state=State.SIN_NSS).count() == 2


def test_what_is_missing_in_the_form_is_told_before_any_preview(desk: Client, make_in: MakeIn) -> None:
    case = make_in(State.SIN_NSS)
    assert "Registrar baja: Este campo es obligatorio." in does(desk, "baja", [case], **{"baja-on": today()})
    assert "Esa fecha aún no llega" in does(desk, "baja", [case], **{"baja-on": "2999-01-01", "baja-kind": "egreso"})


def test_bajas_of_many_are_put_on_their_way_once(desk: Client, make_in: MakeIn, settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    owing, without = make_in(State.VIGENTE), make_in(State.ACUSE_ENTREGADO)
    leaves(owing, without)
    preview = does(desk, "enviar-baja", [owing, without])
    assert "El IMSS no tiene un alta nuestra pendiente de baja." in preview
    assert not Errand.objects.exists()
    assert "<strong>1</strong> hecho" in confirms(desk, preview)
    assert "Ese movimiento ya está en camino" in does(desk, "enviar-baja", [owing])
    assert Errand.objects.get().kind == Errand.Kind.SEND_BAJA


def test_an_office_without_service_notes_a_lote_of_altas_then_bajas_then_their_answer(desk: Client, make_in: MakeIn, settings: Any) -> None:
    settings.IMSS_URL = ""
    altas = [make_in(State.ACUSE_ENTREGADO) for _ in range(3)]
    sent = {"on": today(), "lote": "118274", "recibo": "R-9"}
    page = confirms(desk, does(desk, "alta-idse", altas, **{f"alta-idse-{name}": value for name, value in sent.items()}))
    assert "<strong>3</strong> hechos" in page
    noted = Event.objects.filter(case__in=altas, verb=Verb.SEND_ALTA)
    assert [(event.details["lote"], event.details["recibo"]) for event in noted] == [("118274", "R-9")] * 3
    leaves(*altas)
    confirms(desk, does(desk, "baja-idse", altas[:2], **{f"baja-idse-{name}": value for name, value in sent.items()}))
    preview = does(desk, "baja-operada", altas, **{"baja-operada-on": today()})
    assert "<strong>2</strong>se pueden hacer" in preview
    assert "todavía no se ha enviado" in preview
    confirms(desk, preview)
    assert set(Case.objects.filter(BAJA_OWED)) == {altas[2]}


@pytest.mark.parametrize("seen", ["", "x", "1", "999999:1", "1:1 2:2"])
def test_a_made_up_confirmation_does_nothing_to_others(desk: Client, make_in: MakeIn, other_plantel: Any, seen: str) -> None:
    theirs = make_in(State.SIN_NSS, plantel=other_plantel)
    said = {
        "accion": "baja",
        "confirmado": "1",
        "vistos": f"{seen} {theirs.pk}:{theirs.version}",
        "baja-on": today(),
        "baja-kind": "egreso",
    }
    assert theirs.student.list_name not in desk.post("/expedientes/acciones/", said, follow=True).content.decode()
    assert Case.objects.get(pk=theirs.pk).state == State.SIN_NSS


def listed(desk: Client, flag: str, **more: str) -> set[int]:
    page = desk.get("/expedientes/", {"bandera": flag, **more})
    return {row.pk for row in page.context["page"].rows}


def test_bajas_owed_and_sent_are_found_by_their_filters(
    desk: Client, enter: Any, coordinator: Any, make_in: MakeIn, other_plantel: Any, plantel: Any, ciclo: Any
) -> None:
    owed, sent, operated, without, theirs = (
        make_in(State.VIGENTE), make_in(State.VIGENTE), make_in(State.VIGENTE), make_in(State.ACUSE_ENTREGADO),
        make_in(State.VIGENTE, plantel=other_plantel),
    )  # fmt: skip
    make_in(State.VIGENTE)
    leaves(owed, sent, operated, without, theirs)
    act, day = Act(NIGHT, timezone.now()), timezone.localdate()
    verbs.send_baja({sent.pk: {}, operated.pk: {}}, on=day, act=act)
    verbs.operate_baja({operated.pk: Happening(day)}, act=act)
    for order in ("vence", "nombre"):
        for query in ({}, {"plantel": str(plantel.pk)}, {"ciclo": str(ciclo.pk)}, {"estado": "BAJA"}):
            assert listed(desk, "baja-por-enviar", orden=order, **query) == {owed.pk}
            assert listed(desk, "baja-enviada", orden=order, **query) == {sent.pk}
        assert listed(enter(coordinator), "baja-por-enviar", orden=order) == {owed.pk, theirs.pk}
    assert desk.get("/expedientes/", {"bandera": "baja-por-enviar"}).context["total"] == 1


def test_the_filters_ask_what_the_facts_say(make_in: MakeIn) -> None:
    """BAJA_OWED and its SQL are Facts.baja_owed of a closed case."""

    cases = [make_in(state) for state in State]
    leaves(*[case for case in cases if case.state in ("VIGENTE", "ACUSE_ENTREGADO", "ALTA_ENVIADA")])
    said = {case.pk for case in Case.objects.all() if case.state in ("BAJA", "RENUNCIA") and case.facts.baja_owed}
    assert said
    assert set(Case.objects.filter(BAJA_OWED).values_list("pk", flat=True)) == said
    assert {pk for (pk,) in fetched(Sql("SELECT c.id FROM cases_case c WHERE") + Sql(BAJA_OWED_SQL))} == said
