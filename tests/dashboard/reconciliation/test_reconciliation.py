"""Conciliación on the screen: its numbers, its lists and what ends each, for who sees what; in a client and in Chromium."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from afiliacion.cases import enrol, verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import BajaKind, State
from afiliacion.dashboard.models import ListExport
from afiliacion.imss.models import Errand, LoteRegistro
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import noting
from afiliacion.reconciliation.differences import Difference
from afiliacion.reconciliation.models import Attended, InsuredList, InsuredRow
from students.models import Ciclo, Enrolment, Plantel, Student
from tests.browser import DESK, PHONE, Watched, whole
from tests.reconciliation.documents import OURS, STRANGERS, a_list, a_strange_row, list_of

D = Difference
MakeIn = Callable[..., Case]
QUERIES = 10


@pytest.fixture
def act(db: None) -> Act:
    return Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now())


@pytest.fixture
def many(make_enrolment: Callable[..., Enrolment], people: Any, act: Act, ciclo: Ciclo) -> Callable[..., list[int]]:
    """So many cases, brought to a state together; `fields` are the enrolments'."""

    def make(n: int, state: State, **fields: Any) -> list[int]:
        today = timezone.localdate()
        Ciclo.objects.filter(pk=ciclo.pk).update(ends_on=today + dt.timedelta(days=90))
        enrolments = [make_enrolment(enrolled_on=today, **fields).pk for _ in range(n)]
        cases = enrol.enrol(enrolments, act=act).opened
        if state is not State.SIN_NSS:
            verbs.obtain_nss({pk: people.one().nss for pk in cases}, on=today, act=act)
            verbs.deliver_acuse(cases, on=today, act=act)
        if state is State.BAJA:
            verbs.send_alta({pk: {"lote": "7"} for pk in cases}, on=today, act=act)
            verbs.leave(cases, BajaKind.EGRESO, on=today, act=act)
        return cases

    return make


def page(browser: Client, name: str = "reconciliation", *args: Any, **said: Any) -> str:
    return browser.get(reverse(name, args=args), said).content.decode()


def listed(browser: Client, what: Difference, **said: Any) -> str:
    return page(browser, "reconciliation-list", what.value, **said)


def numbers(browser: Client, **said: Any) -> dict[str, int]:
    """The differences that are not zero, as the page counts them."""
    context = browser.get(reverse("reconciliation"), said).context
    return {line.what.value: line.n for line in context["lines"] if line.n}


def by_hand(settings: Any) -> None:
    settings.IMSS_URL = ""


@pytest.mark.django_db
def test_it_counts_now_and_ends_at_zero_with_a_plain_sentence(desk: Client, many: Callable[..., list[int]], act: Act) -> None:
    assert "Todo cuadra: cada inscrito" in page(desk)
    (case,) = many(1, State.SIN_NSS)
    text = page(desk)
    assert numbers(desk) == {"sin-alta": 1}
    assert "Todo cuadra" not in text and reverse("reconciliation-list", args=["sin-alta"]) in text  # noqa: PT018
    verbs.renounce([case], on=timezone.localdate(), tutor="Su mamá", act=act)
    assert "Todo cuadra: cada inscrito" in page(desk)
    assert "No hay ninguno: esta parte cuadra." in listed(desk, D.WITHOUT_ALTA)


@pytest.mark.django_db
def test_movimientos_and_imss_lead_here(desk: Client, settings: Any) -> None:
    by_hand(settings)
    for room in ("movements", "imss"):
        assert f'href="{reverse("reconciliation")}"' in page(desk, room)


@pytest.mark.django_db
def test_the_list_without_alta_leads_to_where_each_stands_and_the_work_list_has_as_many(
    desk: Client, many: Callable[..., list[int]], ciclo: Ciclo
) -> None:
    many(2, State.SIN_NSS)
    many(3, State.ACUSE_ENTREGADO)
    groups = desk.get(reverse("reconciliation-list", args=["sin-alta"])).context["groups"]
    assert [(label, n) for label, n, _ in groups] == [("Sin NSS, ciclo 2026-2", 2), ("Acuse entregado, ciclo 2026-2", 3)]
    for _, n, query in groups:
        assert f"<strong>{n} expedientes</strong>" in desk.get(f"{reverse('worklist')}?{query}").content.decode()


