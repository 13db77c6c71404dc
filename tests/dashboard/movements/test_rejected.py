"""What IMSS rejected, on the screens: by family with its remedy, in the room, in the list and on the case page; of one's planteles only."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from playwright.sync_api import expect

from afiliacion.cases import verbs
from afiliacion.cases.enrol import enrol
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.imss.models import Errand
from afiliacion.imss.queue.movements import request_altas
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import noting
from afiliacion.movements.models import Lote, Movement, RegistroProfile, RejectionCode
from afiliacion.movements.rejections import by_hand
from afiliacion.movements.rejections.families import families
from afiliacion.operations.simulation.invented_people import People
from students.models import Enrolment, Plantel, Student
from tests.browser import DESK, PHONE, Watched, whole
from tests.dashboard.deeds import do
from tests.movements.lotes import ALTA, BAJA, a_lote, turn_down

MakeIn = Callable[..., Case]
Rejected = Callable[..., Movement]

pytestmark = pytest.mark.django_db


@pytest.fixture
def act() -> Act:
    return Act(NIGHT, timezone.now())


@pytest.fixture
def rejected(make_in: MakeIn, act: Act) -> Rejected:
    """A student whose alta IMSS rejected; further words are of its answer, `where` of the enrolment."""

    def rejected(*, where: dict[str, Any] | None = None, **said: Any) -> Movement:
        case = make_in(State.ACUSE_ENTREGADO, **(where or {}))
        return turn_down(Case.objects.filter(pk=case.pk), act, **said)[0]

    return rejected


def tell(code: str, family: str, meaning: str = "") -> None:
    RejectionCode.objects.create(code=code, family=family, meaning=meaning)


GROUP = reverse_lazy("movements-group", args=["A0112345321", "altas"])


def page(browser: Client, name: str = "", *args: Any, **query: Any) -> str:
    """A page in one line; that of the altas under the plantel's registro patronal, if none is named."""
    if not name:
        return re.sub(r"\s+", " ", browser.get(GROUP).content.decode())
    return re.sub(r"\s+", " ", browser.get(reverse(name, args=args), query).content.decode())


def post(browser: Client, name: str, **said: Any) -> str:
    return browser.post(reverse(name), said, follow=True).content.decode()


@pytest.mark.parametrize("key", sorted(set(families()) - {"SISTEMA", "ARCHIVO_COMPLETO"}))
def test_a_family_stands_in_the_room_with_what_it_means_who_fixes_it_and_how(desk: Client, rejected: Rejected, key: str) -> None:
    movement, family = rejected(code="107", message="ASÍ LO DIJO EL IMSS"), families()[key]
    tell("107", key)
    text = page(desk)
    for words in (f"{family.name}: 1", family.meaning, f"Lo arregla: {family.fixed_by}.", *family.how, "ASÍ LO DIJO EL IMSS", "107"):
        assert words in text, words
    assert "1 rechazado por arreglar" in text and "Hacer un lote" not in text  # noqa: PT018
    assert f'name="movimiento" value="{movement.pk}"' in text
    assert (f'name="familia" value="{key}"' in text) == family.in_bulk


def test_what_was_not_the_movement_s_fault_is_ready(desk: Client, rejected: Rejected) -> None:
    for code, family in (("1", "SISTEMA"), ("2", "ARCHIVO_COMPLETO")):
        rejected(code=code)
        tell(code, family)
    text = page(desk)
    assert "<b>2</b> listos" in text and 'id="rechazados"' not in text  # noqa: PT018
    listed = page(desk, "rejections")
    assert "1 en total." in listed and "El archivo entero, por otra línea" in listed and "Falla del IMSS" not in listed  # noqa: PT018


