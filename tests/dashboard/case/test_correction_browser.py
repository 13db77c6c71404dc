"""A corrected CURP in a real Chromium: typed into the form of a case, and answered on the page of a list, on a desk and on a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from students.models import Ciclo, Student
from tests.browser import DESK, PHONE, Watched, whole
from tests.dashboard.deeds import PDF
from tests.dashboard.lists import a_worker_looks, as_csv

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]

HERS, HIS = "PECB080503MGRXRGA5", "PECB080503HGRXRGA5"


@pytest.fixture
def case(make_in: Callable[..., Case], make_student: Callable[..., Student]) -> Case:
    person = {"curp": HERS, "nombre": "Begoña", "primer_apellido": "Peña", "segundo_apellido": "Cruz", "sex": "M", "entity": "GR"}
    return make_in(State.SIN_NSS, student=make_student(**person, birth_date=dt.date(2008, 5, 3)), matricula="26000000")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_curp_is_corrected_and_the_correction_taken_back(
    open_page: Callable[..., Watched], case: Case, officer: Any, size: dict[str, int]
) -> None:
    page = open_page(officer, size=size).go(f"/expedientes/{case.pk}/acciones/corregir-datos/")
    whole(page)
    page.get_by_label("CURP").first.fill(HIS)
    page.get_by_label("Nombre(s)").fill("Bruno")
    page.get_by_label("Motivo de la corrección").fill("RENAPO la corrigió")
    page.get_by_label("Documento que prueba la CURP correcta").set_input_files(
        {"name": "c.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_role("button", name="Corregir datos").press("Enter")
    expect(page.get_by_role("heading", name="Bruno Peña Cruz")).to_be_visible()
    expect(page.get_by_text("CURP, antes")).to_be_visible()
    whole(page)
    assert Student.objects.values_list("curp", "sex").get() == (HIS, "H")
    page.get_by_role("button", name="Deshacer la última corrección").press("Enter")
    expect(page.get_by_role("heading", name="Begoña Peña Cruz")).to_be_visible()
    assert Student.objects.values_list("curp", "sex").get() == (HERS, "M")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_whose_a_row_is_is_said_by_keyboard(
    open_page: Callable[..., Watched], case: Case, officer: Any, ciclo: Ciclo, tmp_path: Path, size: dict[str, int]
) -> None:
    row = {
        "matricula": "26000000", "curp": HIS, "nombre": "Bruno", "primer_apellido": "Peña", "segundo_apellido": "Cruz", "sexo": "H",
        "fecha_inscripcion": "2026-08-06",
    }  # fmt: skip
    (tmp_path / "lista.csv").write_bytes(as_csv([row]))
    page = open_page(officer, size=size).go("/listas/")
    page.get_by_label("Ciclo").select_option(str(ciclo.pk))
    page.locator("input[type=file]").set_input_files(tmp_path / "lista.csv")
    page.get_by_role("button", name="Revisar la lista").click()
    a_worker_looks()
    page.reload()
    whole(page)
    page.get_by_role("link", name="Decir de quién es cada una").press("Enter")
    expect(page.get_by_role("heading", name="¿Es la misma persona?")).to_be_visible()
    whole(page)
    page.get_by_label("Es la misma persona: corregir su CURP").press("Space")
    page.get_by_role("button", name="Guardar las respuestas").press("Enter")
    page.get_by_role("button", name="Cargar la fila buena").press("Enter")
    a_worker_looks()
    page.reload()
    assert Student.objects.values_list("curp", "nombre").get() == (HIS, "Bruno")
    assert Case.objects.get() == case
