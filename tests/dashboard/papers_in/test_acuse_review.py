"""The sheets students uploaded: seen in one list, taken with their NSS on the day they came, or refused with a reason the student reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from afiliacion.cases import acuse_review
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import Case, Event, Evidence
from afiliacion.cases.states import State, Verb
from afiliacion.dashboard.models import Disclosure
from afiliacion.student_page import actions as student_actions
from students.nss import Nss
from tests.roles import as_owner

pytestmark = pytest.mark.django_db

PHOTO = b"\xff\xd8\xff\xe0 una hoja"


@pytest.fixture
def uploaded(make_in: Callable[..., Case]) -> Callable[..., Case]:
    """A case whose student uploaded their sheet some days ago."""

    def make(state: State = State.SIN_NSS, *, days: int = 3, **fields: Any) -> Case:
        case, now = make_in(state, **fields), timezone.now()
        student_actions.bring_paper(case, PHOTO, today=timezone.localdate() - dt.timedelta(days=days), now=now)
        return Case.objects.select_related("student").get(pk=case.pk)

    return make


@pytest.fixture
def own_nss(people: Any) -> Callable[[Case], str]:
    """An NSS whose year of birth is the student's."""

    def make(case: Case) -> str:
        nss: str = people.one().nss
        while Nss(nss).birth_year_digits != f"{case.student.birth_date:%y}":
            nss = people.one().nss
        return nss

    return make


def test_the_list_shows_those_of_ones_planteles_and_home_counts_them(
    desk: Client, uploaded: Callable[..., Case], other_plantel: Any
) -> None:
    mine, foreign = uploaded(), uploaded(plantel=other_plantel)
    shown = desk.get("/hojas/").content.decode()
    assert f"/hojas/{mine.pk}/" in shown
    assert f"/hojas/{foreign.pk}/" not in shown
    assert "<strong>1</strong> hoja por revisar" in desk.get("/").content.decode()


def test_taking_it_notes_the_nss_with_its_proof_and_the_acuse_on_the_day_it_came(
    desk: Client, uploaded: Callable[..., Case], own_nss: Callable[[Case], str]
) -> None:
    case = uploaded()
    nss = own_nss(case)
    assert desk.post(f"/hojas/{case.pk}/", {"respuesta": "aceptar", "si-nss": nss}).status_code == 302
    case.refresh_from_db()
    obtained = case.events.get(verb=Verb.OBTAIN_NSS)
    assert (case.state, case.student.__class__.objects.get(pk=case.student_id).nss) == (State.ACUSE_ENTREGADO, nss)
    assert case.acuse_on == timezone.localdate() - dt.timedelta(days=3)
    assert obtained.evidence == case.events.get(verb=Verb.RECEIVE_PAPERS).evidence != ""
    assert "No hay hojas por revisar" in desk.get("/hojas/").content.decode()


def test_who_has_an_nss_is_asked_for_none(desk: Client, uploaded: Callable[..., Case]) -> None:
    case = uploaded(State.NSS_OBTENIDO, days=0)
    assert "si-nss" not in desk.get(f"/hojas/{case.pk}/").content.decode()
    desk.post(f"/hojas/{case.pk}/", {"respuesta": "aceptar"})
    assert Case.objects.get(pk=case.pk).state == State.ACUSE_ENTREGADO


def test_an_nss_of_another_year_is_taken_only_after_a_second_look(desk: Client, uploaded: Callable[..., Case], people: Any) -> None:
    case = uploaded()
    while Nss(nss := people.one().nss).birth_year_digits == f"{case.student.birth_date:%y}":
        pass
    refused = desk.post(f"/hojas/{case.pk}/", {"respuesta": "aceptar", "si-nss": nss})
    assert refused.status_code == 422
    assert "puede ser el NSS de su mamá o su papá" in refused.content.decode()
    assert Case.objects.get(pk=case.pk).state == State.SIN_NSS
    desk.post(f"/hojas/{case.pk}/", {"respuesta": "aceptar", "si-nss": nss, "si-looked_twice": "on"})
    assert Case.objects.get(pk=case.pk).state == State.ACUSE_ENTREGADO


def test_an_nss_of_somebody_else_writes_nothing_at_all(
    desk: Client, uploaded: Callable[..., Case], make_in: Callable[..., Case], own_nss: Callable[[Case], str]
) -> None:
    case = uploaded()
    other = make_in(State.SIN_NSS)
    nss = own_nss(case)
    other.student.__class__.objects.filter(pk=other.student_id).update(nss=nss)
    before = Event.objects.count()
    assert desk.post(f"/hojas/{case.pk}/", {"respuesta": "aceptar", "si-nss": nss}).status_code == 422
    assert Event.objects.count() == before


def test_refusing_it_tells_the_student_why_and_asks_for_another(desk: Client, uploaded: Callable[..., Case]) -> None:
    case = uploaded()
    assert desk.post(f"/hojas/{case.pk}/", {"respuesta": "rechazar"}).status_code == 422
    desk.post(f"/hojas/{case.pk}/", {"respuesta": "rechazar", "no-reason": "Está borrosa."})
    assert case.events.get(verb=Verb.REJECT_PAPERS).reason == "Está borrosa."
    assert not acuse_review.to_review(Case.objects.all()).exists()
    assert desk.get(f"/hojas/{case.pk}/").headers["Location"] == "/hojas/"


def test_those_to_look_at_are_found_by_an_index_of_their_own(uploaded: Callable[..., Case], make_in: Callable[..., Case]) -> None:
    case = uploaded()
    for _ in range(40):
        make_in(State.SIN_NSS)
    with as_owner() as cursor:
        # So few cases would be read one by one; and of a table without statistics any index of the plantel looks as good.
        cursor.execute("ANALYZE cases_case; SET LOCAL enable_seqscan = off")
    plan = acuse_review.to_review(Case.objects.filter(plantel__in=[case.plantel_id])).explain()
    assert "case_with_sheet_by_due" in plan


def test_seeing_it_is_written_down(desk: Client, uploaded: Callable[..., Case]) -> None:
    case = uploaded()
    page = desk.get(f"/hojas/{case.pk}/").content.decode()
    sheet = case.events.get(verb=Verb.RECEIVE_PAPERS)
    address = f"/expedientes/{case.pk}/documentos/{sheet.seq}/"
    assert address in page
    assert desk.post(address).content == PHOTO
    assert Disclosure.objects.get().detail == sheet.evidence


def test_what_an_officer_uploads_for_a_student_is_in_the_same_list(desk: Client, make_in: Callable[..., Case]) -> None:
    case = make_in(State.SIN_NSS)
    said = {
        "version": case.version,
        "papers": [ACUSE_PAPER],
        "on": timezone.localdate().isoformat(),
        "paper": SimpleUploadedFile("hoja.jpg", PHOTO, "image/jpeg"),
    }
    answer = desk.post(f"/expedientes/{case.pk}/acciones/recibir-documentos/", said)
    assert answer.status_code == 302, answer.content.decode()
    assert f"/hojas/{case.pk}/" in desk.get("/hojas/").content.decode()
    kept = acuse_review.last_sheet(case)
    assert kept is not None
    assert bytes(Evidence.objects.get(pk=kept.evidence).body) == PHOTO
