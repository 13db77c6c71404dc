"""A new ciclo's list on the screens: who did not re-enrol, and their baja for all or for chosen ones, shown first and undone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.operations.simulation.invented_people import People
from afiliacion.roll.models import Import
from students.models import Ciclo
from tests.dashboard.lists import a_worker_looks, as_csv, row
from tests.dashboard.worklist.test_bulk_actions import undoes
from tests.dashboard.worklist.test_bulk_bajas import confirms
from tests.roll import conftest as rolls


@pytest.fixture
def before(ciclo: Ciclo) -> Ciclo:
    """The ciclo that is over, as the office's clock has it."""
    today = timezone.localdate()
    Ciclo.objects.filter(pk=ciclo.pk).update(starts_on=today - dt.timedelta(days=10), ends_on=today + dt.timedelta(days=170))
    return Ciclo.objects.create(clave="antes", starts_on=today - dt.timedelta(days=200), ends_on=today - dt.timedelta(days=11))


@pytest.fixture
def left(make_in: Callable[..., Case], before: Ciclo) -> list[Case]:
    """Three whose students the new list does not bring: one with an alta."""
    return [make_in(state, ciclo=before) for state in (State.VIGENTE, State.SIN_NSS, State.SIN_NSS)]


@pytest.fixture
def a_new_list(people: People) -> bytes:
    fresh = [people.one() for _ in range(20)][-1]
    return as_csv([row(fresh, "N1", fecha_inscripcion=timezone.localdate().isoformat())])


def test_the_preview_and_the_page_of_a_loaded_list_name_them_by_what_each_means(
    bring: Callable[..., Any],
    desk: Client,
    left: list[Case],
    a_new_list: bytes,
) -> None:
    shown = bring(a_new_list).headers["Location"]
    preview = desk.get(shown).content.decode()
    assert "<strong>3</strong>no se reinscribieron" in preview
    assert "<strong>1</strong>con alta nuestra ante el IMSS" in preview
    assert all(case.student.list_name in preview for case in left)
    page = desk.get(f"{shown}no-reinscritos/").content.decode()
    assert "Cuando la lista esté cargada" in page
    assert "Registrar la baja" not in page
    desk.post(f"{shown}cargar/")
    a_worker_looks()
    assert "<strong>2</strong>sin NSS" in desk.get(shown).content.decode()
    page = desk.get(f"{shown}no-reinscritos/?que=con-alta").content.decode()
    assert left[0].student.list_name in page
    assert left[1].student.list_name not in page
    assert "mientras no se envíe, el IMSS los sigue asegurando" in page
    assert set(Case.objects.filter(pk__in=[case.pk for case in left]).values_list("state", flat=True)) == {"VIGENTE", "SIN_NSS"}


def order(page: str, **more: Any) -> dict[str, Any]:
    """What the form of the page says, with the kind of baja chosen."""
    hidden = dict(re.findall(r'<input type="hidden" name="(accion|lista)" value="([^"]*)"', page))
    return {**hidden, "baja-on": timezone.localdate().isoformat(), "baja-kind": "desercion", "baja-reason": "No se reinscribió", **more}


def states(cases: list[Case]) -> list[str]:
    return [Case.objects.get(pk=case.pk).state for case in cases]


