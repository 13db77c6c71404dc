"""What a student brings by their page is told in a sentence: what it is, whether it will do, what is missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case, PaperKind, WantedPaper
from afiliacion.cases.states import State, Verb
from afiliacion.operations.simulation.invented_people import People
from afiliacion.papers_in import work
from afiliacion.papers_in.models import BroughtPaper
from students.models import Plantel
from tests.dashboard.deeds import own_nss
from tests.papers_in import sheets
from tests.student_page.conftest import path_of

pytestmark = pytest.mark.django_db
MakeIn = Callable[..., Case]


def bring(phone: Client, case: Case, body: bytes) -> str:
    """The page after the document was brought and read."""
    path = path_of(case)
    told = phone.post(f"{path}/hoja", {"sheet": SimpleUploadedFile("hoja.pdf", body)}, follow=True)
    assert "lo estamos leyendo" in told.content.decode()
    assert told.headers["Refresh"]
    work.work_due(60)
    read = phone.get(path)
    assert "Refresh" not in read.headers
    return read.content.decode()


def test_a_student_brings_their_sheet_and_reads_what_it_is_and_what_is_missing(
    client: Client, make_in: MakeIn, people: People, plantel: Plantel
) -> None:
    WantedPaper.objects.create(plantel=plantel, step=Verb.DELIVER_ACUSE, kind=PaperKind.objects.get(key="curp"))
    case = make_in(State.SIN_NSS)
    page = bring(client, case, sheets.nss_sheet(case, own_nss(case, people), timezone.localdate()))
    assert "Recibimos la hoja de asignación o localización del NSS" in page
    assert "te falta: CURP" in page


def test_a_paper_of_somebody_else_is_told_by_its_name(client: Client, make_in: MakeIn, people: People) -> None:
    case, other = make_in(State.SIN_NSS), make_in(State.SIN_NSS)
    page = bring(client, case, sheets.nss_sheet(other, own_nss(other, people), timezone.localdate()))
    assert "Lo que subiste es la hoja de asignación o localización del NSS" in page
    assert "es de otra persona" in page
    assert "Sube otro" in page
    assert str(other.student.curp) not in page


def test_a_constancia_is_taken_once_the_alta_was_sent(client: Client, make_in: MakeIn) -> None:
    case = make_in(State.ALTA_ENVIADA)
    assert "Sube tu constancia de vigencia" in client.get(path_of(case)).content.decode()
    nss = type(case.student).objects.get(pk=case.student_id).nss or ""
    page = bring(client, case, sheets.constancia(case, nss, timezone.localdate(), registro="A0112345321"))
    assert "Recibimos la constancia de vigencia de derechos" in page
    assert BroughtPaper.objects.get().case_id == case.pk
