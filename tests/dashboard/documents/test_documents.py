"""Printing from the screens: the case's papers, the list's, the page of what was asked for, and the page that vouches for a paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard.models import Disclosure
from afiliacion.documents import print_jobs
from afiliacion.documents.kinds import catalogue as kinds
from afiliacion.documents.models import DocumentKind, Issued, PrintJob
from afiliacion.operations import print_worker
from afiliacion.reminders.letters import links
from students.models import Ciclo

pytestmark = pytest.mark.django_db


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("kind", kinds.SINGLES)
def test_each_paper_of_a_case_is_a_pdf_whose_reading_is_written_down(
    make_in: Callable[..., Case], desk: Client, kind: DocumentKind
) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    assert f"/expedientes/{case.pk}/imprimir/{kind}/" in desk.get(f"/expedientes/{case.pk}/").content.decode()
    answer = desk.post(f"/expedientes/{case.pk}/imprimir/{kind}/")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    issued = Issued.objects.get()
    assert (issued.kind, issued.case, issued.issued_name) == (kind, case, "Begoña Ñáñez")
    what = [Disclosure.What.PAPER] if kinds.discloses(kind) else [Disclosure.What.LINK] if kinds.carries_link(kind) else []
    assert list(Disclosure.objects.values_list("what", "detail")) == [(each, f"{kind} {issued.folio}") for each in what]


def test_a_paper_that_makes_no_sense_says_so(make_in: Callable[..., Case], desk: Client) -> None:
    early = make_in(State.SIN_NSS)
    told = desk.post(f"/expedientes/{early.pk}/imprimir/acuse/", follow=True).content.decode()
    assert "no tiene un acuse entregado" in told
    assert not Issued.objects.exists()
    for unknown in ("oficio", "informe", "nada"):
        assert desk.post(f"/expedientes/{early.pk}/imprimir/{unknown}/").status_code == 404


def test_the_chosen_ones_are_printed_and_taken(
    make_in: Callable[..., Case], make_case: Callable[..., Case], other_plantel: Any, desk: Client, data_dir: Path
) -> None:
    mine, foreign = [make_in(State.SIN_NSS), make_in(State.SIN_NSS)], make_case(plantel=other_plantel)
    chosen = [f"{case.pk}:{case.version}" for case in (*mine, foreign)]
    page = desk.post("/expedientes/imprimir/", {"caso": chosen, "documento": "renuncia"}, follow=True)
    job = PrintJob.objects.get()
    assert sorted(job.case_ids) == sorted(case.pk for case in mine)
    assert "En espera: 0 de 2" in page.content.decode()
    print_worker.print_due()
    part = desk.get(f"/documentos/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "Lista: 2 hojas." in part
    assert "<html" not in part
    assert not Disclosure.objects.exists()
    answer = desk.post(f"/documentos/{job.pk}/descargar/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert body_of(answer).startswith(b"%PDF-")
    assert set(Disclosure.objects.values_list("case", "detail")) == {(case.pk, f"renuncia impresión {job.pk}") for case in mine}


@pytest.mark.parametrize(
    "said", [{}, {"documento": "renuncia"}, {"caso": "x", "documento": "renuncia"}, {"caso": "1:1", "documento": "informe"}]
)
def test_nothing_chosen_is_told(desk: Client, plantel: Any, said: dict[str, str]) -> None:
    assert "Elija al menos un expediente" in desk.post("/expedientes/imprimir/", said, follow=True).content.decode()
    assert not PrintJob.objects.exists()


def test_a_group_is_ordered_from_the_page(make_case: Callable[..., Case], desk: Client, ciclo: Ciclo, other_plantel: Any) -> None:
    case = make_case(grupo="2-B")
    make_case(grupo="1-A")
    make_case(plantel=other_plantel, grupo="2-B")
    said = {"documento": "lista", "ciclo": ciclo.pk, "grupo": "2-b"}
    told = desk.post("/documentos/", said, follow=True).content.decode()
    job = PrintJob.objects.get()
    assert job.case_ids == [case.pk]
    assert "ciclo 2026-2, grupo 2-b" in told
    assert "ciclo 2026-2, grupo 2-b" in desk.get("/documentos/").content.decode()


def test_the_report_needs_its_ciclo_and_covers_only_one_s_planteles(
    desk: Client, plantel: Any, other_plantel: Any, ciclo: Ciclo, coordinator: Any, enter: Callable[..., Client]
) -> None:
    refused = desk.post("/documentos/", {"documento": "informe"})
    assert refused.status_code == 422
    assert "Elija el ciclo del informe." in refused.content.decode()
    desk.post("/documentos/", {"documento": "informe", "ciclo": ciclo.pk})
    assert PrintJob.objects.get().planteles == [plantel.pk]
    enter(coordinator).post("/documentos/", {"documento": "informe", "ciclo": ciclo.pk})
    every = PrintJob.objects.latest("pk")
    assert every.planteles == sorted([plantel.pk, other_plantel.pk])
    assert desk.get(f"/documentos/{every.pk}/").status_code == 404, "it tells of a plantel that is not theirs"


def test_of_another_plantel_one_cannot_ask(desk: Client, make_case: Callable[..., Case], other_plantel: Any) -> None:
    make_case(plantel=other_plantel)
    assert desk.post("/documentos/", {"documento": "renuncia", "plantel": other_plantel.pk}).status_code == 422
    told = desk.post("/documentos/", {"documento": "renuncia"})
    assert "No hay expedientes que imprimir" in told.content.decode()
    assert not PrintJob.objects.exists()


def test_a_job_can_be_cancelled_and_its_file_expires(make_in: Callable[..., Case], desk: Client, data_dir: Path) -> None:
    make_in(State.SIN_NSS)
    desk.post("/documentos/", {"documento": "renuncia"})
    job = PrintJob.objects.get()
    assert "Se canceló." in desk.post(f"/documentos/{job.pk}/cancelar/", follow=True).content.decode()
    desk.post("/documentos/", {"documento": "renuncia"})
    job = PrintJob.objects.latest("pk")
    print_jobs.work_due(links.printed_urls, 60)
    for path in print_jobs.folder(job).iterdir():
        path.unlink()
    assert "El archivo ya se borró" in desk.post(f"/documentos/{job.pk}/descargar/", follow=True).content.decode()


@pytest.fixture
def stranger() -> Client:
    return Client()


def test_a_stranger_learns_whether_a_folio_is_ours_and_nothing_of_anybody(
    make_in: Callable[..., Case], desk: Client, stranger: Client
) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    desk.post(f"/expedientes/{case.pk}/imprimir/renuncia/")
    issued = Issued.objects.get()
    genuine = stranger.get("/v/", {"folio": issued.folio.lower()}, follow=True)
    assert genuine.status_code == 200
    told = genuine.content.decode()
    for said in ("El folio es auténtico.", "Carta de renuncia", "Preparatoria Regional Núm. 7", issued.fingerprint):
        assert said in told
    for secret in (case.student.curp, str(case.student.nss), case.student.primer_apellido, case.folio, case.enrolment.matricula, "Begoña"):
        assert secret not in told
    assert genuine.headers["X-Robots-Tag"] == "noindex"
    altered = f"{issued.folio[:-1]}{'0' if issued.folio[-1] != '0' else '1'}"
    for folio, said in (
        (altered, "no es auténtico"), (f"D-{issued.pk + 1:07d}{issued.folio[9:]}", "no es auténtico"),
        ("hola", "no es un folio nuestro"),
    ):  # fmt: skip
        answer = stranger.get(f"/v/{folio}")
        assert (answer.status_code, said in answer.content.decode()) == (404, True)


def test_an_altered_folio_and_one_never_issued_get_the_same_answer(make_in: Callable[..., Case], desk: Client, stranger: Client) -> None:
    """Otherwise the numbers that exist could be counted."""
    desk.post(f"/expedientes/{make_in(State.ACUSE_ENTREGADO).pk}/imprimir/renuncia/")
    issued = Issued.objects.get()
    altered, never = (f"D-{serial:07d}-0000-0000-0000" for serial in (issued.pk, issued.pk + 1))
    answers = {folio: stranger.get(f"/v/{folio}") for folio in (altered, never)}
    pages = {answer.content.decode().replace(folio, "") for folio, answer in answers.items()}
    assert len(pages) == len({answer.status_code for answer in answers.values()}) == 1


def test_nobody_tries_folios_out(stranger: Client, settings: Any, db: None) -> None:
    settings.VERIFY_PER_MINUTE = 2
    answers = [stranger.get("/v/D-0000001-AAAA-AAAA-AAAA").status_code for _ in range(3)]
    assert answers == [404, 404, 429]
    assert stranger.get("/v/D-0000001-AAAA-AAAA-AAAA", REMOTE_ADDR="192.0.2.7").status_code == 404


def test_the_address_on_the_paper_is_the_address_of_the_page(make_in: Callable[..., Case], desk: Client, settings: Any) -> None:
    desk.post(f"/expedientes/{make_in(State.SIN_NSS).pk}/imprimir/renuncia/")
    assert re.fullmatch(r"/v/D-\d{7}(-[0-9A-Z]{4}){3}", f"/v/{Issued.objects.get().folio}")