@pytest.mark.parametrize(
    ("family", "slugs"),
    [
        ("NOMBRE", ["corregir-datos", "subdelegacion"]),
        ("CURP", ["corregir-datos", "subdelegacion"]),
        ("NSS_DV", ["corregir-nss", "nss-ajeno"]),
        ("NSS_NO_REGISTRADO", ["corregir-nss", "nss-ajeno", "subdelegacion"]),
        ("NSS_DE_OTRO", ["nss-ajeno", "unificar-nss", "subdelegacion"]),
        ("YA_VIGENTE", ["constancia"]),
        ("DESCONOCIDO", ["corregir-datos", "corregir-nss", "subdelegacion"]),
    ],
)
def test_each_remedy_is_a_link_to_a_form_that_is_open(desk: Client, rejected: Rejected, family: str, slugs: list[str]) -> None:
    case = rejected(code="107").case_id
    tell("107", family)
    rejection = desk.get(GROUP).context["rejected"][0].rows[0]
    links = [way.url for way in rejection.remedies if way.url]
    assert links == [f"/expedientes/{case}/acciones/{slug}/#accion" for slug in slugs]
    drops = [f"/expedientes/{case}/acciones/{slug}/#accion" for slug in ("constancia", "cobertura", "renuncia", "baja")]
    assert [way.url for way in rejection.drops] == [url for url in drops if url not in links]
    for url in links + [way.url for way in rejection.drops]:
        assert desk.get(url).context["form"] is not None, url


def test_what_the_office_settles_leads_a_coordinator_to_ajustes_and_an_officer_is_told_who_does(
    desk: Client, browsers: Callable[..., Client], rejected: Rejected, plantel: Plantel
) -> None:
    movement, boss = rejected(code="107"), browsers("coordinator")
    row = RejectionCode.objects.create(code="107", family="UMF_GUIA")
    assert "Lo cambia la coordinación en Ajustes, «Envío por lotes»" in page(desk)
    assert reverse("setting-new", args=["lotes"]) in page(boss)
    profile = RegistroProfile.objects.create(registro=movement.registro)
    assert reverse("setting", args=["lotes", profile.pk]) in page(boss)
    RejectionCode.objects.filter(pk=row.pk).update(family="FECHA")
    assert f"Llevaría otra vez la fecha {movement.on:%d/%m/%Y}" in page(desk)
    RejectionCode.objects.filter(pk=row.pk).update(family="REGISTRO")
    assert reverse("setting", args=["planteles", plantel.pk]) in page(boss)
    row.delete()
    assert "«Códigos de rechazo»" in page(desk)
    new = reverse("setting-new", args=["codigos-rechazo"]) + "?code=107"
    assert new in page(boss)
    assert boss.get(new).status_code == 200
    Movement.objects.update(code="")
    assert new[:-3] not in page(boss), "there is no code to tell"


def test_a_baja_is_dropped_by_its_own_step(desk: Client, make_in: MakeIn, act: Act) -> None:
    case = make_in(State.BAJA)
    turn_down(Case.objects.all(), act, kind=BAJA, code="55")
    tell("55", "SIN_ALTA")
    (part,) = desk.get(reverse("movements-group", args=["A0112345321", "bajas"])).context["rejected"]
    assert part.rows[0].remedies[0].url == f"/expedientes/{case.pk}/acciones/sin-baja/#accion"
    assert part.rows[0].drops == []
    text = page(desk, "case", case.pk)
    assert "El IMSS rechazó la baja" in text and "No hay alta que dar de baja" in text  # noqa: PT018


