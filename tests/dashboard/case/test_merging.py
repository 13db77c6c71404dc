"""Two records of one person merged through the case page: found, compared, merged and taken apart; in a client and in Chromium."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from afiliacion.cases.models import Case, ConsentRequest
from afiliacion.cases.states import State
from afiliacion.dashboard.consent import listing
from afiliacion.reminders.models import OptOut, Tutor
from students.models import Enrolment, Plantel, Student
from tests.browser import DESK, PHONE, Watched, whole
from tests.dashboard.deeds import DAY, PDF, do

HERS, HIS = "PECB080503MGRXRGA5", "PECB080503HGRXRGA5"
SAID = {"on": DAY, "reason": "RENAPO la corrigió", "datos": "otro", "looked_twice": "on"}
MakeIn = Callable[..., Case]


@pytest.fixture
def twins(make_in: MakeIn, make_student: Callable[..., Student]) -> tuple[Case, Case]:
    person = {"primer_apellido": "Ñáñez", "segundo_apellido": "de la O", "entity": "GR", "birth_date": dt.date(2008, 5, 3)}
    hers = make_student(**person, curp=HERS, nombre="Begoña", sex="M")
    his = make_student(**person, curp=HIS, nombre="Bruno", sex="H")
    return make_in(State.SIN_NSS, student=hers, matricula="26000001"), make_in(State.NSS_OBTENIDO, student=his, matricula="26000002")


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("curp.pdf", PDF)


def page(browser: Client, case: Case) -> str:
    return browser.get(reverse("case", args=[case.pk])).content.decode()


@pytest.mark.django_db
def test_the_other_record_is_shown_beside_this_one_before_anything_is_asked(desk: Client, twins: tuple[Case, Case]) -> None:
    one, other = twins
    first = desk.get(reverse("act", args=[one.pk, "unir"])).content.decode()
    assert "Buscar el otro registro" in first and "Ya los comparé" not in first  # noqa: PT018
    for typed in (HIS.lower(), other.folio):
        found = desk.get(reverse("act", args=[one.pk, "unir"]), {"otro": typed})
        text = found.content.decode()
        assert "Compare los dos registros" in text and "26000002" in text and other.folio in text  # noqa: PT018
        assert HIS not in text and HERS not in text  # noqa: PT018
        assert "Falta" not in text and "obligatorio" not in text  # noqa: PT018
    assert Student.objects.filter(merged_into=None).count() == 2


@pytest.mark.django_db
def test_merged_and_taken_apart_from_the_page(desk: Client, twins: tuple[Case, Case]) -> None:
    one, other = twins
    Tutor.objects.create(student=other.student, name="Rosa Ñáñez", email="rosa@familia.example.mx")
    OptOut.objects.create(student=other.student, at=timezone.now())
    assert do(desk, one, "unir", {"otro": other.folio, **SAID}).status_code == 422, "without a paper"
    assert do(desk, one, "unir", {"otro": other.folio, **SAID}, paper=paper()).status_code == 302
    kept = Student.objects.get(merged_into=None)
    assert (kept.curp, kept.tutor.email, OptOut.objects.filter(pk=kept.pk).exists()) == (HIS, "rosa@familia.example.mx", True)
    text = page(desk, one)
    assert "Unido con otro registro de la misma persona" in text
    assert f"Era repetido: sigue el expediente {other.folio}." in text
    assert "No cuenta en listas ni informes" in text
    assert "Deshacer la unión de registros" in text
    desk.post(reverse("merge-undo", args=[other.pk]))
    assert Student.objects.filter(merged_into=None).count() == 2
    assert not Tutor.objects.filter(pk=one.student_id).exists() and not OptOut.objects.filter(pk=one.student_id).exists()  # noqa: PT018
    assert "Deshacer la unión de registros" not in page(desk, other)
    assert "No hay una unión de registros" in desk.post(reverse("merge-undo", args=[other.pk]), follow=True).content.decode()


@pytest.mark.django_db
def test_a_record_of_another_plantel_is_as_unknown_as_one_that_does_not_exist(
    desk: Client, twins: tuple[Case, Case], make_in: MakeIn, other_plantel: Plantel
) -> None:
    theirs = make_in(State.SIN_NSS, plantel=other_plantel)
    asked = [{"otro": typed} for typed in (theirs.folio, theirs.student.curp, "E-9999999")]
    said = [desk.get(reverse("act", args=[twins[0].pk, "unir"]), typed).content.decode() for typed in asked]
    said += [do(desk, twins[0], "unir", {**typed, **SAID}).content.decode() for typed in asked]
    assert all("No hay otro registro así en sus planteles" in text for text in said)
    assert all(theirs.student.nombre not in text for text in said)


@pytest.mark.django_db
def test_of_a_person_of_another_plantel_too_the_request_says_which_record(
    desk: Client, twins: tuple[Case, Case], other_plantel: Plantel
) -> None:
    one, other = twins
    Enrolment.objects.create(student=other.student, plantel=other_plantel, ciclo=other.ciclo, matricula="9", enrolled_on=DAY)
    assert do(desk, one, "unir", {"otro": other.folio, **SAID}, paper=paper()).status_code == 302
    assert ("El otro registro", other.folio) in listing.said(ConsentRequest.objects.get())
    assert "Unir dos registros" in page(desk, one).replace("unir dos", "Unir dos")


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_in_a_browser(open_page: Callable[..., Watched], twins: tuple[Case, Case], officer: Any, size: dict[str, int]) -> None:
    one, _ = twins
    window = open_page(officer, size=size).go(f"/expedientes/{one.pk}/acciones/unir/")
    window.get_by_label("CURP o folio del otro registro").fill(HIS)
    window.get_by_role("button", name="Buscar el otro registro").press("Enter")
    expect(window.get_by_text("Compare los dos registros")).to_be_visible()
    whole(window)
    window.get_by_label("¿Cuáles datos son los correctos?").select_option("otro")
    window.get_by_label("Cómo se sabe").fill("RENAPO la corrigió")
    window.get_by_label("Documento que lo prueba").set_input_files({"name": "c.pdf", "mimeType": "application/pdf", "buffer": PDF})
    window.get_by_label("Ya los comparé").check()
    window.get_by_role("button", name="Unir con otro registro").press("Enter")
    expect(window.get_by_text("Listo: Unir con otro registro.")).to_be_visible()
    whole(window)
    window.get_by_role("button", name="Deshacer la unión de registros").press("Enter")
    expect(window.get_by_text("los dos registros quedaron como estaban")).to_be_visible()
    assert Student.objects.filter(merged_into=None).count() == 2
