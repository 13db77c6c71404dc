"""«Hojas por revisar»: one list whatever the door, each document shown with its values only after that is written down, decided once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import Case, Event, Evidence
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State, Verb
from afiliacion.dashboard.models import Disclosure
from afiliacion.operations.simulation.invented_people import People
from afiliacion.papers_in import work
from afiliacion.papers_in.models import BroughtPaper, Door
from imss_mock.procedures import pdf
from students.models import Plantel, Student
from students.nss import Nss
from tests.dashboard.deeds import own_nss
from tests.papers_in import sheets
from tests.papers_in.conftest import act, bring  # noqa: F401 - fixtures
from tests.papers_in.papers import a_paper
from tests.roles import as_owner

pytestmark = pytest.mark.django_db
MakeIn = Callable[..., Case]
Status = BroughtPaper.Status


@pytest.fixture
def waits(make_in: MakeIn, people: People, act: Act) -> Callable[..., BroughtPaper]:  # noqa: F811 - a fixture
    def make(state: State = State.SIN_NSS, door: Door = Door.OFFICE, **fields: Any) -> BroughtPaper:
        case = make_in(state, **fields)
        nss = Student.objects.get(pk=case.student_id).nss or own_nss(case, people)
        return a_paper(case, Act(act.actor, act.now, None) if fields else act, nss, door)

    return make


def said(paper: BroughtPaper, **more: Any) -> dict[str, Any]:
    nss = next(text for field, text, *_ in (paper.reading or {})["values"] if field == "nss")
    return {"version": paper.version, "proposal": paper.proposal, "nss": nss, **more}


def test_the_list_shows_those_of_ones_planteles_and_home_counts_them(
    desk: Client, waits: Callable[..., BroughtPaper], other_plantel: Plantel
) -> None:
    mine, foreign = waits(), waits(plantel=other_plantel)
    shown = desk.get("/hojas/").content.decode()
    assert f"/hojas/{mine.pk}/" in shown
    assert f"/hojas/{foreign.pk}/" not in shown
    assert "<strong>1</strong> hoja por revisar" in desk.get("/").content.decode()
    assert desk.get(f"/hojas/{foreign.pk}/").status_code == 404


def test_the_pages_take_few_queries_however_many_wait(desk: Client, waits: Callable[..., BroughtPaper]) -> None:
    paper = waits()
    for _ in range(4):
        waits()
    desk.get("/hojas/")
    for ask in (lambda: desk.get("/hojas/"), lambda: desk.get(f"/hojas/{paper.pk}/"), lambda: desk.post(f"/hojas/{paper.pk}/ver/")):
        with CaptureQueriesContext(connection) as asked:
            assert ask().status_code == 200
        assert len(asked) <= 10, [query["sql"][:90] for query in asked]


def test_the_list_goes_on_by_key(desk: Client, waits: Callable[..., BroughtPaper], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afiliacion.dashboard.papers_in.views.SHOWN", 2)
    papers = [waits() for _ in range(3)]
    first = desk.get("/hojas/").content.decode()
    assert f"?desde={papers[1].pk}" in first
    then = desk.get(f"/hojas/?desde={papers[1].pk}").content.decode()
    assert f"/hojas/{papers[2].pk}/" in then
    assert f'href="/hojas/{papers[0].pk}/"' not in then


def test_nothing_of_the_person_is_shown_before_it_is_written_down(desk: Client, waits: Callable[..., BroughtPaper]) -> None:
    paper = waits()
    nss = said(paper)["nss"]
    assert nss not in desk.get(f"/hojas/{paper.pk}/").content.decode()
    assert not Disclosure.objects.exists()
    assert nss in desk.post(f"/hojas/{paper.pk}/ver/").content.decode()
    seen = Disclosure.objects.get()
    assert (seen.case_id, seen.what, seen.detail) == (paper.case_id, Disclosure.What.PAPER, paper.evidence_id)


def test_what_a_document_says_is_written_as_people_write_it_and_what_it_does_not_say_is_folded(
    desk: Client, waits: Callable[..., BroughtPaper]
) -> None:
    paper = waits()
    context = desk.post(f"/hojas/{paper.pk}/ver/").context
    born = Student.objects.get(pk=paper.case.student_id).birth_date if paper.case else None
    told = {line.label: line.text for line in context["lines"]}
    assert told["Fecha de nacimiento"] == f"{born:%d/%m/%Y}"
    assert [field.name for field, _ in context["fields"]] == ["proposal", "nss", "dated"]
    assert {field.name for field, _ in context["spare"]} == {"umf", "turno", "consultorio", "registro"}
    wrong = desk.post(f"/hojas/{paper.pk}/aceptar/", said(paper, umf="x" * 99))
    assert "umf" in [field.name for field, _ in wrong.context["fields"]], "what is to be put right is not folded"


def test_a_document_of_nobody_is_seen_by_who_brought_it_and_by_coordination_alone(
    desk: Client, enter: Any, coordinator: Any, foreign_officer: Any
) -> None:
    answer = desk.post("/hojas/traer/", {"file": SimpleUploadedFile("foto.jpg", sheets.photo(PDF))})
    paper = BroughtPaper.objects.get()
    assert answer.headers["Location"] == f"/hojas/{paper.pk}/"
    assert desk.post(f"/hojas/{paper.pk}/ver/").status_code == 200
    assert Disclosure.objects.get().case_id is None
    assert enter(coordinator).get(f"/hojas/{paper.pk}/").status_code == 200
    assert enter(foreign_officer).get(f"/hojas/{paper.pk}/").status_code == 404


PDF = pdf.render("tarjeta", {"folio": "1", "nss": "1", "nombre_completo": "x", "curp": "y", "fecha": "z"})


def test_the_page_drawn_anew_has_the_place_of_each_value(desk: Client, make_in: MakeIn, people: People, bring: Any) -> None:  # noqa: F811
    case = make_in(State.SIN_NSS)
    paper = bring(sheets.nss_sheet(case, own_nss(case, people), timezone.localdate()))
    page = desk.post(f"/hojas/{paper.pk}/ver/").content.decode()
    assert 'src="data:image/png;base64,' in page
    assert re.search(r'<rect class="paper-mark" data-mark="nss" x="399"\s+y="240"', page)


def test_accepting_notes_all_on_the_day_it_came_and_opens_the_next(desk: Client, waits: Callable[..., BroughtPaper]) -> None:
    paper, following = waits(), waits()
    answer = desk.post(f"/hojas/{paper.pk}/aceptar/", said(paper))
    assert answer.headers["Location"] == f"/hojas/{following.pk}/?antes={paper.pk}"
    case = Case.objects.get(pk=paper.case_id or 0)
    assert (case.state, case.acuse_on) == (State.ACUSE_ENTREGADO, paper.on)
    assert case.events.get(verb=Verb.OBTAIN_NSS).evidence == paper.evidence_id
    page = desk.get(answer.headers["Location"]).content.decode()
    version = BroughtPaper.objects.get(pk=paper.pk).version
    assert f'action="/hojas/{paper.pk}/deshacer/"' in page
    desk.post(f"/hojas/{paper.pk}/deshacer/", {"version": version})
    assert Case.objects.get(pk=paper.case_id or 0).state == State.SIN_NSS


def test_a_double_click_decides_once_and_the_second_is_told(desk: Client, waits: Callable[..., BroughtPaper]) -> None:
    paper = waits()
    assert desk.post(f"/hojas/{paper.pk}/aceptar/", said(paper)).status_code == 302
    events = Event.objects.count()
    told = desk.post(f"/hojas/{paper.pk}/rechazar/", {"version": paper.version, "chosen": "1"}, follow=True)
    assert "Ya se había decidido" in told.content.decode()
    assert Event.objects.count() == events


def test_an_nss_of_another_year_is_taken_only_after_a_second_look(desk: Client, waits: Callable[..., BroughtPaper], people: People) -> None:
    paper = waits()
    born = f"{Student.objects.get(pk=paper.case.student_id).birth_date:%y}" if paper.case else ""
    while Nss(nss := people.one().nss).birth_year_digits == born:
        pass
    refused = desk.post(f"/hojas/{paper.pk}/aceptar/", said(paper, nss=nss))
    assert refused.status_code == 422
    assert "puede ser el NSS de su mamá o su papá" in refused.content.decode()
    assert Case.objects.get(pk=paper.case_id or 0).state == State.SIN_NSS
    assert desk.post(f"/hojas/{paper.pk}/aceptar/", said(paper, nss=nss, looked_twice="on")).status_code == 302
    assert Case.objects.get(pk=paper.case_id or 0).state == State.ACUSE_ENTREGADO


def test_refusing_takes_a_reason_chosen_or_typed(desk: Client, waits: Callable[..., BroughtPaper]) -> None:
    one, other = waits(), waits()
    assert desk.post(f"/hojas/{one.pk}/rechazar/", {"version": one.version}).status_code == 422
    desk.post(f"/hojas/{one.pk}/rechazar/", {"version": one.version, "chosen": "1"})
    desk.post(f"/hojas/{other.pk}/rechazar/", {"version": other.version, "reason": "Trae otro nombre."})
    reasons = [Event.objects.get(case=paper.case_id, verb=Verb.REJECT_PAPERS).reason for paper in (one, other)]
    assert reasons == ["Está borrosa, cortada o incompleta: no se lee.", "Trae otro nombre."]


def test_the_original_is_only_saved_never_shown(desk: Client, waits: Callable[..., BroughtPaper]) -> None:
    paper = waits()
    answer = desk.post(f"/hojas/{paper.pk}/archivo/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Content-Type"]) == ("nosniff", "application/octet-stream")
    assert answer.content == bytes(Evidence.objects.get(pk=paper.evidence_id).body)
    assert Disclosure.objects.get().detail == paper.evidence_id


def test_what_an_officer_receives_with_a_file_is_in_the_same_list(desk: Client, make_in: MakeIn, people: People) -> None:
    case = make_in(State.SIN_NSS)
    body = sheets.nss_sheet(case, own_nss(case, people), timezone.localdate())
    form = {
        "version": case.version, "papers": [ACUSE_PAPER], "on": timezone.localdate().isoformat(),
        "paper": SimpleUploadedFile("hoja.pdf", body, "application/pdf"),
    }  # fmt: skip
    answer = desk.post(f"/expedientes/{case.pk}/acciones/recibir-documentos/", form)
    assert answer.status_code == 302, answer.content.decode()
    work.work_due(60)
    paper = BroughtPaper.objects.get(case=case)
    assert f"/hojas/{paper.pk}/" in desk.get("/hojas/").content.decode()
    assert f"/hojas/papel/{case.pk}/" not in desk.get("/hojas/").content.decode()


def test_several_files_and_what_became_of_each(desk: Client, make_in: MakeIn, people: People) -> None:
    case = make_in(State.SIN_NSS)
    body = sheets.nss_sheet(case, own_nss(case, people), timezone.localdate())
    files = [SimpleUploadedFile("uno.pdf", body), SimpleUploadedFile("dos.pdf", body), SimpleUploadedFile("vacio.pdf", b"")]
    answer = desk.post("/hojas/traer/", {"file": files})
    work.work_due(60)
    page = desk.get(answer.headers["Location"]).content.decode()
    assert page.count("Por revisar (ya se había traído)") == 1
    assert "0 bytes" in page
    assert case.student.list_name in page


@pytest.fixture
def on_paper(make_in: MakeIn, act: Act) -> Callable[..., Case]:  # noqa: F811
    """A case whose sheet was received on paper some days ago."""

    def make(state: State = State.SIN_NSS, *, days: int = 3) -> Case:
        case = make_in(state)
        verbs.receive_papers([case.pk], [ACUSE_PAPER], on=timezone.localdate() - dt.timedelta(days=days), act=act)
        return Case.objects.select_related("student").get(pk=case.pk)

    return make


def test_a_sheet_on_paper_alone_is_in_the_same_list_and_taken_on_the_day_it_came(
    desk: Client, on_paper: Callable[..., Case], people: People
) -> None:
    case = on_paper()
    assert f"/hojas/papel/{case.pk}/" in desk.get("/hojas/").content.decode()
    nss = own_nss(case, people)
    assert desk.post(f"/hojas/papel/{case.pk}/", {"respuesta": "aceptar", "si-nss": nss}).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.acuse_on) == (State.ACUSE_ENTREGADO, timezone.localdate() - dt.timedelta(days=3))
    assert "No hay hojas por revisar" in desk.get("/hojas/").content.decode()


def test_a_sheet_on_paper_alone_is_refused_with_a_reason(desk: Client, on_paper: Callable[..., Case]) -> None:
    case = on_paper(State.NSS_OBTENIDO)
    assert "si-nss" not in desk.get(f"/hojas/papel/{case.pk}/").content.decode()
    assert desk.post(f"/hojas/papel/{case.pk}/", {"respuesta": "rechazar"}).status_code == 422
    desk.post(f"/hojas/papel/{case.pk}/", {"respuesta": "rechazar", "no-reason": "Está borrosa."})
    assert case.events.get(verb=Verb.REJECT_PAPERS).reason == "Está borrosa."
    assert desk.get(f"/hojas/papel/{case.pk}/").headers["Location"] == "/hojas/"


def test_those_that_wait_are_found_by_an_index_of_their_own(waits: Callable[..., BroughtPaper], plantel: Plantel) -> None:
    for _ in range(20):
        waits()
    with as_owner() as cursor:
        # So few would be read one by one.
        cursor.execute("ANALYZE papers_in_broughtpaper; SET LOCAL enable_seqscan = off")
    plan = BroughtPaper.objects.filter(status=Status.WAITING, plantel__in=[plantel.pk]).order_by("pk")[:50].explain()
    assert "brought_waiting" in plan
