"""Covered by another, as the office and the student see it: counted apart, nothing offered to send again, taken back by hand."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import Coverage, State, Turn
from afiliacion.dashboard.reports.views import report
from afiliacion.dashboard.shared.access import Scope
from afiliacion.reminders.decide.by_hand import remind
from afiliacion.reminders.models import Reminder
from tests.dashboard.deeds import do
from tests.dashboard.worklist.test_bulk_actions import does
from tests.student_page.conftest import path_of

pytestmark = pytest.mark.django_db
RESTING = [State.ALTA_ENVIADA, State.SIN_VIGENCIA, State.EN_SUBDELEGACION, State.VIGENTE]
NOTED = {"on": "2026-08-12", "reason": "Trabaja", "coverage": "other"}


def covered(case: Case, by: Coverage = Coverage.OTHER) -> Case:
    verbs.note_coverage({case.pk: (by, Happening(dt.date(2026, 8, 12)))}, act=Act(NIGHT, timezone.now()))
    case.refresh_from_db()
    return case


def test_each_number_of_cases_at_rest_is_the_length_of_its_list(
    desk: Client, make_in: Callable[..., Case], officer: Any, plantel: Any, ciclo: Any
) -> None:
    at_rest = [covered(make_in(state)) for state in RESTING]
    for state in (State.SIN_NSS, State.BAJA, State.RENUNCIA):
        covered(make_in(state))
    covered(make_in(State.SIN_VIGENCIA), Coverage.OTHER_SCHOOL)
    home = desk.get("/").content.decode()
    assert "<strong>4</strong> con otra cobertura, sin nada pendiente" in home
    assert '<a href="/expedientes/?cobertura=reposo">' in home
    listed = desk.get("/expedientes/?cobertura=reposo").content.decode()
    assert len(re.findall(r'class="cases-name"', listed)) == 4
    assert "4 expedientes" in listed
    assert sum(line.covered for line in report(ciclo.pk, "grupo", None, Scope(officer, (plantel,))).lines) == 4
    assert "Con otra cobertura" in desk.get("/informes/").content.decode()
    late = desk.get("/expedientes/?plazo=vencidos").content.decode()
    assert [case for case in at_rest if f"/expedientes/{case.pk}/" in late] == []


@pytest.mark.parametrize("state", RESTING)
def test_an_officer_notes_it_and_takes_it_back(desk: Client, make_in: Callable[..., Case], settings: Any, state: State) -> None:
    settings.IMSS_URL = "http://127.0.0.1:1"
    case = make_in(state)
    assert do(desk, case, "cobertura", NOTED).status_code == 302
    page = desk.get(f"/expedientes/{case.pk}/").content.decode()
    assert "Nada pendiente mientras dure su otra cobertura" in page
    assert "detenido aquí" not in page
    assert str(case.folio) not in desk.get("/subdelegacion/").content.decode()
    for slug in ("enviar-alta", "alta-idse"):
        assert f"/acciones/{slug}/" not in page
    case.refresh_from_db()
    assert case.turn == Turn.NADIE
    today = timezone.localdate()
    assert do(desk, case, "cobertura", {**NOTED, "coverage": "none", "on": today.isoformat()}).status_code == 302
    case.refresh_from_db()
    assert (case.coverage, case.turn != Turn.NADIE) == (Coverage.NONE, True)
    assert case.due_on is not None
    assert case.due_on > today


def test_no_alta_is_sent_again_for_many(desk: Client, make_in: Callable[..., Case], settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:1"
    case = covered(make_in(State.SIN_VIGENCIA))
    assert "Tiene otra cobertura, que prevalece" in does(desk, "enviar-alta", [case])


@pytest.mark.parametrize("state", RESTING)
def test_the_students_page_says_that_nothing_is_asked(client: Client, make_in: Callable[..., Case], state: State) -> None:
    page = client.get(path_of(covered(make_in(state)))).content.decode()
    assert "Ya te cubre otro seguro" in page
    assert "podría no atenderte" not in page


def test_a_reminder_by_hand_explains_and_does_not_hurry(make_in: Callable[..., Case], now: dt.datetime, officer: Any) -> None:
    case = Case.objects.select_related("student").get(pk=covered(make_in(State.SIN_VIGENCIA)).pk)
    told = remind([case], by=officer.pk, night=dt.date(2026, 8, 14), now=now, outage=False)
    mail = Reminder.objects.get(pk=told.queued[case.pk])
    assert mail.kind.key == "otra_cobertura"
