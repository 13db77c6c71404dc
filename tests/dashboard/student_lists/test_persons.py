"""The page on which the officer says whose the rows are that bring another CURP for a known matrícula."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.roll.models import Import
from students.models import Ciclo, Plantel, Student
from tests.dashboard.lists import a_worker_looks, as_csv

HERS, HIS = "PECB080503MGRXRGA5", "PECB080503HGRXRGA5"
ROW = {
    "matricula": "26000000", "curp": HIS, "nombre": "Bruno", "primer_apellido": "Peña", "segundo_apellido": "Cruz", "sexo": "H",
    "fecha_inscripcion": "2026-08-06",
}  # fmt: skip


@pytest.fixture
def case(make_in: Callable[..., Case], make_student: Callable[..., Student]) -> Case:
    person = {"curp": HERS, "nombre": "Begoña", "primer_apellido": "Peña", "segundo_apellido": "Cruz", "sex": "M", "entity": "GR"}
    return make_in(State.SIN_NSS, student=make_student(**person, birth_date=dt.date(2008, 5, 3)), matricula="26000000")


@pytest.fixture
def brought(case: Case, desk: Client, plantel: Plantel, ciclo: Ciclo) -> str:
    """The address of the list."""
    file = SimpleUploadedFile("lista.csv", as_csv([ROW]))
    where: str = desk.post("/listas/", {"plantel": plantel.pk, "ciclo": ciclo.pk, "file": file}).headers["Location"]
    a_worker_looks()
    return where


def loaded(desk: Client, where: str) -> str:
    desk.post(f"{where}cargar/")
    a_worker_looks()
    return desk.get(where).content.decode()


def test_the_preview_asks_and_says_what_is_not_loaded(brought: str, desk: Client) -> None:
    text = desk.get(brought).content.decode()
    assert "<strong>1</strong>por aclarar" in text
    assert f'href="{brought}personas/"' in text
    assert "No hay nada que cargar" in text
    page = desk.get(f"{brought}personas/").content.decode()
    assert "Begoña Peña Cruz" in page and "Bruno Peña Cruz" in page  # noqa: PT018
    assert HERS not in page and HIS not in page  # noqa: PT018
    loaded(desk, brought)
    assert Student.objects.get().curp == HERS
    assert "falta decir si es la misma persona" in desk.get(f"{brought}filas/").content.decode()


@pytest.mark.parametrize("said", [{"fila-2": "same"}, {"todas": "same"}, {"todas": "same", "fila-2": "other"}])
def test_the_same_person_is_corrected_and_no_twin_opened(brought: str, desk: Client, case: Case, said: dict[str, str]) -> None:
    answer = desk.post(f"{brought}personas/", said, follow=True).content.decode()
    assert "0 sin respuesta" in answer and "Cargar la fila buena" in answer  # noqa: PT018
    assert "checked" in desk.get(f"{brought}personas/").content.decode()
    loaded(desk, brought)
    assert Student.objects.values_list("curp", "nombre", "sex").get() == (HIS, "Bruno", "H")
    assert Case.objects.get() == case
    assert "CURP, antes" in desk.get(f"/expedientes/{case.pk}/").content.decode()


def test_another_person_with_that_matricula_is_told_what_is_wrong(brought: str, desk: Client) -> None:
    desk.post(f"{brought}personas/", {"fila-2": "other"})
    loaded(desk, brought)
    assert Student.objects.get().curp == HERS
    assert "Esta matrícula ya es de otro alumno" in desk.get(f"{brought}filas/").content.decode()


@pytest.mark.parametrize("said", [{}, {"fila-2": "x"}, {"todas": "x"}, {"fila-9": "same"}])
def test_what_is_no_answer_is_none(brought: str, desk: Client, said: dict[str, str]) -> None:
    desk.post(f"{brought}personas/", said)
    assert "1 sin respuesta" in desk.get(brought).content.decode()


def test_a_confirmed_list_is_not_answered_any_more(brought: str, desk: Client) -> None:
    loaded(desk, brought)
    told = desk.post(f"{brought}personas/", {"todas": "same"}, follow=True).content.decode()
    assert "Ya no se puede responder" in told
    assert Student.objects.get().curp == HERS


def test_the_same_list_brought_again_asks_again(brought: str, desk: Client, plantel: Plantel, ciclo: Ciclo) -> None:
    loaded(desk, brought)
    file = SimpleUploadedFile("lista.csv", as_csv([ROW]))
    again: Any = desk.post("/listas/", {"plantel": plantel.pk, "ciclo": ciclo.pk, "file": file}).headers["Location"]
    a_worker_looks()
    assert Import.objects.latest("pk").counts["asked"] == 1
    desk.post(f"{again}personas/", {"todas": "same"})
    loaded(desk, again)
    assert Student.objects.get().curp == HIS