def test_the_name_of_imss_stands_beside_ours_and_changes_nothing_by_itself(desk: Client, rejected: Rejected) -> None:
    movement = rejected(code="107", register_name="PEREZ$NUÑEZ$ANA")
    student = movement.case.student
    Student.objects.filter(pk=student.pk).update(primer_apellido="Pérez", segundo_apellido="Núñez", nombre="Ana María")
    tell("107", "NOMBRE")
    Movement.objects.update(data={**movement.data, "primer_apellido": "Pérez", "segundo_apellido": "Núñez", "nombre": "Ana María"})
    text = page(desk)
    assert "<dd>Pérez Núñez Ana María</dd>" in text and "<dd>PEREZ$NUÑEZ$ANA</dd>" in text  # noqa: PT018
    assert f"/expedientes/{movement.case_id}/acciones/corregir-datos/#accion" in text
    student.refresh_from_db()
    assert student.nombre == "Ana María"
    Movement.objects.update(register_name="PEREZ NUNEZ ANA MARIA")
    assert "Nombre en el IMSS" not in page(desk), "the same, but for accents"


def test_sent_again_one_by_one_and_taken_back_until_it_is_in_a_lote(desk: Client, rejected: Rejected) -> None:
    movement = rejected(code="107")
    said = {"movimiento": movement.pk}
    assert "1 movimiento irá en el próximo lote" in post(desk, "rejection-clear", **said)
    text = page(desk)
    assert "1 que ya se arregló: va en el próximo lote" in text and "Lo dijo Begoña Ñáñez" in text and "<b>1</b> listo " in text  # noqa: PT018
    assert "No había nada que esperara ese arreglo" in post(desk, "rejection-clear", **said)
    assert "1 movimiento vuelve a esperar su arreglo" in post(desk, "rejection-clear-undo", **said)
    assert "DESCONOCIDO" not in page(desk) and "Causa sin explicar: 1" in page(desk)  # noqa: PT018
    post(desk, "rejection-clear", **said)
    desk.post(reverse("lote-make"), {"registro": movement.registro, "tipo": "08"})
    lote = Lote.objects.latest("pk")
    assert lote.movements.get().previous == movement
    assert "ya va en un lote" in post(desk, "rejection-clear-undo", **said)
    assert f"Enviado otra vez en lote {lote.pk}: en lote" in page(desk, "rejections")


def test_all_of_a_family_at_once_where_one_cause_is_behind_them(desk: Client, rejected: Rejected) -> None:
    for _ in range(3):
        rejected(code="107")
    rejected(code="108")
    tell("107", "REGISTRO")
    tell("108", "YA_VIGENTE")
    assert "No había nada" in post(desk, "rejection-clear", familia="YA_VIGENTE")
    assert "3 movimientos irán en el próximo lote" in post(desk, "rejection-clear", familia="REGISTRO")
    assert set(Movement.objects.exclude(cleared_at=None).values_list("code", flat=True)) == {"107"}
    back = list(Movement.objects.filter(code="107").values_list("pk", flat=True))
    assert "3 movimientos vuelven a esperar" in post(desk, "rejection-clear-undo", movimiento=back)


@pytest.mark.parametrize("order", ["rejection-clear", "rejection-clear-undo"])
@pytest.mark.parametrize("said", [{}, {"movimiento": "x"}, {"movimiento": "9" * 30}, {"familia": "x"}, {"movimiento": ["1", "²"]}])
def test_what_names_nothing_does_nothing(desk: Client, rejected: Rejected, order: str, said: dict[str, Any]) -> None:
    rejected()
    assert desk.post(reverse(order), said).status_code == 302
    assert not Movement.objects.exclude(cleared_at=None).exists()


def test_an_officer_sees_and_touches_what_was_rejected_of_their_own_planteles(
    desk: Client, browsers: Callable[..., Client], rejected: Rejected, other_plantel: Plantel
) -> None:
    own, theirs = rejected(code="107"), rejected(code="107", where={"plantel": other_plantel})
    tell("107", "REGISTRO")
    foreign, boss = browsers("foreign_officer"), browsers("coordinator")
    for name in ("", "rejections"):
        assert own.case.student.list_name in page(desk, name)
        assert theirs.case.student.list_name not in page(desk, name)
        assert own.case.student.list_name not in page(foreign, name)
    assert "2 en total" in page(boss, "rejections")
    for said in ({"movimiento": own.pk}, {"movimiento": [own.pk]}):
        assert "No había nada" in post(foreign, "rejection-clear", **said)
    post(foreign, "rejection-clear", familia="REGISTRO")
    assert list(Movement.objects.exclude(cleared_at=None)) == [theirs]
    assert "Ya no se puede deshacer" in post(desk, "rejection-clear-undo", movimiento=theirs.pk)
    assert desk.get(reverse("rejections"), {"plantel": other_plantel.pk}).status_code == 422


