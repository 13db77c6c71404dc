"""Bringing a list: what it would do, doing it once, and what stays on disk."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.dashboard.models import RollUpload
from afiliacion.operations.people import People
from students.models import Ciclo, Enrolment, Plantel, Student
from tests.dashboard.lists import a_list, as_csv, row


@pytest.fixture
def bring(desk: Client, plantel: Plantel, ciclo: Ciclo) -> Callable[..., Any]:
    def bring(content: bytes, name: str = "lista.csv", browser: Client | None = None, **fields: Any) -> Any:
        said = {"plantel": plantel.pk, "ciclo": ciclo.pk, "file": SimpleUploadedFile(name, content), **fields}
        return (browser or desk).post("/listas/", said)

    return bring


def test_a_list_is_looked_at_before_it_is_loaded(bring: Callable[..., Any], desk: Client, people: People) -> None:
    shown = bring(a_list(people, good=3)).headers["Location"]
    text = desk.get(shown).content.decode()
    assert "Cargar las 3 filas buenas" in text
    assert "<strong>1</strong>con error" in text
    assert "CURP" in text
    assert not Student.objects.exists()


def test_confirming_loads_the_good_rows_once(bring: Callable[..., Any], desk: Client, people: People, officer: Any) -> None:
    shown = bring(a_list(people, good=3)).headers["Location"]
    for _ in range(2):
        text = desk.post(f"{shown}cargar/", follow=True).content.decode()
        assert "<strong>3</strong>expedientes abiertos" in text
        assert "<strong>1</strong>con error, sin cargar" in text
    assert Case.objects.count() == 3
    opened = Case.objects.earliest("pk").events.get()
    assert (opened.actor_kind, opened.actor_id, opened.actor_name) == ("import", officer.pk, "Begoña Ñáñez · lista.csv")
    assert "lista.csv" in desk.get("/listas/").content.decode()


def test_the_same_list_again_has_nothing_to_load(bring: Callable[..., Any], desk: Client, people: People) -> None:
    content = as_csv([row(people.one(), "26000001")])
    desk.post(f"{bring(content).headers['Location']}cargar/")
    assert "No hay nada que cargar" in desk.get(bring(content).headers["Location"]).content.decode()


def test_the_bad_rows_come_back_with_their_reasons(bring: Callable[..., Any], desk: Client, people: People) -> None:
    rows = [row(people.one(), "26000001"), row(people.one(), "26000002", curp="=1+1", grupo="=cmd|x")]
    answer = desk.get(f"{bring(as_csv(rows)).headers['Location']}errores.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="errores.csv"'
    found = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line[0] for line in found[1:]] == ["3"]
    assert found[0][:3] == ["Fila", "Motivo", "matricula"]
    assert found[1][1].startswith("CURP: ")
    assert not [cell for line in found for cell in line if cell[:1] in "=+-@" and cell]


@pytest.mark.parametrize(
    ("name", "content"), [("lista.pdf", b"%PDF-1.7"), ("lista.csv", b"hola"), ("lista.xlsx", b"no es un libro"), ("lista", b"a,b")]
)
def test_what_is_no_list_is_refused_whole_and_said_why(bring: Callable[..., Any], desk: Client, name: str, content: bytes) -> None:
    text = desk.get(bring(content, name).headers["Location"]).content.decode()
    assert "No se cambió nada." in text
    assert 'role="alert"' in text


def test_a_list_cannot_be_brought_for_another_plantel(bring: Callable[..., Any], people: People, other_plantel: Plantel) -> None:
    assert bring(a_list(people), plantel=other_plantel.pk).status_code == 422
    assert not RollUpload.objects.exists()


def test_a_list_brought_before_the_post_was_taken_away_is_gone(
    bring: Callable[..., Any], desk: Client, people: People, officer: Any, other_plantel: Plantel
) -> None:
    shown = bring(a_list(people)).headers["Location"]
    officer.posts.update(plantel=other_plantel)
    assert desk.get(shown).status_code == 404
    assert desk.post(f"{shown}cargar/").status_code == 404
    assert not Student.objects.exists()


def test_the_coordinator_sees_what_was_loaded_but_not_what_waits(
    bring: Callable[..., Any], desk: Client, people: People, coordinator: Any, enter: Callable[..., Client]
) -> None:
    bring(a_list(people), "espera.csv")
    desk.post(f"{bring(a_list(people), 'cargada.csv').headers['Location']}cargar/")
    text = enter(coordinator).get("/listas/").content.decode()
    assert "cargada.csv" in text
    assert "espera.csv" not in text


def test_its_bytes_are_private_and_do_not_outlive_their_purpose(
    bring: Callable[..., Any], desk: Client, people: People, data_dir: Path, settings: Any
) -> None:
    shown = bring(a_list(people), "../../etc/../lista.csv").headers["Location"]
    kept = list((data_dir / "uploads").iterdir())
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
    upload = RollUpload.objects.get()
    assert [path.name for path in kept] == [f"{upload.pk}-{upload.sha256}"]
    RollUpload.objects.update(uploaded_at=timezone.now() - dt.timedelta(hours=settings.UPLOADS_KEPT_HOURS + 1))
    assert "La lista caducó" in desk.get(shown).content.decode()
    assert not list((data_dir / "uploads").iterdir())
    assert "La lista caducó" in desk.post(f"{shown}cargar/", follow=True).content.decode()
    assert not Student.objects.exists()


def test_bytes_changed_on_disk_are_not_loaded(bring: Callable[..., Any], desk: Client, people: People, data_dir: Path) -> None:
    shown = bring(a_list(people)).headers["Location"]
    next((data_dir / "uploads").iterdir()).write_bytes(a_list(people))
    desk.post(f"{shown}cargar/")
    assert not Student.objects.exists()


def test_a_person_of_another_plantel_is_not_taken_over(
    bring: Callable[..., Any],
    desk: Client,
    people: People,
    make_student: Callable[..., Student],
    make_enrolment: Callable[..., Enrolment],
    other_plantel: Plantel,
) -> None:
    person = people.one()
    student = make_student(
        curp=person.curp, nombre=person.nombre, primer_apellido=person.primer_apellido, segundo_apellido=person.segundo_apellido,
        birth_date=person.birth_date, sex=person.sex, entity=person.entity, email="suyo@alumnos.example.mx",
    )  # fmt: skip
    make_enrolment(student=student, plantel=other_plantel)
    desk.post(f"{bring(as_csv([row(person, '26000001', nombre='OTRO', correo='ajeno@malo.example')])).headers['Location']}cargar/")
    student.refresh_from_db()
    assert (student.nombre, student.email) == (person.nombre, "suyo@alumnos.example.mx")