@pytest.mark.django_db
def test_the_bajas_to_send_are_as_many_as_in_the_reports_and_in_the_work_list(
    desk: Client, many: Callable[..., list[int]], ciclo: Ciclo, settings: Any
) -> None:
    by_hand(settings)
    many(3, State.BAJA)
    context = desk.get(reverse("reconciliation-list", args=["bajas-por-enviar"])).context
    assert context["total"] == 3
    assert "<strong>3 expedientes</strong>" in desk.get(f"{reverse('worklist')}?{context['flag']}").content.decode()
    report = desk.get(reverse("reports"), {"ciclo": ciclo.pk}).context["report"]
    assert {label: n for label, n, _ in report.bajas}["Bajas por enviar"] == 3
    assert reverse("movements") in listed(desk, D.BAJA_TO_SEND)


@pytest.mark.django_db
def test_who_is_not_enrolled_any_more_leaves_in_bulk_and_then_owes_the_baja(desk: Client, many: Callable[..., list[int]]) -> None:
    today = timezone.localdate()
    before = Ciclo.objects.create(clave="antes", starts_on=today - dt.timedelta(days=400), ends_on=today - dt.timedelta(days=200))
    stayed, act = many(3, State.ACUSE_ENTREGADO, ciclo=before), Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now())
    verbs.send_alta({pk: {"lote": "7"} for pk in stayed}, on=today, act=act)
    Ciclo.objects.filter(clave="2026-2").update(starts_on=today - dt.timedelta(days=20))
    many(1, State.SIN_NSS)
    assert numbers(desk) == {"sin-alta": 1, "ya-no-inscritos": 3}
    context = desk.get(reverse("reconciliation-list", args=["ya-no-inscritos"])).context
    said = {"accion": "baja", "lista": "", "vistos": context["seen"], "baja-kind": "desercion", "baja-on": today.isoformat()}
    preview = desk.post(reverse("bulk"), said)
    assert preview.context["done"] == 3 and preview.context["owing"] == 3  # noqa: PT018
    assert desk.post(reverse("bulk"), {**said, "confirmado": "1"}).status_code == 302
    assert numbers(desk) == {"sin-alta": 1, "bajas-por-enviar": 3}


@pytest.mark.django_db
def test_a_lote_without_answer_is_told_with_its_lote_and_one_refused_with_why(
    desk: Client, many: Callable[..., list[int]], act: Act, settings: Any
) -> None:
    by_hand(settings)
    first, second = many(2, State.ACUSE_ENTREGADO)
    long_ago = Act(act.actor, act.now - dt.timedelta(days=20))
    day = timezone.localdate(long_ago.now)
    silent = sending.make(Case.objects.filter(pk=first), OURS, MovementType.ALTA, act=long_ago)
    refused = sending.make(Case.objects.filter(pk=second), OURS, MovementType.ALTA, act=long_ago)
    for lote in (silent, refused):
        sending.mark_sent(lote.pk, number=f"L{lote.pk}", signed_by="Ángela", on=day, act=long_ago)
    noting.receive(refused.pk, on=day, refused={refused.movements.get().clave: "NSS inexistente"}, act=long_ago)
    assert numbers(desk) == {"sin-alta": 2, "sin-respuesta": 1, "rechazados": 1}
    text = listed(desk, D.UNANSWERED)
    assert f"Alta presentada el {day:%d/%m/%Y}, sin acuse de recibo." in text and reverse("lote", args=[silent.pk]) in text  # noqa: PT018
    text = listed(desk, D.TURNED_DOWN)
    assert "NSS inexistente" in text and reverse("lote", args=[refused.pk]) in text and "no se han vuelto a enviar" in text  # noqa: PT018