def test_the_list_is_filtered_and_turned_page_by_page(
    desk: Client, rejected: Rejected, monkeypatch: pytest.MonkeyPatch, ciclo: Any
) -> None:
    monkeypatch.setattr("afiliacion.dashboard.movements.rejected.SHOWN", 2)
    rows = [rejected(code=code) for code in ("107", "", "107", "108", "107")]
    tell("107", "NOMBRE")
    seen: list[int] = []
    query: dict[str, Any] = {"ciclo": ciclo.pk}
    for _ in range(5):
        context = desk.get(reverse("rejections"), query).context
        seen += [each.told.movement.pk for part in context["page"].parts for each in part.rows]
        if not context["page"].following:
            break
        query["despues"] = context["page"].following
    assert seen == [rows[n].pk for n in (1, 3, 0, 2, 4)], "by family, the oldest first, each once"
    totals = {"familia": ("NOMBRE", 3), "codigo": ("-", 1), "tipo": ("02", 0), "ver": ("pendientes", 5)}
    for name, (value, total) in totals.items():
        assert desk.get(reverse("rejections"), {name: value}).context["page"].total == total, name
    for wrong in ({"familia": "SISTEMA"}, {"tipo": "07"}, {"ciclo": "x"}, {"ver": "todo"}):
        told = desk.get(reverse("rejections"), wrong)
        assert (told.status_code, "Esa lista no existe" in told.content.decode()) == (422, True)
    for odd in ("NOMBRE", "NOMBRE.x", f"NOMBRE.{10**30}", ".1"):
        assert desk.get(reverse("rejections"), {"despues": odd}).status_code == 200


def test_where_a_rejected_one_stands_is_told(desk: Client, rejected: Rejected, act: Act) -> None:
    gone, corrected, waiting, there = (rejected(code="107") for _ in range(4))
    verbs.renounce([gone.case_id], on=timezone.localdate(), tutor="Su mamá", act=act)
    Student.objects.filter(cases=corrected.case_id).update(nombre="Otro")
    verbs.escalate({there.case_id: Happening(timezone.localdate(), reason="No lo encuentran")}, act=act)
    rows = [each for part in desk.get(reverse("rejections")).context["page"].parts for each in part.rows]
    assert {each.told.movement.pk: each.standing for each in rows} == {
        gone.pk: "Ya no espera su envío: el expediente está en «Renuncia»",
        corrected.pk: "Ya se corrigió: irá en el próximo lote",
        waiting.pk: "Por arreglar",
        there.pk: "Ya no espera su envío: el expediente está en «En subdelegación»",
    }
    assert "2 listos" not in page(desk)


def test_the_case_page_shows_the_last_rejection_until_it_is_settled(desk: Client, rejected: Rejected, act: Act) -> None:
    movement = rejected(code="107", message="NSS INEXISTENTE")
    tell("107", "NSS_NO_REGISTRADO", "No existe ese NSS")
    text = page(desk, "case", movement.case_id)
    family = families()["NSS_NO_REGISTRADO"]
    for words in ("El IMSS rechazó el alta", family.name, "NSS INEXISTENTE", "No existe ese NSS", *family.how, "Por arreglar."):
        assert words in text, words
    back = desk.post(reverse("rejection-clear"), {"movimiento": movement.pk, "expediente": movement.case_id})
    assert back.headers["Location"] == reverse("case", args=[movement.case_id])
    text = page(desk, "case", movement.case_id)
    assert "Irá en el próximo lote: Begoña Ñáñez dijo que ya se arregló." in text
    assert reverse("rejection-clear-undo") in text
    verbs.renounce([movement.case_id], on=timezone.localdate(), tutor="Su mamá", act=act)
    assert "El IMSS rechazó" not in page(desk, "case", movement.case_id).partition("Historia")[0]


