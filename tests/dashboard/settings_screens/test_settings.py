"""Settings: what a change will do is told first, what was done is written down, and no history moves by itself."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from afiliacion.cases import upkeep
from afiliacion.cases.history.consistency import differences
from afiliacion.cases.models import Case, ClockRule, PaperKind, WantedPaper
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State, Verb
from afiliacion.dashboard.models import SettingChange
from afiliacion.dashboard.settings_screens.sections import SECTIONS
from afiliacion.imss.client.adapters import is_automatic
from afiliacion.imss.models import Answer, Errand, ImssSettings
from afiliacion.imss.queue.movements import request_altas
from afiliacion.imss.queue.plan import plan
from afiliacion.reminders.models import ReminderKind
from students.models import Calendar, NonWorkingDay, Plantel, StaffPost
from students.staff import plantel_ids
from tests.browser import DESK, PHONE, Watched, whole
from tests.dashboard.conftest import PASSWORD
from tests.roles import as_owner


def seen(browser: Client, path: str) -> str:
    return browser.get(path).content.decode().split('name="visto" value="')[1].split('"')[0]


def agreed(told: str) -> str:
    """What the button that confirms sends."""
    return told.split('name="confirmado" value="')[1].split('"', maxsplit=1)[0]


def post(browser: Client, path: str, said: dict[str, Any], **more: Any) -> Any:
    """Send a form; with `confirmado`, send it again as the page that tells what will happen does."""
    said = {"visto": seen(browser, path), **said, **more}
    if said.pop("confirmado", ""):
        said["confirmado"] = agreed(browser.post(path, said, follow=True).content.decode())
    return browser.post(path, said, follow=True)


def day_off(plantel: Plantel, when: dt.date) -> dict[str, Any]:
    plantel.calendar = Calendar.objects.get_or_create(clave="gro", defaults={"name": "Guerrero"})[0]
    plantel.save()
    return {"calendar": plantel.calendar.pk, "date": when.isoformat(), "reason": "Consejo técnico"}


def test_what_is_confirmed_is_what_was_told(
    make_case: Callable[..., Case], plantel: Plantel, chief: Client, today: dt.date, now: dt.datetime
) -> None:
    make_case(enrolled_on=dt.date(2026, 8, 6))
    path, said = "/ajustes/inhabiles/nuevo/", day_off(plantel, dt.date(2026, 8, 10))
    said["confirmado"] = agreed(post(chief, path, said).content.decode())
    other = chief.post(path, {"visto": seen(chief, path), **said, "date": "2026-08-11"}, follow=True)
    assert "Este cambio mueve 1 vencimiento esta noche" in other.content.decode()
    assert not NonWorkingDay.objects.exists()
    chief.post(path, {"visto": seen(chief, path), **said}, follow=True)
    assert [day.date for day in NonWorkingDay.objects.all()] == [dt.date(2026, 8, 10)]


def test_a_day_off_says_how_many_due_dates_it_moves_and_moves_them_at_night(
    make_case: Callable[..., Case], plantel: Plantel, chief: Client, today: dt.date, now: dt.datetime
) -> None:
    case = make_case(enrolled_on=dt.date(2026, 8, 6))
    due, said = case.due_on, day_off(plantel, dt.date(2026, 8, 10))
    told = post(chief, "/ajustes/inhabiles/nuevo/", said)
    assert "Este cambio mueve 1 vencimiento esta noche" in told.content.decode()
    assert not NonWorkingDay.objects.exists()
    post(chief, "/ajustes/inhabiles/nuevo/", said, confirmado="1")
    case.refresh_from_db()
    assert case.due_on == due
    upkeep.reschedule(today, act=Act(NIGHT, now))
    case.refresh_from_db()
    assert (due, case.due_on) == (dt.date(2026, 8, 11), dt.date(2026, 8, 12))
    assert case.events.latest("seq").verb == Verb.RESCHEDULE
    assert list(differences()) == []


def test_a_day_that_moves_nothing_asks_nothing(plantel: Plantel, chief: Client) -> None:
    told = post(chief, "/ajustes/inhabiles/nuevo/", day_off(plantel, dt.date(2026, 12, 24)))
    assert "Guardado." in told.content.decode()


def test_a_day_that_has_passed_stays(plantel: Plantel, chief: Client) -> None:
    day = NonWorkingDay.objects.create(calendar=Calendar.objects.create(clave="x", name="X"), date=dt.date(2026, 8, 10), reason="Puente")
    told = chief.post(f"/ajustes/inhabiles/{day.pk}/quitar/", {"confirmado": "1"}, follow=True)
    assert "Ese día ya pasó" in told.content.decode()
    assert NonWorkingDay.objects.exists()


def test_a_rule_rules_from_its_day_and_what_runs_keeps_its_own(make_case: Callable[..., Case], chief: Client, local_today: dt.date) -> None:
    case = make_case()
    rule = {"key": "acuse", "plantel": "", "n": "5", "unit": "habiles", "source": "Acuerdo 4/2027", "valid_from": local_today.isoformat()}
    told = post(chief, "/ajustes/plazos/nuevo/", rule).content.decode()
    assert "Rige los plazos que empiecen desde el" in told
    assert "1 plazo que ya corre sigue con su regla de antes." in told
    post(chief, "/ajustes/plazos/nuevo/", rule, confirmado="1")
    former, added = ClockRule.objects.filter(key="acuse").order_by("pk")
    # Nothing was chosen, so it counts from what the rule before counts from.
    assert added.starts == former.starts != []
    before = case.due_on
    case.refresh_from_db()
    assert case.due_on == before
    assert list(differences()) == []


def test_what_a_rule_counts_from_is_chosen(chief: Client, local_today: dt.date) -> None:
    rule = {
        "key": "acuse", "n": "5", "unit": "habiles", "source": "Acuerdo", "valid_from": local_today.isoformat(),
        "starts": ["inscripcion", "correccion"],
    }  # fmt: skip
    post(chief, "/ajustes/plazos/nuevo/", rule, confirmado="1")
    assert ClockRule.objects.latest("pk").starts == ["inscripcion", "correccion"]
    assert "inscripción; corrección del NSS" in chief.get("/ajustes/plazos/").content.decode()
    wrong = post(chief, "/ajustes/plazos/nuevo/", {**rule, "starts": ["nunca"]})
    assert wrong.status_code == 422


def test_a_plantel_has_a_zone(plantel: Plantel, chief: Client) -> None:
    page = chief.get(f"/ajustes/planteles/{plantel.pk}/").content.decode()
    assert "Noroeste (Baja California)" in page
    said = {"name": plantel.name, "zone": "America/Tijuana"}
    post(chief, f"/ajustes/planteles/{plantel.pk}/", said)
    plantel.refresh_from_db()
    assert plantel.zone == "America/Tijuana"


def test_a_rule_cannot_reach_into_the_past(chief: Client) -> None:
    rule = {"key": "acuse", "n": "5", "unit": "habiles", "source": "Acuerdo", "valid_from": "2020-01-01"}
    told = post(chief, "/ajustes/plazos/nuevo/", rule)
    assert told.status_code == 422
    assert "Debe regir desde hoy o después" in told.content.decode()
    assert chief.get(f"/ajustes/plazos/{ClockRule.objects.first().pk}/").status_code == 404  # type: ignore[union-attr]  # there are


def test_who_changed_what_is_written_down_and_stays(chief: Client, plantel: Plantel, coordinator: Any) -> None:
    path = f"/ajustes/planteles/{plantel.pk}/"
    kept = {field: getattr(plantel, field) for field in ("name", "cct", "umf", "contact_name", "contact_email")}
    post(chief, path, {**kept, "subdelegacion": "Chilpancingo", "clave": "OTRA"})
    plantel.refresh_from_db()
    assert (plantel.clave, plantel.subdelegacion) == ("PREPA7", "Chilpancingo")
    change = SettingChange.objects.get()
    assert (change.user, change.before, change.after) == (coordinator, {"subdelegación": "Iguala"}, {"subdelegación": "Chilpancingo"})
    page = chief.get("/ajustes/cambios/").content.decode()
    assert "<del>Iguala</del>" in page
    with as_owner(), pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        SettingChange.objects.update(user_name="otra")


def test_two_coordinators_do_not_overwrite_each_other(chief: Client, plantel: Plantel) -> None:
    path = f"/ajustes/planteles/{plantel.pk}/"
    old = seen(chief, path)
    post(chief, path, {"name": "Uno"})
    told = chief.post(path, {"visto": old, "name": "Dos"})
    assert told.status_code == 422
    assert "Alguien más lo cambió" in told.content.decode()
    plantel.refresh_from_db()
    assert plantel.name == "Uno"


def test_a_wanted_paper_is_added_and_taken_away(chief: Client, make_case: Callable[..., Case], plantel: Plantel) -> None:
    make_case()
    said = {"plantel": plantel.pk, "step": Verb.DELIVER_ACUSE.value, "kind": PaperKind.objects.get(key="curp").pk}
    assert "Cuenta desde ahora para 1 expediente sin ese paso" in post(chief, "/ajustes/pedidos/nuevo/", said).content.decode()
    post(chief, "/ajustes/pedidos/nuevo/", said, confirmado="1")
    row = WantedPaper.objects.get()
    assert "Sí, quitar" in chief.post(f"/ajustes/pedidos/{row.pk}/quitar/").content.decode()
    chief.post(f"/ajustes/pedidos/{row.pk}/quitar/", {"confirmado": "1"})
    assert not WantedPaper.objects.exists()
    assert SettingChange.objects.count() == 2


def test_a_reminder_kind_says_what_goes_out_tonight(chief: Client, make_case: Callable[..., Case]) -> None:
    kind = ReminderKind.objects.get(key="obten_nss")
    path = f"/ajustes/avisos/{kind.pk}/"
    said = {"name": kind.name, "days": "0,2", "window": "60", "stop": "", "urgency": "30", "active": "on"}
    assert "esta noche saldrían 0 avisos" in post(chief, path, said).content.decode()
    assert "de menor a mayor" in post(chief, path, {**said, "days": "3,1"}).content.decode()


def test_pausing_imss_is_told_and_done(chief: Client) -> None:
    row = ImssSettings.objects.get()
    path = f"/ajustes/trato-imss/{row.pk}/"
    form = chief.get(path).context["form"]
    said = {name: value for name, value in form.initial.items() if value not in (False, None)} | {"paused": "on"}
    assert said["backoff_most_seconds"] == "900", "written as a person would"
    assert "No se preguntará nada al IMSS" in post(chief, path, said).content.decode()
    post(chief, path, said, confirmado="1")
    row.refresh_from_db()
    assert row.paused


def test_working_without_imss_service_says_what_stops_and_what_imss_may_have(
    chief: Client, desk: Client, make_in: Callable[..., Case], settings: Any, now: dt.datetime
) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    waiting, sent = make_in(State.SIN_NSS), make_in(State.ACUSE_ENTREGADO)
    request_altas([sent.pk], act=Act(NIGHT, now))
    Errand.objects.filter(case=sent).update(in_doubt=True)
    plan(timezone.localdate(), timezone.now())
    row = ImssSettings.objects.get()
    path = f"/ajustes/trato-imss/{row.pk}/"
    said = {name: value for name, value in chief.get(path).context["form"].initial.items() if value not in (False, None)}
    told = post(chief, path, said | {"way": "by_hand"}).content.decode()
    assert "1 gestión pendiente queda detenida mientras no haya servicio." in told
    assert "1 movimiento quizá ya los tiene el IMSS: revíselos en IDSE antes de presentarlos a mano." in told
    post(chief, path, said | {"way": "by_hand"}, confirmado="1")
    assert not is_automatic()
    page = desk.get(f"/expedientes/{sent.pk}/").content.decode()
    assert f'action="/expedientes/{sent.pk}/acciones/alta-idse/#accion"' in page
    assert "enviar-alta" not in page
    assert "Revise en IDSE si ya lo tiene" in page
    assert "trabaja sin el servicio del IMSS" in desk.get("/imss/").content.decode()
    assert "Así lo decidió la coordinación" in chief.get("/imss/").content.decode()
    assert Errand.objects.get(case=waiting).status == Errand.Status.OPEN


def test_keeping_answers_for_less_says_how_many_go(chief: Client, make_in: Callable[..., Case]) -> None:
    errand = Errand.objects.create(
        case=make_in(State.SIN_NSS), kind=Errand.Kind.LOCATE_NSS, key=uuid.uuid4(), requested_on=timezone.localdate(),
        requested_at=timezone.now(), requested_name="Proceso nocturno", next_on=timezone.localdate(),
    )  # fmt: skip
    for age in (10, 40):
        at = timezone.now() - dt.timedelta(days=age)
        Answer.objects.create(errand=errand, attempt=1, at=at, http_status=200, media_type="text/html", body=b"x", verdict="unreadable")
    path = f"/ajustes/trato-imss/{ImssSettings.objects.get().pk}/"
    said = {name: value for name, value in chief.get(path).context["form"].initial.items() if value not in (False, None)}
    assert "Esta noche se borran del archivo 1 respuesta del IMSS" in post(chief, path, said | {"answers_kept_days": 30}).content.decode()
    assert "mayor" in post(chief, path, said | {"answers_kept_days": 0}).content.decode()


def test_without_an_address_there_is_no_service_to_choose(chief: Client) -> None:
    assert "sistemas debe indicar su dirección" in chief.get(f"/ajustes/trato-imss/{ImssSettings.objects.get().pk}/").content.decode()
    assert "sistemas debe indicar su dirección" in chief.get("/imss/").content.decode()


PERSON = {"username": "angela", "first_name": "Ángela", "last_name": "Ek", "email": "a@prepa7.example.mx", "is_active": "on"}


def test_a_person_is_given_posts_and_loses_them(chief: Client, plantel: Plantel, other_plantel: Plantel) -> None:
    chief.post("/ajustes/usuarios/nuevo/", {**PERSON, "planteles": [plantel.pk, other_plantel.pk], "password": PASSWORD})
    user = get_user_model().objects.get(username="angela")
    assert (plantel_ids(user), user.is_staff, user.is_superuser, user.check_password(PASSWORD)) == (
        frozenset({plantel.pk, other_plantel.pk}), False, False, True,
    )  # fmt: skip
    chief.post(f"/ajustes/usuarios/{user.pk}/", {**PERSON, "planteles": [plantel.pk]})
    user.refresh_from_db()
    assert (plantel_ids(user), user.check_password(PASSWORD)) == (frozenset({plantel.pk}), True)
    chief.post(f"/ajustes/usuarios/{user.pk}/", {**PERSON, "everywhere": "on"})
    assert plantel_ids(user) is None
    last = SettingChange.objects.latest("pk")
    assert last.before["planteles"] == plantel.name
    assert PASSWORD not in str(list(SettingChange.objects.values()))


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"password": "corta"}, "demasiado corta"),
        ({"password": ""}, "Este campo es obligatorio"),
        ({"password": PASSWORD, "username": "oficial"}, "Ya existe"),
        ({"password": PASSWORD}, "Diga en qué planteles trabaja"),
    ],
)
def test_what_a_new_person_lacks_is_said(chief: Client, officer: Any, said: dict[str, str], answer: str) -> None:
    told = chief.post("/ajustes/usuarios/nuevo/", {**PERSON, **said})
    assert told.status_code == 422
    assert answer in told.content.decode()


def test_nobody_shuts_themselves_out(chief: Client, coordinator: Any) -> None:
    told = chief.post(f"/ajustes/usuarios/{coordinator.pk}/", {**PERSON, "username": "coordinacion"})
    assert "No puede quitarse a usted la coordinación" in told.content.decode()
    assert StaffPost.objects.filter(user=coordinator, plantel=None).exists()


def test_a_maintainer_is_not_kept_here(chief: Client, admin_user: Any) -> None:
    assert chief.get(f"/ajustes/usuarios/{admin_user.pk}/").status_code == 404
    assert admin_user.username not in chief.get("/ajustes/usuarios/").content.decode()


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.slug)
def test_every_section_shows_its_rows_and_its_form(section: Any, chief: Client, plantel: Plantel, ciclo: Any, today: dt.date) -> None:
    page = chief.get(f"/ajustes/{section.slug}/")
    assert page.status_code == 200
    if section.can_add:
        assert chief.get(f"/ajustes/{section.slug}/nuevo/").status_code == 200
    row = section.model.objects.first()
    if row and section.can_edit:
        assert chief.get(f"/ajustes/{section.slug}/{row.pk}/").status_code == 200
    assert chief.get("/ajustes/nada/").status_code == 404


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_coordinator_changes_a_setting_in_a_browser(
    open_page: Callable[..., Watched],
    make_case: Callable[..., Case],
    plantel: Plantel,
    coordinator: Any,
    size: dict[str, int],
) -> None:
    make_case(enrolled_on=dt.date(2026, 8, 6))
    day_off(plantel, dt.date(2026, 8, 10))
    page = open_page(coordinator, size=size).go("/ajustes/")
    whole(page)
    page.get_by_role("link", name="Días inhábiles").click()
    expect(page).to_have_title("Días inhábiles · Afiliación")
    whole(page)
    page.get_by_role("link", name="Agregar día inhábil").click()
    page.get_by_label("Calendario").select_option(label="Guerrero")
    page.get_by_label("Día", exact=True).fill("2026-08-10")
    page.get_by_label("Motivo").fill("Consejo técnico")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Este cambio mueve 1 vencimiento")).to_be_visible()
    whole(page)
    page.get_by_role("button", name="Sí, guardar").click()
    expect(page.get_by_text("Guardado.")).to_be_visible()
    for path in ("/ajustes/usuarios/", "/ajustes/usuarios/nuevo/", "/ajustes/cambios/", "/ajustes/planteles/nuevo/", "/ajustes/plazos/"):
        page.goto(page.url.split("/ajustes/")[0] + path)
        whole(page)