@pytest.mark.django_db
def test_an_office_that_sends_by_both_channels_is_led_to_both(desk: Client, many: Callable[..., list[int]], settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    many(1, State.BAJA)
    assert "Movimientos por lotes" not in listed(desk, D.BAJA_TO_SEND)
    LoteRegistro.objects.create(registro=OURS)
    text = listed(desk, D.BAJA_TO_SEND)
    assert "Movimientos por lotes" in text and "Sala de espera del IMSS" in text  # noqa: PT018


@pytest.mark.django_db
def test_by_the_service_what_was_refused_is_sent_again_in_bulk(desk: Client, many: Callable[..., list[int]], settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    (case,) = many(1, State.ACUSE_ENTREGADO)
    now = timezone.now()
    Errand.objects.create(
        case_id=case, kind="send_alta", key="7" * 32, requested_on=timezone.localdate(), requested_at=now, next_on=timezone.localdate(),
        requested_name="Begoña Ñáñez", status="parked", code="X-1", message="El NSS no existe.",
    )  # fmt: skip
    context = desk.get(reverse("reconciliation-list", args=["rechazados"])).context
    assert "«El NSS no existe.»" in context["rows"][0][0].detail.text
    desk.post(reverse("bulk"), {"accion": context["remedy"].many.slug, "lista": "", "vistos": context["seen"]})
    assert numbers(desk) == {"sin-alta": 1}


@pytest.mark.django_db
@pytest.mark.parametrize("what", list(Difference))
def test_a_page_asks_as_little_of_three_as_of_three_hundred(
    desk: Client, many: Callable[..., list[int]], act: Act, what: Difference, settings: Any
) -> None:
    by_hand(settings)
    asked = []
    for n in (3, 297):
        cases = many(n, State.BAJA if what is D.BAJA_TO_SEND else State.ACUSE_ENTREGADO)
        if what in (D.UNANSWERED, D.TURNED_DOWN):
            long_ago = Act(act.actor, act.now - dt.timedelta(days=20))
            lote = sending.make(Case.objects.filter(pk__in=cases), OURS, MovementType.ALTA, act=long_ago)
            day = timezone.localdate(long_ago.now)
            sending.mark_sent(lote.pk, number=f"{n}", signed_by="Ángela", on=day, act=long_ago)
            if what is D.TURNED_DOWN:
                claves = lote.movements.values_list("clave", flat=True)
                noting.receive(lote.pk, on=day, refused=dict.fromkeys(claves, "NSS"), act=long_ago)
        if what is D.ONLY_LISTED:
            a_list(act, *(student.nss or "" for student in Student.objects.exclude(nss=None)))
        for address in (reverse("reconciliation"), reverse("reconciliation-list", args=[what.value])):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert desk.get(address).status_code == 200
            asked.append(len(queries))
    assert asked[0] == asked[2] <= QUERIES
    assert asked[1] <= asked[3] <= QUERIES, "a page with rows reads what is known of them"


@pytest.mark.django_db
def test_the_list_is_leafed_through_and_taken_away_whole(desk: Client, many: Callable[..., list[int]]) -> None:
    cases = sorted(many(120, State.SIN_NSS))
    address = reverse("reconciliation-list", args=["sin-alta"])
    first = desk.get(address).context
    second = desk.get(address, {"despues": first["next"]}).context
    third = desk.get(address, {"despues": second["next"]}).context
    seen = [row.case.pk for context in (first, second, third) for row, _ in context["rows"]]
    assert seen == cases
    assert (first["previous"], third["next"]) == (None, None)
    back = desk.get(address, {"antes": third["previous"]}).context
    assert [row.case.pk for row, _ in back["rows"]] == cases[50:100]
    assert desk.get(address, {"antes": back["previous"]}).context["previous"] is None
    assert desk.get(address, {"despues": "x", "antes": "9" * 30}).status_code == 200
    taken = desk.post(reverse("reconciliation-file", args=["sin-alta", "csv"]))
    lines = list(csv.reader(io.StringIO(b"".join(taken.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert len(lines) == 121 and lines[0][-2:] == ["Registro patronal", "Qué se sabe"]  # noqa: PT018
    assert lines[1][-2] == "A01-12345-32-1"
    assert (export := ListExport.objects.get()).what == "conciliación" and export.query == "sin-alta"  # noqa: PT018


@pytest.mark.django_db
def test_everybody_sees_the_differences_of_their_planteles_only(
    browsers: Callable[..., Client], many: Callable[..., list[int]], other_plantel: Plantel
) -> None:
    many(2, State.SIN_NSS)
    theirs = many(1, State.SIN_NSS, plantel=other_plantel)
    assert [numbers(browsers(role)).get("sin-alta") for role in ("officer", "foreign_officer", "coordinator")] == [2, 1, 3]
    for role, n in (("officer", 0), ("foreign_officer", 1), ("coordinator", 1)):
        assert (reverse("case", args=[theirs[0]]) in listed(browsers(role), D.WITHOUT_ALTA)) == bool(n), role


@pytest.mark.django_db
def test_it_is_asked_of_a_registro_and_of_a_ciclo(browsers: Callable[..., Client], many: Callable[..., list[int]], ciclo: Ciclo) -> None:
    boss = browsers("coordinator")
    today = timezone.localdate()
    other = Ciclo.objects.create(clave="otro", starts_on=today, ends_on=today + dt.timedelta(days=100))
    without = Plantel.objects.create(clave="SIN", name="Sin registro")
    many(2, State.SIN_NSS)
    many(3, State.SIN_NSS, ciclo=other)
    many(1, State.SIN_NSS, plantel=without)
    of_ciclo = {each: numbers(boss, ciclo=each.pk) for each in (ciclo, other)}
    assert of_ciclo == {ciclo: {"sin-alta": 3}, other: {"sin-alta": 3}}
    assert numbers(boss, registro=OURS) == {"sin-alta": 5}
    assert numbers(boss, registro="-") == {"sin-alta": 1}
    assert desk_total(boss, registro=OURS, ciclo=other.pk) == 3
    assert desk_total(boss, registro="-") == 1
    assert numbers(boss, registro="Z9", ciclo="x") == {"sin-alta": 6}, "what does not exist asks for nothing"
    lines = boss.get(reverse("reconciliation")).context["registros"]
    assert {line.told: line.n for line in lines} == {"A01-12345-32-1": 5, "B02-98765-32-9": 0, "": 1}


def desk_total(browser: Client, **said: Any) -> int:
    total: int = browser.get(reverse("reconciliation-list", args=["sin-alta"]), said).context["total"]
    return total


@pytest.mark.django_db
def test_the_page_says_of_which_day_what_is_held_is(desk: Client, make_in: MakeIn, act: Act) -> None:
    assert desk.get(reverse("reconciliation")).context["registros"][0].answered_on is None
    make_in(State.VIGENTE)
    a_list(act, STRANGERS[0], on=dt.date(2026, 8, 12))
    (line,) = desk.get(reverse("reconciliation")).context["registros"]
    assert (line.told, line.answered_on, line.listed_on) == ("A01-12345-32-1", dt.date(2026, 8, 10), dt.date(2026, 8, 12))


@pytest.mark.django_db
def test_who_imss_operated_and_nobody_knows_is_seen_to_and_that_is_taken_back(
    desk: Client, browsers: Callable[..., Client], make_in: MakeIn, act: Act
) -> None:
    row = a_strange_row(make_in(State.ACUSE_ENTREGADO), act, "FICTICIA PRUEBA ENSAYO")
    assert numbers(desk) == {"desconocidos": 1}
    text = listed(desk, D.STRANGE)
    assert "FICTICIA PRUEBA ENSAYO" in text and STRANGERS[0] not in text and STRANGERS[0][-4:] in text  # noqa: PT018
    assert "FICTICIA" not in listed(browsers("foreign_officer"), D.STRANGE)
    missing = desk.post(reverse("strange-attend"), {"renglon": row.pk})
    assert missing.status_code == 422 and not Attended.objects.exists()  # noqa: PT018
    said = {"renglon": row.pk, "reason": "Su baja se capturó en IDSE."}
    assert "Elija al menos" in browsers("foreign_officer").post(reverse("strange-attend"), said, follow=True).content.decode()
    assert "1 quedan como atendidos" in desk.post(reverse("strange-attend"), said, follow=True).content.decode()
    assert numbers(desk) == {}
    assert "Su baja se capturó en IDSE." in listed(desk, D.STRANGE)
    noted = Attended.objects.get()
    browsers("foreign_officer").post(reverse("strange-undo", args=[noted.pk]))
    assert numbers(desk) == {}
    desk.post(reverse("strange-undo", args=[noted.pk]))
    assert numbers(desk) == {"desconocidos": 1}
    taken = desk.post(reverse("reconciliation-file", args=["desconocidos", "csv"]))
    assert "FICTICIA PRUEBA ENSAYO" in b"".join(taken.streaming_content).decode()  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_list_of_imss_is_brought_compared_and_discarded(
    desk: Client, browsers: Callable[..., Client], make_in: MakeIn, other_plantel: Plantel
) -> None:
    there, not_there = make_in(State.VIGENTE), make_in(State.VIGENTE)
    file = SimpleUploadedFile("asegurados.csv", list_of(there.student.nss or "", STRANGERS[1]))
    bad = desk.post(reverse("insured-lists"), {"registro": OURS, "on": "2026-08-19", "file": SimpleUploadedFile("x.csv", b"CURP\nX\n")})
    assert bad.status_code == 422 and not InsuredList.objects.exists()  # noqa: PT018
    assert desk.post(reverse("insured-lists"), {"registro": "B0298765329", "on": "2026-08-19", "file": file}).status_code == 422
    file.seek(0)
    done = desk.post(reverse("insured-lists"), {"registro": OURS, "on": "2026-08-19", "file": file}, follow=True).content.decode()
    assert "2 asegurados comparados" in done
    assert numbers(desk) == {"no-en-lista": 1, "solo-en-lista": 1}
    assert not_there.student.list_name in listed(desk, D.NOT_LISTED)
    text = listed(desk, D.ONLY_LISTED)
    assert "ASEGURADO FICTICIO 2" in text and "Lista del 19/08/2026, fila 3" in text  # noqa: PT018
    assert numbers(browsers("foreign_officer")) == {}
    kept = InsuredList.objects.get()
    assert browsers("foreign_officer").post(reverse("insured-discard", args=[kept.pk])).status_code == 404
    desk.post(reverse("insured-discard", args=[kept.pk]))
    assert numbers(desk) == {} and not InsuredRow.objects.exists()  # noqa: PT018
    assert "Descartada" in page(desk, "insured-lists")


@pytest.mark.django_db
def test_under_a_registro_that_others_have_too_an_officer_neither_brings_a_list_nor_sees_who_is_unknown(
    desk: Client, browsers: Callable[..., Client], make_in: MakeIn, act: Act, other_plantel: Plantel
) -> None:
    other_plantel.registros.update(registro=OURS)
    make_in(State.VIGENTE)
    a_strange_row(make_in(State.ACUSE_ENTREGADO), act)
    a_list(act, STRANGERS[1], on=dt.date(2026, 8, 19))
    assert numbers(desk) == {"no-en-lista": 1}
    assert numbers(browsers("coordinator")) == {"no-en-lista": 1, "solo-en-lista": 1, "desconocidos": 1}
    assert "La trae quien atiende a todos los planteles" in page(desk, "insured-lists")


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_in_a_browser(open_page: Callable[..., Watched], make_in: MakeIn, officer: Any, act: Act, size: dict[str, int]) -> None:
    make_in(State.SIN_NSS)
    make_in(State.BAJA)
    a_strange_row(make_in(State.ACUSE_ENTREGADO), act)
    browser = open_page(officer, size=size)
    window = browser.go("/movimientos/conciliacion/")
    whole(window)
    window.get_by_role("link", name="Operados por el IMSS y desconocidos aquí").press("Enter")
    whole(window)
    window.get_by_role("checkbox").first.check()
    window.get_by_label("Qué se hizo").fill("Se capturó su baja en IDSE.")
    window.get_by_role("button", name="Ya se atendieron los marcados").press("Enter")
    expect(window.get_by_text("quedan como atendidos")).to_be_visible()
    whole(window)
    for what in ("sin-alta", "bajas-por-enviar"):
        whole(browser.go(f"/movimientos/conciliacion/{what}/"))
    whole(browser.go("/movimientos/conciliacion/listas/"))
