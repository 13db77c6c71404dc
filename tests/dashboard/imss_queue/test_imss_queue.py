"""IMSS' waiting room: who sees what, asking now, and the answers about another person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.imss.models import Answer, Errand, ImssSettings
from afiliacion.imss.queue.plan import plan

OTHER = "ENSA050315HJCBBBA7"


@pytest.fixture
def waiting(make_in: Callable[..., Case], settings: Any) -> Case:
    """A case whose question has waited for nine days."""
    settings.IMSS_URL = "http://127.0.0.1:9"
    case = make_in(State.SIN_NSS)
    plan(timezone.localdate(), timezone.now())
    Errand.objects.update(requested_on=timezone.localdate() - dt.timedelta(days=9), next_on=dt.date(2099, 1, 1))
    return case


def errand_of(case: Case) -> Errand:
    return Errand.objects.get(case=case)


def test_what_waits_is_listed_by_how_long(waiting: Case, desk: Client, enter: Any, foreign_officer: Any) -> None:
    page = desk.get(reverse("imss")).content.decode()
    assert waiting.student.list_name in page
    assert "<span>8 a 28 días</span> <strong>1</strong>" in page
    assert waiting.student.curp not in page
    assert waiting.student.list_name not in enter(foreign_officer).get(reverse("imss")).content.decode()


def test_ask_now_makes_it_due_today(waiting: Case, desk: Client) -> None:
    desk.post(reverse("imss-ask"), {"caso": [waiting.pk], "ver": "pendientes"})
    assert errand_of(waiting).next_on == timezone.localdate()


def test_nobody_asks_about_anothers_case(waiting: Case, enter: Any, foreign_officer: Any) -> None:
    response = enter(foreign_officer).post(reverse("imss-ask"), {"caso": [waiting.pk]}, follow=True)
    assert "Elija al menos un expediente" in response.content.decode()
    assert errand_of(waiting).next_on == dt.date(2099, 1, 1)


def test_a_code_nobody_knows_has_a_list_of_its_own(waiting: Case, desk: Client) -> None:
    Errand.objects.update(status=Errand.Status.PARKED, code="X-999", message="Motivo nuevo.")
    assert "X-999" in desk.get(reverse("imss"), {"ver": "desconocidas"}).content.decode()
    Errand.objects.update(code="SIN_REGISTRO")
    assert "No hay nada en esta lista" in desk.get(reverse("imss"), {"ver": "desconocidas"}).content.decode()
    assert "SIN_REGISTRO" in desk.get(reverse("imss"), {"ver": "detenidas"}).content.decode()
    desk.post(reverse("imss-ask"), {"caso": [waiting.pk]})
    assert errand_of(waiting).status == Errand.Status.OPEN


def test_an_answer_about_somebody_else_waits_until_a_person_has_seen_it(
    waiting: Case, desk: Client, enter: Any, foreign_officer: Any, officer: Any
) -> None:
    body = b'{"curp": "%s"}' % OTHER.encode()
    answer = Answer.objects.create(
        errand=errand_of(waiting), attempt=1, at=timezone.now(), http_status=200, media_type="application/json", body=body,
        verdict=Answer.Verdict.QUARANTINED,
    )  # fmt: skip
    page = desk.get(reverse("imss"), {"ver": "cuarentena"}).content.decode()
    assert waiting.student.list_name in page
    assert OTHER not in page

    enter(foreign_officer).post(reverse("imss-seen"), {"respuesta": [answer.pk]})
    answer.refresh_from_db()
    assert answer.reviewed_at is None

    desk.post(reverse("imss-seen"), {"respuesta": [answer.pk], "ver": "cuarentena"})
    answer.refresh_from_db()
    assert answer.reviewed_by == officer.get_full_name()
    assert "No hay nada en esta lista" in desk.get(reverse("imss"), {"ver": "cuarentena"}).content.decode()


def test_only_a_coordinator_stops_everything(desk: Client, enter: Any, coordinator: Any, settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    assert desk.post(reverse("imss-pause"), {"pausar": "1"}).status_code == 404
    boss = enter(coordinator)
    boss.post(reverse("imss-pause"), {"pausar": "1"})
    assert ImssSettings.objects.get().paused
    assert "En pausa" in boss.get(reverse("imss")).content.decode()
    boss.post(reverse("imss-pause"), {"pausar": "0"})
    assert not ImssSettings.objects.get().paused


def test_what_is_no_list_is_no_page(desk: Client) -> None:
    assert desk.get(reverse("imss"), {"ver": "todo"}).status_code == 404
