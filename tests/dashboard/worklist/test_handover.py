"""The cases of an officer who works at the plantel no longer: found as unassigned, and handed over at once, with undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard.models import Assignment, BulkRun
from afiliacion.dashboard.shared.assignees import lapsed
from students.models import Plantel, StaffPost

Leaves = Callable[[Any], None]


def _change(user: Any, **fields: Any) -> None:
    get_user_model().objects.filter(pk=user.pk).update(**fields)


def _posts(user: Any, *planteles: Plantel) -> None:
    StaffPost.objects.filter(user=user).delete()
    for plantel in planteles:
        StaffPost.objects.create(user=user, plantel=plantel)


LEAVES: dict[str, Leaves] = {
    "may not enter": lambda user: _change(user, is_active=False),
    "has another plantel": lambda user: _posts(user, Plantel.objects.get(clave="PREPA9")),
    "has no post": _posts,
}


@pytest.fixture
def chief(coordinator: Any, enter: Callable[[Any], Client]) -> Client:
    return enter(coordinator)


@pytest.fixture
def former(plantel: Plantel) -> Any:
    user = get_user_model().objects.create_user("rosa", first_name="Rosa", last_name="Uc", is_staff=True)
    StaffPost.objects.create(user=user, plantel=plantel)
    return user


@pytest.fixture
def cases(make_in: Callable[..., Case], former: Any, officer: Any, other_plantel: Plantel) -> list[Case]:
    """Three of the former colleague's (one closed), one of the officer's, one of no one."""
    made = [make_in(state) for state in (State.SIN_NSS, State.NSS_OBTENIDO, State.BAJA, State.SIN_NSS, State.SIN_NSS)]
    owners = [former, former, former, officer]
    Assignment.objects.bulk_create(
        Assignment(case=case, user=user, by=officer, at=timezone.now()) for case, user in zip(made[:4], owners, strict=True)
    )
    return made


def listed(browser: Client, query: str) -> set[int]:
    context = browser.get(f"/expedientes/?{query}").context
    rows = {row.pk for row in context["page"].rows}
    assert context["total"] == len(rows)
    return rows


@pytest.mark.parametrize("why", LEAVES)
def test_the_cases_of_a_user_who_left_are_found_under_nobody(desk: Client, cases: list[Case], former: Any, why: str) -> None:
    theirs, nobodys = {case.pk for case in cases[:3]}, {cases[4].pk}
    assert (listed(desk, "asignado=nadie"), listed(desk, "bandera=sin-responsable")) == (nobodys, set())
    LEAVES[why](former)
    assert listed(desk, "asignado=nadie") == theirs | nobodys
    assert listed(desk, "bandera=sin-responsable") == theirs == set(lapsed().values_list("case", flat=True))
    assert desk.get("/").context["left"].n == len(theirs)
    page = desk.get(f"/expedientes/{cases[0].pk}/").content.decode()
    assert "Lo atendía Rosa Uc, que ya no trabaja aquí." in page
    assert "ya no trabaja aquí" not in desk.get(f"/expedientes/{cases[3].pk}/").content.decode()


def test_they_are_handed_over_from_the_list_and_taken_back(desk: Client, cases: list[Case], former: Any, officer: Any) -> None:
    _change(former, is_active=False)
    said = {"accion": "asignar", "todos": "1", "lista": "bandera=sin-responsable", "asignar-quien": "yo"}
    assert desk.post("/expedientes/acciones/", said).status_code == 302
    assert Assignment.objects.filter(user=officer).count() == 4
    assert listed(desk, "bandera=sin-responsable") == set()
    desk.post(f"/expedientes/resultado/{BulkRun.objects.latest('pk').pk}/deshacer/")
    assert set(Assignment.objects.filter(user=former).values_list("case", flat=True)) == {case.pk for case in cases[:3]}


def test_who_takes_the_account_away_is_asked_to_whom_the_cases_go(chief: Client, cases: list[Case], former: Any, officer: Any) -> None:
    said = {"username": "rosa", "first_name": "Rosa", "last_name": "Uc", "planteles": [former.posts.get().plantel_id]}
    told = chief.post(f"/ajustes/usuarios/{former.pk}/", said)
    assert told["Location"] == f"/ajustes/usuarios/{former.pk}/entregar/"
    asked = chief.get(told["Location"]).content.decode()
    assert "3 expedientes a su cargo" in asked
    given = chief.post(told["Location"], {"quien": officer.pk}, follow=True).content.decode()
    assert "<strong>3</strong> hechos" in given
    assert Assignment.objects.filter(user=officer).count() == 4
    run = BulkRun.objects.latest("pk")
    chief.post(f"/expedientes/resultado/{run.pk}/deshacer/")
    assert Assignment.objects.filter(user=former).count() == 3


def test_a_user_whose_cases_can_still_be_seen_to_is_saved_as_ever(chief: Client, cases: list[Case], former: Any) -> None:
    said = {"username": "rosa", "first_name": "Rosa", "last_name": "Ek", "is_active": "on", "planteles": [former.posts.get().plantel_id]}
    assert chief.post(f"/ajustes/usuarios/{former.pk}/", said)["Location"] == "/ajustes/usuarios/"


def test_only_who_works_there_is_offered_and_taken(
    chief: Client, cases: list[Case], former: Any, foreign_officer: Any, officer: Any
) -> None:
    path = f"/ajustes/usuarios/{former.pk}/entregar/"
    page = chief.get(path).content.decode()
    assert ("Begoña Ñáñez" in page, "Itzel Uc" in page, "Óscar Güemes" in page) == (True, False, True)
    for wrong in (foreign_officer.pk, former.pk, "", "yo", "9" * 30):
        assert chief.post(path, {"quien": wrong}).status_code == 422
    assert Assignment.objects.filter(user=former).count() == 3
    chief.post(path, {"quien": "nadie"})
    assert not Assignment.objects.filter(user=former).exists()
    assert "no tiene expedientes a su cargo" in chief.post(path, {"quien": "nadie"}, follow=True).content.decode()


@pytest.mark.parametrize("n", [1, 40])
def test_handing_over_asks_as_much_for_one_as_for_many(
    chief: Client, make_in: Callable[..., Case], former: Any, officer: Any, n: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(n):
        Assignment.objects.create(case=make_in(State.SIN_NSS), user=former, by=officer, at=timezone.now())
    with django_assert_max_num_queries(18):
        chief.post(f"/ajustes/usuarios/{former.pk}/entregar/", {"quien": officer.pk})
    assert Assignment.objects.filter(user=officer).count() == n
