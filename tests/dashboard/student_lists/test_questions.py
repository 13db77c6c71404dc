"""What a list asks, on its page: answered once, remembered where it is a word of the school, and taken back."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook

from afiliacion.operations.simulation.invented_people import People
from afiliacion.roll.models import Import, SchoolWord
from students.models import Enrolment
from tests.dashboard.lists import a_worker_looks
from tests.roll.conftest import HEADERS, as_csv, row

pytestmark = pytest.mark.django_db(transaction=True)


def page(desk: Client, address: str) -> str:
    return " ".join(desk.get(address).content.decode().split())


def test_a_word_of_the_school_is_asked_once_with_its_count_and_can_be_forgotten(
    bring: Callable[..., Any], desk: Client, people: People
) -> None:
    rows = [row(people.one(), str(n), estatus="Condicionado" if n else "activo") for n in range(4)]
    shown = bring(as_csv(rows)).headers["Location"]
    assert "3 filas" in page(desk, shown)
    assert "Aclararlo una vez para todas" in page(desk, shown)
    asked = page(desk, f"{shown}aclarar/")
    assert "Situación «Condicionado» (3 filas; la primera, la 3)" in asked
    desk.post(f"{shown}aclarar/", {"pregunta-0": "licencia"})
    a_worker_looks()
    assert "Cargar las 4 filas buenas" in page(desk, shown)
    # The next list of the plantel does not ask; once it is forgotten, one does again.
    more = bring(as_csv([row(people.one(), "9", estatus="CONDICIONADO")]), "otra.csv").headers["Location"]
    assert "Cargar la fila buena" in page(desk, more)
    assert "Condicionado" in page(desk, "/listas/palabras/")
    desk.post("/listas/palabras/", {"palabra": SchoolWord.objects.get().pk})
    again = bring(as_csv([row(people.one(), "8", estatus="Condicionado")]), "tercera.csv").headers["Location"]
    assert "Aclarar la lista" in page(desk, again)


def test_dates_that_can_be_read_two_ways_are_shown_both_ways_and_loaded_as_answered(
    bring: Callable[..., Any], desk: Client, people: People
) -> None:
    days = ("08/03/2026", "08/05/2026", "08/10/2026")
    shown = bring(as_csv([row(people.one(), str(n), fecha_inscripcion=day) for n, day in enumerate(days)])).headers["Location"]
    assert "No hay nada que cargar" in page(desk, shown)
    asked = page(desk, f"{shown}aclarar/")
    assert "08/03/2026 es el 8 de marzo de 2026" in asked
    assert "08/03/2026 es el 3 de agosto de 2026" in asked
    desk.post(f"{shown}aclarar/", {"pregunta-0": "md"})
    a_worker_looks()
    assert "Cambiar lo que se aclaró" in page(desk, shown)
    desk.post(f"{shown}cargar/")
    a_worker_looks()
    assert sorted(map(str, Enrolment.objects.values_list("enrolled_on", flat=True))) == ["2026-08-03", "2026-08-05", "2026-08-10"]


def test_hidden_rows_are_asked_and_left_out_if_so_answered(bring: Callable[..., Any], desk: Client, people: People) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.active.append(HEADERS)
    for n in range(3):
        said = row(people.one(), str(n))
        workbook.active.append([str(said[name]) for name in HEADERS])
    workbook.active.row_dimensions[3].hidden = True
    out = io.BytesIO()
    workbook.save(out)
    shown = bring(out.getvalue(), "lista.xlsx").headers["Location"]
    assert "oculta una fila" in page(desk, f"{shown}aclarar/")
    desk.post(f"{shown}aclarar/", {"pregunta-0": "leave"})
    a_worker_looks()
    assert "Cargar las 2 filas buenas" in page(desk, shown)


def test_a_list_that_brings_hardly_anyone_enrolled_wants_a_yes(
    load_it: Callable[..., str], bring: Callable[..., Any], desk: Client, people: People
) -> None:
    load_it(as_csv([row(people.one(), str(n)) for n in range(5)]))
    shown = bring(as_csv([row(people.one(), "77")]), "otro-plantel.csv").headers["Location"]
    assert "ninguno de los 5 inscritos" in page(desk, shown)
    desk.post(f"{shown}cargar/")
    a_worker_looks()
    assert Enrolment.objects.count() == 5
    desk.post(f"{shown}cargar/", {"segura": "on"})
    a_worker_looks()
    assert Enrolment.objects.count() == 6


def test_errors_that_say_the_same_are_one_line_that_names_the_students(bring: Callable[..., Any], desk: Client, people: People) -> None:
    pupils = [people.one() for _ in range(6)]
    shown = bring(as_csv([row(person, f"M{n}", fecha_inscripcion="") for n, person in enumerate(pupils)])).headers["Location"]
    told = page(desk, shown)
    assert told.count("Falta: está vacía y es obligatoria.") == 1
    assert "6 filas" in told
    assert f"{pupils[0].nombre} {pupils[0].primer_apellido}" in told
    assert "Dar una fecha para todos" in told
    assert Import.objects.count() == 1
