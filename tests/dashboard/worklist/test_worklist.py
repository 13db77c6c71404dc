"""The work list: what it shows, how it leafs, and what doing something to many does."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from afiliacion.cases import verbs
from afiliacion.cases.models import Case, PaperKind, WantedPaper
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State, Turn, Verb
from afiliacion.dashboard.models import Assignment, ListExport, SavedView
from afiliacion.dashboard.worklist import list_query, pagination, search
from afiliacion.dashboard.worklist import views as worklist
from afiliacion.imss.models import Errand
from students.models import Ciclo
from tests.plans import explained
from tests.roles import as_owner

ROW = re.compile(r'class="cases-name" href="/expedientes/(\d+)/"')
LINK = re.compile(r'rel="(prev|next)" href="([^"]+)"')


def rows(browser: Client, **query: Any) -> list[int]:
    return [int(case_id) for case_id in ROW.findall(page(browser, **query))]


def page(browser: Client, **query: Any) -> str:
    return browser.get(f"/expedientes/?{urlencode(query)}").content.decode()


def links(text: str) -> dict[str, str]:
    return {rel: f"/expedientes/{href.replace('&amp;', '&')}" for rel, href in LINK.findall(text)}


def choose(*cases: Case) -> list[str]:
    return [f"{case.pk}:{case.version}" for case in cases]


def test_each_filter_narrows_to_its_own(
    desk: Client, make_in: Callable[..., Case], make_case: Callable[..., Case], plantel: Any, local_today: dt.date
) -> None:
    last_term = Ciclo.objects.create(clave="2026-1", starts_on=dt.date(2026, 1, 10), ends_on=dt.date(2026, 7, 30))
    with_nss = make_in(State.NSS_OBTENIDO, grupo="3-B")
    sent = make_in(State.ALTA_ENVIADA)
    old = make_case(ciclo=last_term)
    fresh = make_case(enrolled_on=local_today)
    held = make_case()
    verbs.hold([held.pk], on=local_today, reason="Huelga", act=Act(NIGHT, timezone.now()))
    assert rows(desk, estado="NSS_OBTENIDO") == [with_nss.pk]
    assert rows(desk, turno=Turn.IMSS) == [sent.pk]
    assert rows(desk, grupo="3-b") == [with_nss.pk]
    assert rows(desk, ciclo=last_term.pk) == [old.pk]
    assert rows(desk, plazo="proximos") == [fresh.pk]
    assert rows(desk, plazo="pausa") == [held.pk]
    assert set(rows(desk, plazo="vencidos")) == {with_nss.pk, sent.pk, old.pk}
    assert rows(desk, plantel=plantel.pk, estado="SIN_NSS", plazo="vencidos") == [old.pk]


@pytest.mark.parametrize("wrong", [{"estado": "CERRADO"}, {"turno": "x"}, {"plazo": "ayer"}, {"ciclo": "999"}, {"orden": "; drop"}])
def test_a_filter_that_does_not_exist_is_told_and_shows_nothing(
    desk: Client, make_case: Callable[..., Case], wrong: dict[str, str]
) -> None:
    make_case()
    text = page(desk, **wrong)
    assert "No se reconoce este filtro" in text
    assert not ROW.findall(text)


def test_no_way_of_asking_shows_the_cases_of_others(desk: Client, make_case: Callable[..., Case], other_plantel: Any, ciclo: Ciclo) -> None:
    theirs = make_case(plantel=other_plantel, grupo="1-A")
    student = theirs.student
    asked = [
        {}, {"plantel": other_plantel.pk}, {"grupo": "1-A"}, {"ciclo": ciclo.pk}, {"estado": "SIN_NSS"}, {"q": student.curp},
        {"q": student.primer_apellido}, {"q": theirs.enrolment.matricula}, {"despues": f".{theirs.pk - 1}"}, {"antes": f".{theirs.pk}"},
    ]  # fmt: skip
    for query in asked:
        text = page(desk, **query)
        assert not ROW.findall(text), query
        assert student.primer_apellido not in text.replace(f'value="{student.primer_apellido}"', ""), query


def test_search_forgives_accents_case_and_order(desk: Client, make_case: Callable[..., Case], make_student: Callable[..., Any]) -> None:
    wanted = make_case(student=make_student(nombre="José Ángel", primer_apellido="Ñáñez", segundo_apellido="De la O", nss="03230500013"))
    make_case(student=make_student(nombre="Renata", primer_apellido="Pech", segundo_apellido=""))
    for text in (
        "ñañez",
        "NANEZ jose",
        "angel nanez",
        "de la o",
        wanted.student.curp,
        wanted.student.curp[:6].lower(),
        "0323",
        wanted.enrolment.matricula,
    ):
        assert rows(desk, q=text) == [wanted.pk], text


@pytest.mark.parametrize("limits", [{}, {"ENOUGH": -1}, {"NEAR": -1}, {"NEAR": -1, "RARE": -1}, {"CROWD": -1, "COMMON": 0, "RARE": -1}])
def test_a_name_is_found_the_same_whichever_way_it_is_looked_for(
    desk: Client, make_case: Callable[..., Case], make_student: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
) -> None:
    """Few or many, near or far: what is expected only chooses the way."""
    for name, value in limits.items():
        monkeypatch.setattr(search if name == "RARE" else list_query, name, value)
    one = make_case(student=make_student(nombre="Íñigo", primer_apellido="Ñáñez", segundo_apellido="De la O"))
    other = make_case(student=make_student(nombre="Renata", primer_apellido="Nanez", segundo_apellido="Ek"))
    both = {one.pk, other.pk}
    for text, wanted in {
        "nanez": both, "ñañez": both, "NÁÑEZ": both, "anez": both, "inigo nanez": {one.pk}, "o nanez": {one.pk}, "ek": {other.pk},
        "k": set(), "an%z": set(), "nanez_": set(), "de la": {one.pk}, "renata ñ": {other.pk}, "n~an": set(),
    }.items():  # fmt: skip
        for order in ("vence", "nombre"):
            assert set(rows(desk, q=text, orden=order)) == wanted, (text, order)


def test_a_list_shows_no_whole_number(desk: Client, make_in: Callable[..., Case]) -> None:
    case = make_in(State.NSS_OBTENIDO)
    text = page(desk)
    assert case.student.list_name in text
    assert case.student.curp not in text
    assert str(case.student.nss) not in text


@pytest.mark.parametrize("order", ["vence", "nombre"])
def test_leafing_forth_and_back_meets_every_case_once(
    desk: Client,
    make_in: Callable[..., Case],
    make_case: Callable[..., Case],
    monkeypatch: pytest.MonkeyPatch,
    order: str,
    local_today: dt.date,
) -> None:
    monkeypatch.setattr(pagination, "SIZE", 3)
    for state in State:
        make_in(state)
    for _ in range(5):
        make_case(enrolled_on=local_today)
    everything = expected_order(order)
    forth, at = [], f"/expedientes/?orden={order}"
    while at:
        text = desk.get(at).content.decode()
        forth.append([int(case_id) for case_id in ROW.findall(text)])
        at = links(text).get("next", "")
    assert [case_id for rows_ in forth for case_id in rows_] == everything
    back = [forth[-1]]
    while at := links(text).get("prev", ""):
        text = desk.get(at).content.decode()
        back.append([int(case_id) for case_id in ROW.findall(text)])
    assert back == forth[::-1]


def expected_order(order: str) -> list[int]:
    cases = list(Case.objects.select_related("student"))
    if order == "nombre":
        return [case.pk for case in sorted(cases, key=lambda case: (case.student.name_order.encode(), case.pk))]
    return [case.pk for case in sorted(cases, key=lambda case: (case.due_on is None, case.due_on or dt.date.max, case.pk))]


def test_a_list_that_changed_under_the_reader_goes_on_from_its_place(
    desk: Client, make_in: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagination, "SIZE", 2)
    cases = [make_in(State.NSS_OBTENIDO) for _ in range(4)]
    after_second = links(page(desk, estado="NSS_OBTENIDO"))["next"]
    verbs.deliver_acuse([cases[1].pk], on=dt.date(2026, 8, 10), act=Act(NIGHT, timezone.now()))
    assert [int(case_id) for case_id in ROW.findall(desk.get(after_second).content.decode())] == [cases[2].pk, cases[3].pk]


@pytest.mark.parametrize("cursor", ["1", "x.1", "2026-13-45.1", ".", "2026-01-01.", "٢٠٢٦-01-01.1", ".999999999999999999"])
@pytest.mark.parametrize("order", ["vence", "nombre"])
def test_a_cursor_that_means_nothing_is_no_error(desk: Client, make_case: Callable[..., Case], order: str, cursor: str) -> None:
    make_case()
    for way in ("antes", "despues"):
        assert desk.get("/expedientes/", {"orden": order, way: cursor}).status_code == 200


def test_no_more_than_so_many_are_counted(
    desk: Client, officer: Any, make_case: Callable[..., Case], make_student: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagination, "COUNTED", 2)
    monkeypatch.setattr(pagination, "SIZE", 1)
    for case in [make_case(student=make_student(primer_apellido="Pech")) for _ in range(4)][:2]:
        Assignment.objects.create(case=case, user=officer, by=officer, at=timezone.now())
    assert "4 expedientes" in page(desk)
    assert "Más de 2 expedientes" in page(desk, grupo="1-A")
    assert "Más de 2 expedientes" in page(desk, q="pech")
    assert "2 expedientes" in page(desk, q="pech", asignado="yo").replace("Más de 2 expedientes", "")
    monkeypatch.setattr(list_query, "ENOUGH", 1)
    assert "Más de 1 expedientes" in page(desk, q="pech")


def test_a_page_costs_the_same_with_one_row_or_fifty(
    desk: Client, make_case: Callable[..., Case], django_assert_num_queries: Callable[[int], Any]
) -> None:
    for n in (1, 3, 50):
        while Case.objects.count() < n:
            make_case()
        # session; person, posts with their planteles; ciclos, views, outage; counters; rows
        with django_assert_num_queries(5):
            assert len(rows(desk)) == n
        # the names that match before the rows, and who has no CURP
        with django_assert_num_queries(7):
            rows(desk, q="a", estado="SIN_NSS", orden="nombre")
        # how many are expected to begin so, and the few that do, instead of the counters; and who has no CURP
        with django_assert_num_queries(7):
            rows(desk, q="A123")


@pytest.mark.parametrize(
    "query",
    [
        {}, {"estado": "SIN_NSS"}, {"turno": "alumno", "plazo": "vencidos"}, {"plazo": "hoy", "orden": "nombre"}, {"q": "a e"},
        {"q": "A12"},        {"q": "M00", "orden": "nombre"}, {"asignado": "yo"}, {"bandera": "mencion"},
        {"cobertura": "none", "paso": "1"},
    ],
)  # fmt: skip
def test_no_list_of_all_planteles_asks_more_than_ten_questions(
    coordinator: Any, enter: Callable[..., Client], make_case: Callable[..., Case], other_plantel: Any,
    query: dict[str, str], django_assert_max_num_queries: Callable[[int], Any],
) -> None:  # fmt: skip
    for n in range(52):
        make_case(plantel=other_plantel, grupo=f"{n % 3}")
    browser = enter(coordinator)
    with django_assert_max_num_queries(10):
        page(browser, **query)


def test_htmx_gets_the_rows_alone_and_a_clean_address(desk: Client, make_case: Callable[..., Case]) -> None:
    make_case()
    answer = desk.get("/expedientes/?q=&estado=SIN_NSS&turno=&orden=vence", headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<form id="lista"')
    assert answer.headers["HX-Push-Url"] == "/expedientes/?estado=SIN_NSS"


def test_what_was_searched_for_does_not_stay_in_the_process(desk: Client, make_case: Callable[..., Case]) -> None:
    """The drawn choices are kept for who asks the same: by what was chosen, never by what was typed."""
    make_case()
    desk.get("/expedientes/?q=Ejemplo&estado=SIN_NSS")
    before = worklist._choices.cache_info().misses
    page = desk.get("/expedientes/?q=Otra+persona&grupo=9-Z&estado=SIN_NSS")
    assert b'value="Otra persona"' in page.content
    assert b'value="9-Z"' in page.content
    assert worklist._choices.cache_info().misses == before


def test_acting_on_many_tells_what_came_of_each(
    desk: Client, make_in: Callable[..., Case], make_case: Callable[..., Case], other_plantel: Any
) -> None:
    good, second = make_in(State.NSS_OBTENIDO), make_in(State.NSS_OBTENIDO)
    early, theirs = make_case(), make_in(State.NSS_OBTENIDO, plantel=other_plantel)
    chosen = choose(good, second, early, theirs)
    answer = desk.post(
        "/expedientes/acciones/", {"accion": "acuse", "acuse-on": "2026-08-12", "caso": chosen, "lista": "estado=NSS_OBTENIDO"}, follow=True
    )
    text = answer.content.decode()
    assert "<strong>2</strong> hechos" in text
    assert "El expediente está en «Sin NSS» y ese paso no procede desde ahí." in text
    assert theirs.student.list_name not in text
    assert 'href="/expedientes/?estado=NSS_OBTENIDO"' in text
    assert set(Case.objects.filter(state=State.ACUSE_ENTREGADO).values_list("pk", flat=True)) == {good.pk, second.pk}
    assert good.events.latest("seq").on == dt.date(2026, 8, 12)
    assert Case.objects.get(pk=theirs.pk).state == State.NSS_OBTENIDO


def test_the_same_order_again_is_told_as_done(desk: Client, make_in: Callable[..., Case]) -> None:
    case = make_in(State.NSS_OBTENIDO)
    order = {"accion": "acuse", "acuse-on": "2026-08-12", "caso": choose(case)}
    desk.post("/expedientes/acciones/", order)
    text = desk.post("/expedientes/acciones/", order, follow=True).content.decode()
    assert "Ya estaba hecho; no se repitió." in text
    assert case.events.filter(verb=Verb.DELIVER_ACUSE).count() == 1


def test_papers_of_many_are_received_together_or_asked_for(desk: Client, make_in: Callable[..., Case]) -> None:
    case = make_in(State.NSS_OBTENIDO)
    WantedPaper.objects.create(step=Verb.DELIVER_ACUSE, kind=PaperKind.objects.get(key="acta"))
    order = {"accion": "acuse", "acuse-on": "2026-08-12", "caso": choose(case)}
    assert "Falta: Acta de nacimiento." in desk.post("/expedientes/acciones/", order, follow=True).content.decode()
    desk.post("/expedientes/acciones/", order | {"acuse-complete": "on"})
    case.refresh_from_db()
    assert case.facts.papers_in == {"acta", "acuse"}


def test_altas_of_many_are_put_on_their_way_once(desk: Client, make_in: Callable[..., Case], settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    cases = [make_in(State.ACUSE_ENTREGADO), make_in(State.SIN_VIGENCIA)]
    order = {"accion": "enviar-alta", "caso": choose(*cases)}
    assert "<strong>2</strong> hechos" in desk.post("/expedientes/acciones/", order, follow=True).content.decode()
    assert "Ese movimiento ya está en camino" in desk.post("/expedientes/acciones/", order, follow=True).content.decode()
    assert Errand.objects.filter(kind=Errand.Kind.SEND_ALTA).count() == 2


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"accion": "acuse"},
        {"accion": "borrar", "caso": ["1:1"]},
        {"accion": "acuse", "caso": ["1", "a:b", "1:1:1", "٣:١", "1:99999999999999"]},
    ],
)
def test_an_order_that_says_nothing_does_nothing(desk: Client, make_in: Callable[..., Case], order: dict[str, Any]) -> None:
    make_in(State.NSS_OBTENIDO)
    answer = desk.post("/expedientes/acciones/", {**order, "acuse-on": "2026-08-12"}, follow=True)
    assert "Elija al menos un expediente" in answer.content.decode()


def test_a_wrong_date_is_told_in_the_list(desk: Client, make_in: Callable[..., Case]) -> None:
    case = make_in(State.NSS_OBTENIDO)
    answer = desk.post("/expedientes/acciones/", {"accion": "acuse", "acuse-on": "2999-01-01", "caso": choose(case)}, follow=True)
    assert "Registrar acuse entregado: Esa fecha aún no llega." in answer.content.decode()


@pytest.mark.parametrize("back", ["https://malo.example", "//malo.example", "q=a&next=//malo.example", "plantel=999999", "\r\nX: y", "%00"])
def test_the_way_back_is_always_a_list_of_ours(desk: Client, back: str) -> None:
    landed = desk.post("/expedientes/acciones/", {"lista": back}).headers["Location"]
    assert landed in {"/expedientes/", "/expedientes/?q=a"}


def test_all_that_match_are_acted_on_beyond_the_page_and_taken_back(
    desk: Client, make_in: Callable[..., Case], monkeypatch: pytest.MonkeyPatch, other_plantel: Any
) -> None:
    monkeypatch.setattr(pagination, "SIZE", 2)
    cases = [make_in(State.NSS_OBTENIDO, grupo="3-B") for _ in range(3)]
    others = [make_in(State.NSS_OBTENIDO, grupo="1-A"), make_in(State.NSS_OBTENIDO, grupo="3-B", plantel=other_plantel)]
    assert "Todos los que coinciden (3)" in page(desk, grupo="3-B")
    order = {"accion": "acuse", "acuse-on": "2026-08-12", "todos": "1", "lista": "grupo=3-B"}
    done = desk.post("/expedientes/acciones/", order, follow=True)
    assert "<strong>3</strong> hechos" in done.content.decode()
    assert set(Case.objects.filter(state=State.ACUSE_ENTREGADO).values_list("pk", flat=True)) == {case.pk for case in cases}
    assert Case.objects.filter(pk__in=[case.pk for case in others], state=State.NSS_OBTENIDO).count() == 2
    verbs.hold([cases[0].pk], on=dt.date(2026, 8, 13), reason="Huelga", act=Act(NIGHT, timezone.now()))
    verbs.send_alta({cases[1].pk: {"lote": "1"}}, on=dt.date(2026, 8, 13), act=Act(NIGHT, timezone.now()))
    undo = f"{done.redirect_chain[-1][0]}deshacer/"
    text = desk.post(undo, follow=True).content.decode()
    assert "<strong>2</strong> sin hacer" in text
    assert [case.pk for case in cases if Case.objects.get(pk=case.pk).state == State.NSS_OBTENIDO] == [cases[2].pk]
    assert "Ya estaba deshecho" in desk.post(undo, follow=True).content.decode()


def test_a_list_is_taken_away_whole_written_down_and_harmless(
    desk: Client, make_case: Callable[..., Case], make_student: Callable[..., Any], other_plantel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "CHUNK", 2)
    for _ in range(3):
        make_case(grupo="3-B")
    formula = make_case(grupo="3-B", student=make_student(primer_apellido='=HYPERLINK("x")', email="+cmd|x"))
    make_case(grupo="1-A")
    make_case(grupo="3-B", plantel=other_plantel)
    answer = desk.post("/expedientes/lista.csv", {"lista": "grupo=3-B&orden=nombre"})
    lines = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert lines[0][:4] == ["Folio", "Alumno", "Matrícula", "Grupo"]
    assert len(lines) == 1 + 4
    assert [line[1] for line in lines if line[0] == formula.folio] == [f"'{formula.student.list_name}"]
    assert not any(cell[:1] in "=+-@" for line in lines for cell in line if cell)
    assert formula.student.curp not in str(lines)
    assert list(ListExport.objects.values_list("user__username", "query")) == [("oficial", "grupo=3-B&orden=nombre")]


def test_a_list_too_long_for_a_workbook_is_offered_as_csv(
    desk: Client, make_case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "WORKBOOK", 1)
    one = make_case(grupo="3-B")
    book = load_workbook(io.BytesIO(b"".join(desk.post("/expedientes/lista.xlsx", {"lista": "grupo=3-B"}))))
    assert [row[0].value for row in book.active.rows] == ["Folio", one.folio]
    make_case(grupo="3-B")
    answer = desk.post("/expedientes/lista.xlsx", {"lista": "grupo=3-B"}, follow=True)
    assert "descárguelos como CSV" in answer.content.decode()
    assert ListExport.objects.count() == 1


def test_a_view_keeps_filters_and_columns_for_its_owner_or_the_plantel(
    desk: Client, make_case: Callable[..., Case], enter: Callable[..., Client], foreign_officer: Any, coordinator: Any
) -> None:
    make_case(grupo="3-B")
    kept = {"lista": "grupo=3-B", "nombre": "Mi 3-B", "columna": ["estado", "correo", "zzz"], "compartir": "1"}
    at = desk.post("/expedientes/vistas/", kept).headers["Location"]
    text = desk.get(at).content.decode()
    assert re.findall(r'<th scope="col">([^<]+)</th>', text) == ["Alumno", "Estado", "Correo"]
    assert "Mi 3-B" in enter(coordinator).get("/expedientes/").content.decode()
    assert "Mi 3-B" not in enter(foreign_officer).get("/expedientes/").content.decode()
    desk.post("/expedientes/vistas/", {"lista": "", "nombre": "", "columna": ["turno"]})
    assert re.findall(r'<th scope="col">([^<]+)</th>', page(desk)) == ["Alumno", "Le toca a"]
    view = SavedView.objects.get(name="Mi 3-B")
    assert "Esa vista ya no está" in enter(coordinator).post(f"/expedientes/vistas/{view.pk}/borrar/", follow=True).content.decode()
    assert SavedView.objects.filter(pk=view.pk).exists()
    desk.post(f"/expedientes/vistas/{view.pk}/borrar/")
    assert not SavedView.objects.filter(name="Mi 3-B").exists()


def test_the_milestones_coverage_and_flags_narrow_too(
    desk: Client, make_in: Callable[..., Case], make_case: Callable[..., Case], officer: Any
) -> None:
    vigente, sin_nss, con_nss = make_in(State.VIGENTE), make_case(), make_in(State.NSS_OBTENIDO)
    Assignment.objects.create(case=con_nss, user=officer, by=officer, at=timezone.now())
    assert rows(desk, bandera="sin-clinica") == [vigente.pk]
    assert set(rows(desk, paso="1")) == {vigente.pk, con_nss.pk}
    assert rows(desk, cobertura="ours") == [vigente.pk]
    assert rows(desk, asignado="yo") == [con_nss.pk]
    assert set(rows(desk, asignado="nadie")) == {vigente.pk, sin_nss.pk}
    assert rows(desk, bandera="revision") == []


def test_a_coordinator_s_lists_are_the_same_along_names_states_and_dates(
    coordinator: Any, enter: Callable[..., Client], make_in: Callable[..., Case], make_case: Callable[..., Case],
    other_plantel: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for state in State:
        make_in(state)
    make_case(plantel=other_plantel)
    everybody = enter(coordinator)
    for query in ({}, {"estado": "SIN_NSS"}, {"plazo": "vencidos"}, {"turno": "escuela"}, {"q": "e"}):
        along = [rows(everybody, **query, orden=order) for order in ("vence", "nombre")]
        assert sorted(along[0]) == sorted(along[1]), query
        with monkeypatch.context() as patch:
            patch.setattr(list_query, "FEW", -1)
            patch.setattr(search, "RARE", -1)
            patch.setattr(list_query, "ENOUGH", -1)
            assert [rows(everybody, **query, orden=order) for order in ("vence", "nombre")] == along, query


def test_beyond_a_closed_case_only_those_of_its_own_plantel_are_looked_through(own_ground, desk, make_in, other_plantel):
    own = [make_in(State.RENUNCIA) for _ in range(4)]
    for _ in range(40):
        make_in(State.RENUNCIA, plantel=other_plantel)
    with as_owner() as cursor:
        # Small as the tables are, nothing but reading them whole would do; what is known of them is of now.
        cursor.execute("ANALYZE; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    with explained() as plans:
        assert own[-1].student.primer_apellido in desk.get(f"/expedientes/?despues=.{own[0].pk}").content.decode()
    assert max(rows for rows, text in plans if "cases_case" in text) < 40