def test_the_baja_of_all_or_of_those_marked_is_shown_done_and_undone(
    load_it: Callable[..., str],
    desk: Client,
    left: list[Case],
    a_new_list: bytes,
) -> None:
    where = f"{load_it(a_new_list)}no-reinscritos/"
    page = desk.get(f"{where}?que=sin-nss").content.decode()
    (everyone,) = re.findall(r'name="vistos" value="([^"]+)"', page)
    marked = re.findall(r'name="caso" value="([^"]+)"', page)
    assert sorted(everyone.split()) == sorted(marked) == sorted(f"{case.pk}:{case.version}" for case in left[1:])
    preview = desk.post("/expedientes/acciones/", order(page, caso=[marked[0]])).content.decode()
    assert "<strong>1</strong>se puede hacer" in preview
    confirms(desk, preview)
    assert sorted(states(left)) == ["BAJA", "SIN_NSS", "VIGENTE"]
    undoes(desk)
    page = desk.get(f"{where}?que=sin-nss").content.decode()
    (everyone,) = re.findall(r'name="vistos" value="([^"]+)"', page)
    confirms(desk, desk.post("/expedientes/acciones/", order(page, vistos=everyone)).content.decode())
    assert states(left) == ["VIGENTE", "BAJA", "BAJA"]
    page = desk.get(where).content.decode()
    assert "Ya cerrados (2)" in page
    (everyone,) = re.findall(r'name="vistos" value="([^"]+)"', page)
    preview = desk.post("/expedientes/acciones/", order(page, vistos=everyone)).content.decode()
    assert "<strong>1</strong>con alta nuestra" in preview
    confirms(desk, preview)
    assert states(left) == ["BAJA", "BAJA", "BAJA"]
    assert "Registrar la baja" not in desk.get(where).content.decode()
    undoes(desk)
    assert states(left) == ["VIGENTE", "BAJA", "BAJA"]


def test_another_plantel_s_officer_sees_none_of_it(
    load_it: Callable[..., str],
    left: list[Case],
    a_new_list: bytes,
    foreign_officer: Any,
    enter: Any,
) -> None:
    assert enter(foreign_officer).get(f"{load_it(a_new_list)}no-reinscritos/").status_code == 404


@pytest.mark.parametrize("query", ["que=x", "que=sin-nss&desde=99999999999", "desde=-1", "que=cerrado", "desde=٣"])
def test_whatever_its_address_says_the_page_answers(
    load_it: Callable[..., str],
    desk: Client,
    left: list[Case],
    a_new_list: bytes,
    query: str,
) -> None:
    assert desk.get(f"{load_it(a_new_list)}no-reinscritos/?{query}").status_code == 200


def test_a_list_without_any_says_nothing_of_it_and_one_taken_back_neither(
    load_it: Callable[..., str],
    desk: Client,
    before: Ciclo,
    left: list[Case],
    a_new_list: bytes,
) -> None:
    where = load_it(a_new_list)
    assert "No se reinscribieron" in desk.get(where).content.decode()
    desk.post(f"{where}deshacer/")
    a_worker_looks()
    assert Import.objects.get().state == "undone"
    assert "No se reinscribieron" not in desk.get(where).content.decode()


def test_bajas_by_list_are_told_before_and_lead_to_what_is_owed_after(
    bring: Callable[..., Any],
    desk: Client,
    make_in: Callable[..., Case],
) -> None:
    case = make_in(State.VIGENTE)
    said = {
        "curp": case.student.curp, "matricula": case.enrolment.matricula, "nombre": case.student.nombre,
        "primer_apellido": case.student.primer_apellido, "segundo_apellido": case.student.segundo_apellido,
        "fecha_inscripcion": "2026-08-06", "estatus": "Defunción",
    }  # fmt: skip
    shown = bring(rolls.as_csv([said])).headers["Location"]
    preview = desk.get(shown).content.decode()
    assert "<strong>1</strong>baja escolar<" in preview
    assert "1 defunción" in preview
    assert "habrá que enviar su baja al IMSS" in preview
    desk.post(f"{shown}cargar/")
    a_worker_looks()
    page = desk.get(shown).content.decode()
    (query,) = re.findall(r'href="/expedientes/\?([^"]*baja-por-enviar[^"]*)"', page)
    found = desk.get(f"/expedientes/?{query.replace('&amp;', '&')}").context["page"].rows
    assert [each.pk for each in found] == [case.pk]


def test_of_two_ciclos_that_run_at_once_none_is_presumed(desk: Client, before: Ciclo, ciclo: Ciclo) -> None:
    assert desk.get("/listas/").context["form"].fields["ciclo"].initial == Ciclo.objects.get(pk=ciclo.pk)
    Ciclo.objects.create(clave="a la vez", starts_on=timezone.localdate(), ends_on=timezone.localdate() + dt.timedelta(days=90))
    assert desk.get("/listas/").context["form"].fields["ciclo"].initial is None