@pytest.mark.parametrize(("state", "kind", "slug"), [(State.ACUSE_ENTREGADO, ALTA, "rechazo-idse"), (State.BAJA, BAJA, "baja-rechazada")])
def test_a_rejection_noted_on_the_case_is_one_of_its_movement(
    desk: Client, make_in: MakeIn, act: Act, today: dt.date, state: State, kind: MovementType, slug: str
) -> None:
    case = make_in(state)
    lote = a_lote(case, act, kind=kind)
    sending.mark_sent(lote.pk, number="118274", signed_by="Ángela Núñez", on=timezone.localdate(), act=act)
    noting.receive(lote.pk, on=timezone.localdate(), refused={}, act=act)
    case.refresh_from_db()
    assert do(desk, case, slug, {"code": "107", "message": "NO PROCEDE", "on": timezone.localdate().isoformat()}).status_code == 302
    movement = Movement.objects.get()
    assert (movement.status, movement.code, movement.message, movement.answered_on) == (
        Movement.Status.REJECTED, "107", "NO PROCEDE", timezone.localdate(),
    )  # fmt: skip
    assert "1 rechazado por arreglar" in page(desk, "movements-group", movement.registro, MovementType(movement.type).plural)


def test_what_is_no_code_is_noted_as_text(rejected: Rejected) -> None:
    movement = rejected()
    Movement.objects.update(status=Movement.Status.RECEIVED)
    by_hand.note([movement.case_id], ALTA, code="REGISTRO " * 7, message="No existe", on=movement.on)
    movement.refresh_from_db()
    assert (movement.code, movement.message) == ("", f"{'REGISTRO ' * 7}: No existe")
    by_hand.note([movement.case_id], ALTA, code="107", message="No", on=movement.on)
    movement.refresh_from_db()
    assert movement.code == "", "it is answered already"


def test_a_case_at_the_subdelegacion_still_says_what_was_rejected(desk: Client, rejected: Rejected, act: Act) -> None:
    movement = rejected(code="107", message="CURP DISTINTA")
    verbs.escalate({movement.case_id: Happening(timezone.localdate(), reason="La CURP")}, act=act)
    text = page(desk, "case", movement.case_id)
    assert "El IMSS rechazó el alta" in text and "Enviar otra vez" not in text  # noqa: PT018


@pytest.fixture
def refused_by_service(make_in: MakeIn, act: Act, settings: Any) -> Callable[[], Errand]:
    """Make an alta that the service of IMSS refused at once."""
    settings.IMSS_URL = "http://127.0.0.1:9"

    def make() -> Errand:
        case = make_in(State.ACUSE_ENTREGADO)
        assert request_altas([case.pk], act=act).done == [case.pk]
        errand = Errand.objects.filter(case=case)
        errand.update(status="parked", code="107", message="REGISTRO PATRONAL SIN MODALIDAD")
        return errand.get()

    return make


def test_what_the_service_refused_is_told_like_what_came_back_of_a_lote(desk: Client, refused_by_service: Callable[[], Errand]) -> None:
    errand = refused_by_service()
    tell("107", "REGISTRO")
    again = f"/expedientes/{errand.case_id}/acciones/enviar-alta/#accion"
    for text in (page(desk, "rejections"), page(desk, "case", errand.case_id)):
        assert "REGISTRO PATRONAL SIN MODALIDAD" in text and again in text  # noqa: PT018
        assert "próximo lote" not in text and "Hacer otro lote" not in text and 'name="movimiento"' not in text  # noqa: PT018
    assert "Por arreglar y enviar otra vez por el servicio del IMSS" in page(desk, "rejections")


