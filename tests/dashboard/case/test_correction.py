"""A person's data corrected through the case page: what the form asks, what the page then shows, and who is found by what was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from afiliacion.cases.enrol import enrol
from afiliacion.cases.models import Case, ConsentRequest
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.dashboard.consent import listing
from afiliacion.dashboard.models import Disclosure
from afiliacion.dashboard.worklist import list_query, search
from students.models import Enrolment, FormerValue, Plantel, Student
from tests.dashboard.deeds import DAY, PDF, do

HERS, HIS = "PECB080503MGRXRGA5", "PECB080503HGRXRGA5"
#: As the form shows them: what is typed over, and what was there.
ON_RECORD = {
    "nombre": "Begoña", "primer_apellido": "Peña", "segundo_apellido": "Cruz", "fecha_nacimiento": "2008-05-03", "sexo": "M",
    "matricula": "26000000", "correo": "b@alumnos.example.mx", "telefono": "7335550100",
}  # fmt: skip
SEEN = {f"initial-{name}": value for name, value in ON_RECORD.items()}
WHY = {"on": DAY, "reason": "RENAPO la corrigió"}


@pytest.fixture
def case(make_in: Callable[..., Case], make_student: Callable[..., Student]) -> Case:
    person = {"curp": HERS, "nombre": "Begoña", "primer_apellido": "Peña", "segundo_apellido": "Cruz", "sex": "M", "entity": "GR"}
    contact = {"email": ON_RECORD["correo"], "phone": ON_RECORD["telefono"]}
    student = make_student(**person, **contact, birth_date=dt.date(2008, 5, 3))
    return make_in(State.SIN_NSS, student=student, matricula="26000000")


def constancia() -> SimpleUploadedFile:
    return SimpleUploadedFile("curp.pdf", PDF)


def correct(browser: Client, case: Case, **typed: Any) -> Any:
    return do(browser, case, "corregir-datos", {**ON_RECORD, **SEEN, **WHY}, **typed)


def page(browser: Client, case: Case) -> str:
    return browser.get(reverse("case", args=[case.pk])).content.decode()


def test_with_a_new_curp_come_the_sex_and_what_else_it_says(case: Case, desk: Client) -> None:
    assert correct(desk, case, curp=HIS.lower(), nombre="Bruno", paper=constancia()).status_code == 302
    student = Student.objects.get()
    assert (student.curp, student.nombre, student.sex, student.primer_apellido) == (HIS, "Bruno", "H", "Peña")
    text = page(desk, case)
    assert "CURP, antes" in text and "Nombre(s), antes</dt><dd>Begoña" in text and "Sexo, antes</dt><dd>Mujer" in text  # noqa: PT018
    assert "Datos: CURP, nombre(s), sexo." in text
    assert "Descargar la prueba" in text


def test_invariant_9_a_former_curp_is_hidden_as_the_present_one(case: Case, desk: Client) -> None:
    correct(desk, case, curp=HIS, paper=constancia())
    assert HERS not in page(desk, case)
    assert not Disclosure.objects.exists()
    assert HERS in desk.post(reverse("reveal", args=[case.pk])).content.decode()
    assert HERS in desk.post(reverse("reveal", args=[case.pk]), headers={"HX-Request": "true"}).content.decode()
    assert Disclosure.objects.count() == 2


def test_the_form_shows_no_curp(case: Case, desk: Client) -> None:
    assert HERS not in desk.get(reverse("act", args=[case.pk, "corregir-datos"])).content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"curp": HIS}, "Adjunte el documento que prueba la CURP correcta"),
        ({"curp": HIS[:-1] + "0"}, "El dígito verificador no corresponde"),
        ({"sexo": "H"}, "No concuerda con la CURP, que dice Mujer"),
        ({"fecha_nacimiento": "2008-05-04"}, "No concuerda con la CURP, que dice 03/05/2008"),
        ({"correo": "b@"}, "No es una dirección de correo"),
        ({"nombre": "123"}, "No es un nombre"),
        ({"nombre": ""}, "obligatorio"),
        ({}, "no hay nada que corregir"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(case: Case, desk: Client, typed: dict[str, str], said: str) -> None:
    answer = correct(desk, case, **typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert (case.events.count(), FormerValue.objects.count()) == (1, 0)


def test_a_curp_of_another_person_is_refused_and_the_way_on_is_told(case: Case, desk: Client, make_student: Callable[..., Student]) -> None:
    make_student(curp=HIS)
    answer = correct(desk, case, curp=HIS, paper=constancia())
    assert answer.status_code == 422
    assert "«Unir con otro registro»" in answer.content.decode()


def test_what_was_not_touched_is_not_written_over_what_changed_meanwhile(case: Case, desk: Client) -> None:
    Student.objects.update(email="nuevo@alumnos.example.mx")
    assert correct(desk, case, nombre="Bego").status_code == 302
    assert Student.objects.values_list("nombre", "email").get() == ("Bego", "nuevo@alumnos.example.mx")


@pytest.mark.parametrize("text", [HERS, HERS[:10], "26000000", "2600", "begoña cruz", "Peña Begoña"])
@pytest.mark.parametrize("along", [True, False], ids=["along the list", "found first"])
def test_who_was_corrected_is_found_by_what_was(
    case: Case, make_in: Callable[..., Case], desk: Client, text: str, along: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if along:
        monkeypatch.setattr(search, "RARE", -1)
    else:
        monkeypatch.setattr(list_query, "NEAR", -1)
    for n in range(3):
        make_in(State.SIN_NSS, matricula=f"Z-{n}")
    assert correct(desk, case, curp=HIS, nombre="Bruno", matricula="M-1", paper=constancia()).status_code == 302
    answer = desk.get("/expedientes/", {"q": text}, follow=True)
    shown = answer.content.decode() + "".join(url for url, _ in answer.redirect_chain)
    assert f"/expedientes/{case.pk}/" in shown
    assert {f"/expedientes/{other.pk}/" in answer.content.decode() for other in Case.objects.exclude(pk=case.pk)} == {False}


@pytest.mark.parametrize("text", [HERS, "26000000", "begoña cruz"])
def test_the_counter_finds_who_was_corrected_by_what_was(case: Case, desk: Client, text: str) -> None:
    correct(desk, case, curp=HIS, nombre="Bruno", matricula="M-1", paper=constancia())
    found = desk.post("/ventanilla/buscar/", {"codigo": text}).content.decode()
    assert "Bruno Peña Cruz" in found


def test_another_plantel_does_not_find_them_by_what_was(
    case: Case, desk: Client, foreign_officer: Any, enter: Callable[[Any], Client]
) -> None:
    correct(desk, case, curp=HIS, nombre="Bruno", matricula="M-1", paper=constancia())
    theirs = enter(foreign_officer)
    for text in (HERS, "26000000", "begoña cruz"):
        assert "Bruno" not in theirs.get("/expedientes/", {"q": text}).content.decode()
        assert "Bruno" not in theirs.post("/ventanilla/buscar/", {"codigo": text}).content.decode()


def test_a_correction_by_mistake_is_taken_back_from_the_page(case: Case, desk: Client) -> None:
    correct(desk, case, curp=HIS, nombre="Bruno", paper=constancia())
    assert "Deshacer la última corrección" in page(desk, case)
    desk.post(reverse("correction-undo", args=[case.pk]))
    assert Student.objects.values_list("curp", "nombre", "sex").get() == (HERS, "Begoña", "M")
    text = page(desk, case)
    assert "Deshacer la última corrección" not in text and "antes</dt>" not in text  # noqa: PT018
    assert "Corrección de datos deshecha" in text
    assert "no tiene una corrección que deshacer" in desk.post(reverse("correction-undo", args=[case.pk]), follow=True).content.decode()


def test_of_a_student_of_two_planteles_it_is_asked_and_the_other_reads_what(
    case: Case, desk: Client, other_plantel: Plantel, make_enrolment: Callable[..., Enrolment], foreign_officer: Any,
    enter: Callable[[Any], Client], actor: Any, now: dt.datetime,
) -> None:  # fmt: skip
    enrol([make_enrolment(student=case.student, plantel=other_plantel).pk], act=Act(actor, now))
    answer = correct(desk, case, curp=HIS, nombre="Bruno", paper=constancia())
    assert answer.status_code == 302
    assert Student.objects.get().curp == HERS
    request = ConsentRequest.objects.get()
    assert ("CURP correcta", "PECB••••••••••••A5") in listing.said(request)
    theirs = enter(foreign_officer)
    assert "Bruno" in theirs.get(reverse("consent", args=[request.pk])).content.decode()
    theirs.post(reverse("consent-accept", args=[request.pk]))
    assert Student.objects.values_list("curp", "nombre").get() == (HIS, "Bruno")
    assert case.events.latest("seq").evidence
