"""Declaring covers that exist already, through its pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.roll.models import Opening
from students.models import Plantel
from tests.dashboard.lists import covers_of

pytestmark = pytest.mark.django_db

Make = Callable[..., Case]


def sent(browser: Client, plantel: Plantel, content: bytes, **fields: Any) -> Any:
    file = SimpleUploadedFile("seguros.csv", content)
    return browser.post("/listas/seguros/", {"plantel": plantel.pk, "proof": "lista", "file": file, **fields})


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_list_is_looked_at_declared_and_taken_back(desk: Client, plantel: Plantel, make_in: Make) -> None:
    case = make_in(State.NSS_OBTENIDO)
    where = sent(desk, plantel, covers_of(case) + b"\nno-existe,05/02/2024").headers["Location"]
    page = words(desk.get(where))
    assert "Declarar un seguro" in page
    assert "No están en el registro (1)" in page
    assert f"/expedientes/{case.pk}/" in page
    desk.post(f"{where}declarar/")
    case.refresh_from_db()
    assert case.state == State.ALTA_ENVIADA
    assert "1 seguro declarado por" in words(desk.get(where))
    history = words(desk.get(f"/expedientes/{case.pk}/"))
    assert "Seguro que ya existía, declarado" in history
    desk.post(f"{where}deshacer/")
    case.refresh_from_db()
    assert case.state == State.NSS_OBTENIDO
    assert "La deshizo" in words(desk.get(where))


def test_rows_are_asked_for_by_what_was_found(desk: Client, plantel: Plantel, make_in: Make) -> None:
    case = make_in(State.NSS_OBTENIDO)
    where = sent(desk, plantel, covers_of(case) + b"\nno-existe,05/02/2024").headers["Location"]
    page = words(desk.get(f"{where}?clase=unknown"))
    assert "no-existe" in page
    assert f'class="code">{case.enrolment.matricula}<' not in page


def test_what_is_no_such_list_says_why_beside_the_field(desk: Client, plantel: Plantel) -> None:
    answer = sent(desk, plantel, b"nombre,edad\nAna,20")
    assert answer.status_code == 422
    assert not Opening.objects.exists()


def test_an_officer_declares_only_at_the_own_planteles(desk: Client, other_plantel: Plantel, make_in: Make) -> None:
    assert sent(desk, other_plantel, covers_of(make_in(State.NSS_OBTENIDO))).status_code == 422
    assert not Opening.objects.exists()


def test_the_lists_lead_there(desk: Client) -> None:
    assert "/listas/seguros/" in words(desk.get("/listas/"))