def test_all_of_a_family_are_sent_again_each_by_its_channel(desk: Client, refused_by_service: Callable[[], Errand]) -> None:
    first, second = refused_by_service(), refused_by_service()
    tell("107", "REGISTRO")
    assert "2 movimientos salen por el servicio del IMSS en unos minutos" in post(desk, "rejection-clear", familia="REGISTRO")
    again = Movement.objects.filter(status=Movement.Status.BY_SERVICE)
    assert {(row.case_id, row.previous.errand_id) for row in again if row.previous} == {(e.case_id, e.pk) for e in (first, second)}
    assert "Enviado otra vez por el servicio del IMSS: por salir por el servicio" in page(desk, "rejections")
    assert "No había nada" in post(desk, "rejection-clear", familia="REGISTRO")


def queries(browser: Client, name: str, *args: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(reverse(name, args=args)).status_code == 200
    return len(asked)


def test_the_pages_ask_the_same_of_the_database_for_3_and_for_300(
    desk: Client, make_enrolment: Callable[..., Enrolment], people: People, act: Act, today: dt.date, ciclo: Any
) -> None:
    codes = [*families()]
    for n, key in enumerate(codes):
        tell(str(n), key)

    def grown(to: int) -> dict[str, int]:
        rows = [make_enrolment(enrolled_on=today).pk for _ in range(to - Movement.objects.count())]
        opened = enrol(rows, act=act).opened
        assert verbs.obtain_nss({pk: people.one().nss for pk in opened}, on=today, act=act).done
        assert verbs.deliver_acuse(opened, on=today, act=act).done
        for n, movement in enumerate(turn_down(Case.objects.filter(pk__in=opened), act, message="No")):
            Movement.objects.filter(pk=movement.pk).update(code=str(n % len(codes)))
        asked = {name: queries(desk, name) for name in ("movements", "rejections", "reports")}
        group = queries(desk, "movements-group", "A0112345321", "altas")
        return {**asked, "group": group, "case": queries(desk, "case", opened[0])}

    grown(1)
    few = grown(3)
    assert grown(300) == few
    assert few["movements"] <= 10
    assert few["group"] <= 20


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_in_a_browser(open_page: Callable[..., Watched], rejected: Rejected, officer: Any, size: dict[str, int]) -> None:
    rejected(code="107", message="EL NOMBRE NO CORRESPONDE", register_name="OTRO NOMBRE")
    rejected(code="107", message="EL NOMBRE NO CORRESPONDE")
    tell("107", "NOMBRE")
    window = open_page(officer, size=size).go(str(GROUP))
    whole(window)
    window.get_by_text("Cómo se arregla").click()
    whole(window)
    window.get_by_role("button", name="Enviar otra vez el de").first.press("Enter")
    expect(window.get_by_text("1 movimiento irá en el próximo lote")).to_be_visible()
    whole(window)
    window.get_by_role("button", name="Ya se arregló lo de todos").press("Enter")
    expect(window.get_by_text("2 que ya se arreglaron: van en el próximo lote")).to_be_visible()
    window.get_by_role("button", name="Deshacer").first.press("Enter")
    expect(window.get_by_text("1 movimiento vuelve a esperar su arreglo")).to_be_visible()
    window.get_by_role("link", name="Todos los rechazados").press("Enter")
    expect(window).to_have_title("Movimientos rechazados · Afiliación")
    whole(window)
    window.get_by_role("button", name="Enviar otra vez el de").press("Enter")
    expect(window.get_by_text("1 movimiento irá en el próximo lote")).to_be_visible()
    window.locator(".cases-name").first.press("Enter")
    expect(window.get_by_role("heading", name="El IMSS rechazó el alta")).to_be_visible()
    whole(window)
