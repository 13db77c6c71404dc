"""Who has no CURP yet is found where every student is looked for: the search and the counter, with the way to their page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliacion.cases.models import Case, WithoutCurp
from afiliacion.dashboard.shared.access import Scope
from afiliacion.dashboard.worklist.without_curp import MOST, matching
from afiliacion.operations.simulation.invented_people import People
from students.models import Ciclo, Plantel
from tests.browser import DESK, PHONE, Watched
from tests.dashboard.lists import without_curp
from tests.plans import explained
from tests.roles import as_owner

pytestmark = pytest.mark.django_db
ALIEN = {"nombre": "Zoé", "primer_apellido": "Übermut", "segundo_apellido": ""}
Noted = Callable[..., WithoutCurp]


@pytest.fixture
def noted(plantel: Plantel, ciclo: Ciclo, people: People) -> Noted:
    def note(matricula: str, **fields: Any) -> WithoutCurp:
        known = {"plantel": plantel, "ciclo": ciclo, **ALIEN, **fields}
        return without_curp(known.pop("plantel"), known.pop("ciclo"), people.one(), matricula, **known)

    return note


def searched(desk: Client, text: str, **more: str) -> str:
    return desk.get(reverse("worklist"), {"q": text, **more}).content.decode()


def at_counter(desk: Client, text: str) -> str:
    return desk.post(reverse("counter-find"), {"codigo": text}, headers={"X-Ventanilla": "1"}).content.decode()


@pytest.mark.parametrize("asks", [searched, at_counter])
@pytest.mark.parametrize("text", ["zoe ubermut", "Übermut", "ext-77", "EXT-7", "Zo"])
def test_by_name_or_matricula_they_are_offered_with_the_way_to_their_page(
    desk: Client, noted: Noted, make_case: Callable[..., Case], asks: Callable[..., str], text: str
) -> None:
    make_case()
    row = noted("Ext-77")
    page = asks(desk, text)
    assert reverse("without-curp-person", args=[row.pk]) in page
    assert "Übermut, Zoé" in page
    assert reverse("without-curp-person", args=[row.pk]) not in asks(desk, "nadie así")


@pytest.mark.parametrize("asks", [searched, at_counter])
def test_those_of_other_planteles_are_not_found(desk: Client, noted: Noted, other_plantel: Plantel, asks: Callable[..., str]) -> None:
    noted("Ext-77", plantel=other_plantel)
    assert ["Zoé" in asks(desk, text) for text in ("übermut", "Ext-77")] == [False, False]


@pytest.mark.parametrize("asks", [searched, at_counter])
def test_one_whose_curp_came_is_their_case_and_one_closed_by_hand_says_so(
    desk: Client, noted: Noted, make_case: Callable[..., Case], asks: Callable[..., str]
) -> None:
    case = make_case(matricula="Ext-77")
    came = noted("Ext-77", enrolment=case.enrolment, closed_at=timezone.now(), closed_by="Begoña")
    page = asks(desk, "Ext-77")
    assert case.student.primer_apellido in page
    assert reverse("without-curp-person", args=[came.pk]) not in page
    closed = noted("Ext-99", closed_at=timezone.now(), closed_by="Begoña")
    page = asks(desk, "Ext-99")
    assert reverse("without-curp-person", args=[closed.pk]) in page
    assert "· cerrado" in page


def test_beside_cases_that_match_they_are_offered_too(
    desk: Client, noted: Noted, make_student: Any, make_case: Callable[..., Case]
) -> None:
    for n in range(2):
        case = make_case(student=make_student(primer_apellido="Übermut"))
        row = noted(f"Ext-{n}")
        for page in (searched(desk, "übermut"), at_counter(desk, "übermut")):
            assert reverse("without-curp-person", args=[row.pk]) in page
            assert case.student.list_name in page or case.student.full_name in page


def test_the_only_one_who_is_looked_for_from_any_page_is_shown_at_once(desk: Client, noted: Noted, make_case: Any) -> None:
    row, case = noted("Ext-77"), make_case(matricula="Z-1")
    go = {"ir": ""}
    assert desk.get(reverse("worklist"), {"q": "Ext-77", **go}).headers["Location"] == reverse("without-curp-person", args=[row.pk])
    assert desk.get(reverse("worklist"), {"q": "Z-1", **go}).headers["Location"] == reverse("case", args=[case.pk])
    noted("Z-12")
    assert desk.get(reverse("worklist"), {"q": "Z-1", **go}).status_code == 200


def test_a_list_narrowed_to_a_plantel_offers_its_own(
    coordinator: Any, enter: Callable[..., Client], noted: Noted, plantel: Plantel, other_plantel: Plantel
) -> None:
    noted("Ext-1")
    noted("Ext-2", plantel=other_plantel)
    page = searched(enter(coordinator), "ext", plantel=str(other_plantel.pk))
    assert ("Ext-1" in page, "Ext-2" in page) == (False, True)


def test_an_index_answers_each_way_and_who_finds_none_asks_once(
    own_ground: None, officer: Any, noted: Noted, plantel: Plantel, ciclo: Ciclo, django_assert_num_queries: Any
) -> None:
    other = _fields(noted("P", nombre="Ana", primer_apellido="Lara"))
    copies = [WithoutCurp(**{**other, "matricula": f"Q{n:05d}"}) for n in range(3000)]
    WithoutCurp.objects.bulk_create(copies)
    noted("Ext-77")
    with as_owner() as cursor:
        # As the database does by itself after a while.
        cursor.execute("SELECT gin_clean_pending_list('withoutcurp_name_trigrams')")
        cursor.execute("ANALYZE cases_withoutcurp")
    scope = Scope(officer, (plantel,))
    for text in ("zoe ubermut", "Ext-77"):
        with explained() as plans, django_assert_num_queries(2):
            assert [row.matricula for row in matching(scope, text)] == ["Ext-77"]
        assert [each for each in plans if each[0] >= 100] == []
    assert len(matching(scope, "Q000")) == MOST
    with django_assert_num_queries(1):
        assert matching(scope, "nadie así") == []


def _fields(row: WithoutCurp) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in WithoutCurp._meta.concrete_fields if field.attname != "id"}


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_in_a_browser_the_way_from_the_counter_and_the_search_to_their_page(
    committed: None, open_page: Callable[..., Watched], officer: Any, noted: Noted, make_case: Any, make_student: Any, size: Any
) -> None:
    row = noted("Ext-77", enrolled_on=dt.date(2026, 8, 6))
    make_case(student=make_student(primer_apellido="Übermut"))
    page = open_page(officer, size=size).go("/ventanilla/")
    for text in ("Ext-77", "Übermut"):
        page.locator("#codigo").fill(text)
        page.keyboard.press("Enter")
        link = page.get_by_role("link", name="Übermut, Zoé")
        link.wait_for()
    link.click()
    assert page.url.endswith(reverse("without-curp-person", args=[row.pk]))
    page.goto(f"{page.url.split('/sin-curp')[0]}/expedientes/?q=%C3%9Cbermut")
    page.get_by_role("link", name="Übermut, Zoé").click()
    assert page.url.endswith(reverse("without-curp-person", args=[row.pk]))
