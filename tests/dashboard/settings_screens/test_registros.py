"""The registros patronales of a plantel in Ajustes: typed, doubted, dated, told before, corrected until one was sent, written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act, Actor, ActorKind
from afiliacion.cases.states import BajaKind, State
from afiliacion.dashboard.models import SettingChange
from afiliacion.dashboard.settings_screens import changes
from afiliacion.imss.models import Errand
from afiliacion.imss.queue.claims import claim
from afiliacion.imss.queue.movements import request_altas
from students.models import Plantel, RegistroPatronal
from tests.browser import DESK, PHONE, Watched, whole
from tests.dashboard.settings_screens.test_settings import agreed, post
from tests.planteles import add_registro

OURS, NEW = "A0112345321", "C0355512321"
PERSON = Actor(ActorKind.PERSON, "Begoña Ñáñez")


@pytest.fixture
def always(plantel: Plantel) -> RegistroPatronal:
    return plantel.registros.get()


def of(plantel: Plantel) -> list[tuple[str, dt.date | None]]:
    return list(plantel.registros.values_list("registro", "valid_from"))


def add(browser: Client, plantel: Plantel, registro: str, since: dt.date | str = "", **more: Any) -> str:
    said = {"plantel": plantel.pk, "registro": registro, "valid_from": str(since), **more}
    answer: str = post(browser, f"/ajustes/registros/nuevo/?plantel={plantel.pk}", said).content.decode()
    return answer


def correct(browser: Client, row: RegistroPatronal, registro: str, **more: Any) -> str:
    since = row.valid_from or ""
    answer: str = post(browser, f"/ajustes/registros/{row.pk}/", {"registro": registro, "valid_from": str(since), **more}).content.decode()
    return answer


def send_by_hand(case: Case, on: dt.date) -> None:
    now = timezone.now()
    assert verbs.send_alta({case.pk: {"lote": "1"}}, on=on, act=Act(PERSON, now)).done == [case.pk]


def test_it_is_typed_any_way_stored_plain_and_shown_as_papers_print_it(chief: Client, local_today: dt.date) -> None:
    post(chief, "/ajustes/planteles/nuevo/", {"clave": "P1", "name": "Prepa 1", "registro_patronal": " c03-55512-32-1"})
    plantel = Plantel.objects.get()
    assert of(plantel) == [(NEW, None)]
    future = local_today + dt.timedelta(days=30)
    add(chief, plantel, "b02 98765 32 9", future, confirmado="1")
    assert of(plantel) == [(NEW, None), ("B0298765329", future)]
    told = f"C03-55512-32-1 · B02-98765-32-9 desde {future:%d/%m/%Y}"
    assert told in chief.get("/ajustes/planteles/").content.decode()
    page = chief.get(f"/ajustes/planteles/{plantel.pk}/").content.decode()
    for shown in ("C03-55512-32-1", "siempre", "B02-98765-32-9", f"{future:%d/%m/%Y}", f"/ajustes/registros/nuevo/?plantel={plantel.pk}"):
        assert shown in page
    assert 'name="registro_patronal"' not in page
    assert SettingChange.objects.order_by("pk").first().after["registro patronal"] == "C03-55512-32-1"  # type: ignore[union-attr]  # there is


@pytest.mark.parametrize("typed", ["123", "A01-12345-32", "AO1-12345-32-1"])
def test_what_is_none_is_refused_with_what_is_expected_wherever_it_is_typed(chief: Client, plantel: Plantel, typed: str) -> None:
    with_plantel = post(chief, "/ajustes/planteles/nuevo/", {"clave": "P1", "name": "Prepa 1", "registro_patronal": typed})
    first = chief.post("/inicio/plantel/", {"clave": "P1", "name": "Prepa 1", "registro_patronal": typed})
    for answer in (with_plantel.content.decode(), first.content.decode(), add(chief, plantel, typed, dt.date(2027, 1, 1))):
        assert "una letra, dos dígitos, cinco dígitos, dos de la modalidad y un dígito verificador, como A01-12345-32-1" in answer
        assert f'value="{typed}"' in answer, "what was typed stays"
    assert (with_plantel.status_code, first.status_code, Plantel.objects.count(), of(plantel)) == (422, 422, 1, [(OURS, None)])


@pytest.mark.parametrize("path", ["/inicio/plantel/", "/ajustes/planteles/nuevo/"])
def test_another_modality_is_warned_about_and_can_be_confirmed(chief: Client, path: str) -> None:
    said = {"clave": "P1", "name": "Prepa 1", "registro_patronal": "A01-12345-10-1", "visto": changes.print_of({})}
    told = chief.post(path, said).content.decode()
    assert "Las posiciones 9 y 10 de A01-12345-10-1 son 10, no 32" in told
    assert "Sí, guardar" in told
    assert not Plantel.objects.exists()
    chief.post(path, {**said, "confirmado": agreed(told)})
    assert of(Plantel.objects.get()) == [("A0112345101", None)]


def test_a_new_one_says_from_when_it_is_used_and_what_it_leaves_behind(
    chief: Client, plantel: Plantel, make_in: Callable[..., Case], local_today: dt.date
) -> None:
    make_in(State.ALTA_ENVIADA)
    future = local_today + dt.timedelta(days=30)
    told = add(chief, plantel, NEW, future)
    assert f"Las altas que se pidan desde el {future:%d/%m/%Y} llevarán el registro patronal C03-55512-32-1." in told
    assert "1 alumno tiene un alta con otro: eso no cambia, y su baja se envía con el suyo." in told
    assert of(plantel) == [(OURS, None)]
    add(chief, plantel, NEW, future, confirmado="1")
    assert of(plantel) == [(OURS, None), (NEW, future)]
    assert SettingChange.objects.get().after == {
        "plantel": plantel.name, "registro patronal": "C03-55512-32-1", "rige desde": f"{future:%d/%m/%Y}",
    }  # fmt: skip


def test_one_of_another_plantel_is_told_as_shared(chief: Client, plantel: Plantel, other_plantel: Plantel) -> None:
    told = add(chief, other_plantel, "A01-12345-32-1", timezone.localdate())
    assert f"A01-12345-32-1 es también de {plantel.name}: quien pase de uno a otro conserva su alta." in told


def test_two_of_a_plantel_on_one_day_are_refused(chief: Client, plantel: Plantel) -> None:
    assert "Ese plantel ya tiene un registro patronal que rige desde ese día" in add(chief, plantel, NEW)
    assert of(plantel) == [(OURS, None)]


def test_a_wrong_one_is_corrected_and_removed_while_nothing_was_sent(chief: Client, plantel: Plantel, always: RegistroPatronal) -> None:
    assert "llevarán el registro patronal C03-55512-32-1." in correct(chief, always, NEW)
    correct(chief, always, NEW, confirmado="1")
    assert of(plantel) == [(NEW, None)]
    change = SettingChange.objects.get()
    assert (change.before, change.after) == ({"registro patronal": "A01-12345-32-1"}, {"registro patronal": "C03-55512-32-1"})
    told = chief.post(f"/ajustes/registros/{always.pk}/quitar/").content.decode()
    assert "el plantel no tiene registro patronal: no se podrá enviar ningún movimiento." in told
    gone = chief.post(f"/ajustes/registros/{always.pk}/quitar/", {"confirmado": "1"})
    assert (gone.headers["Location"], of(plantel)) == (f"/ajustes/planteles/{plantel.pk}/", [])
    last = SettingChange.objects.latest("pk")
    assert last.what == f"registro patronal: C03-55512-32-1 de {plantel.name}, desde siempre"
    assert last.after == {}


def stays(browser: Client, row: RegistroPatronal) -> bool:
    """Whether the row neither changes nor goes, and both say why."""
    asked = browser.get(f"/ajustes/registros/{row.pk}/", follow=True)
    changed = browser.post(f"/ajustes/registros/{row.pk}/", {"registro": NEW, "valid_from": "", "confirmado": "1"}, follow=True)
    removed = browser.post(f"/ajustes/registros/{row.pk}/quitar/", {"confirmado": "1"}, follow=True)
    return all("Ya se envió al IMSS con A01-12345-32-1" in answer.content.decode() for answer in (asked, changed, removed))


def test_one_under_which_an_alta_was_noted_by_hand_stays(
    chief: Client, plantel: Plantel, always: RegistroPatronal, make_in: Callable[..., Case], today: dt.date
) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    later = add_registro(plantel, NEW, today)
    send_by_hand(case, today - dt.timedelta(days=1))
    assert stays(chief, always)
    assert of(plantel) == [(OURS, None), (NEW, today)]
    assert chief.get(f"/ajustes/registros/{later.pk}/").status_code == 200, "nothing was sent under that one"


def test_one_added_with_a_wrong_day_can_be_taken_back_though_altas_were_sent_after_that_day(
    chief: Client, plantel: Plantel, always: RegistroPatronal, make_in: Callable[..., Case], today: dt.date
) -> None:
    send_by_hand(make_in(State.ACUSE_ENTREGADO), today)
    add(chief, plantel, NEW, today - dt.timedelta(days=3), confirmado="1")
    wrong = plantel.registros.get(registro=NEW)
    chief.post(f"/ajustes/registros/{wrong.pk}/quitar/", {"confirmado": "1"})
    assert of(plantel) == [(OURS, None)]
    assert stays(chief, always)


def test_one_that_a_movement_carries_stays(
    chief: Client, plantel: Plantel, always: RegistroPatronal, make_in: Callable[..., Case], settings: Any
) -> None:
    """From its first try on a movement is fixed: whether IMSS got it may be unknown."""
    settings.IMSS_URL = "http://127.0.0.1:9"
    now = timezone.now()
    assert request_altas([make_in(State.ACUSE_ENTREGADO).pk], act=Act(NIGHT, now)).done
    assert chief.get(f"/ajustes/registros/{always.pk}/").status_code == 200
    claim(timezone.localdate(now), 5)
    assert Errand.objects.filter(movement__registro_patronal=OURS).exists()
    assert stays(chief, always)
    assert of(plantel) == [(OURS, None)]


def test_a_registro_shared_as_typed_keeps_the_alta_of_who_moves(
    chief: Client, plantel: Plantel, other_plantel: Plantel, make_in: Callable[..., Case]
) -> None:
    """Case 23: one plantel typed it with dashes, the other without."""
    correct(chief, other_plantel.registros.get(), "A01-12345-32-1", confirmado="1")
    case = make_in(State.VIGENTE)
    now = timezone.now()
    verbs.transfer([case.pk], on=timezone.localdate(now), to=other_plantel, act=Act(PERSON, now))
    case.refresh_from_db()
    assert (case.baja_kind, case.facts.baja_owed) == (BajaKind.TRASLADO, False)


def test_the_lists_ask_as_much_for_one_plantel_as_for_many(chief: Client, plantel: Plantel, django_assert_max_num_queries: Any) -> None:
    def asked(path: str) -> int:
        with django_assert_max_num_queries(40) as seen:
            assert chief.get(path).status_code == 200
        return len(seen)

    paths = ("/ajustes/planteles/", "/ajustes/registros/", f"/ajustes/planteles/{plantel.pk}/")
    before = [asked(path) for path in paths]
    for n in range(5):
        one = Plantel.objects.create(clave=f"X{n}", name=f"Otro {n}", calendar=plantel.calendar)
        add_registro(one, OURS)
        add_registro(plantel, NEW, dt.date(2027, 1, 1 + n))
    assert [asked(path) for path in paths] == before


def test_in_the_admin_it_is_added_under_the_same_check_and_otherwise_only_seen(
    admin_client: Client, plantel: Plantel, data_dir: Any, plain_static_files: None
) -> None:
    path = f"/admin/students/plantel/{plantel.pk}/change/"
    page = admin_client.get(path)
    form = page.context["adminform"].form
    said = {name: value for name, value in form.initial.items() if value is not None}
    said |= {"registros-TOTAL_FORMS": 1, "registros-INITIAL_FORMS": 0, "registros-0-plantel": plantel.pk}
    refused = admin_client.post(path, said | {"registros-0-registro": "123", "registros-0-valid_from": "2027-01-01"})
    assert "Debe tener 11 posiciones y tiene 3." in refused.content.decode()
    told = admin_client.post(path, said | {"registros-0-registro": "c03-55512-10-1", "registros-0-valid_from": "2027-01-01"}, follow=True)
    assert "Las posiciones 9 y 10 de C03-55512-10-1 son 10, no 32" in told.content.decode()
    assert of(plantel) == [(OURS, None), ("C0355512101", dt.date(2027, 1, 1))]
    assert "A01-12345-32-1 · C03-55512-10-1 desde 01/01/2027" in admin_client.get("/admin/students/plantel/").content.decode()


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_coordinator_adds_next_years_registro_in_a_browser(
    open_page: Callable[..., Watched], plantel: Plantel, coordinator: Any, size: dict[str, int]
) -> None:
    watched = open_page(coordinator, size=size)
    page = watched.go(f"/ajustes/planteles/{plantel.pk}/")
    whole(page)
    page.get_by_role("link", name="Agregar registro patronal").click()
    expect(page.get_by_label("Plantel")).to_have_value(str(plantel.pk))
    page.get_by_label("Registro patronal").fill("123")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Debe tener 11 posiciones y tiene 3.")).to_be_visible()
    whole(page)
    page.get_by_label("Registro patronal").fill("c03 55512 32 1")
    page.get_by_label("Rige desde").fill("2027-01-01")
    page.get_by_label("Rige desde").press("Enter")
    expect(page.get_by_text("llevarán el registro patronal C03-55512-32-1")).to_be_visible()
    expect(page.get_by_label("Registro patronal")).to_have_value("C03-55512-32-1")
    whole(page)
    page.get_by_role("button", name="Sí, guardar").click()
    expect(page.get_by_text("01/01/2027", exact=True)).to_be_visible()
    expect(page).to_have_url(f"{watched.address}/ajustes/planteles/{plantel.pk}/")
    whole(page)
    watched.complaints[:] = [said for said in watched.complaints if "422" not in said]
