"""Bringing a list: what it would do, doing it once, and what stays on disk."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from afiliacion.cases.models import Case
from afiliacion.operations.simulation.invented_people import People
from afiliacion.roll import retention
from afiliacion.roll.models import File, Finding, Import, ImportState, Row
from students.models import Ciclo, Enrolment, Plantel, Student
from tests.dashboard.lists import a_list, a_worker_looks, as_csv, row


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
        desk.post(f"{shown}cargar/")
        a_worker_looks()
        text = desk.get(shown).content.decode()
        assert "<strong>3</strong>expedientes abiertos" in text
        assert "<strong>1</strong>con error, sin cargar" in text
    assert Case.objects.count() == 3
    opened = Case.objects.earliest("pk").events.get()
    assert (opened.actor_kind, opened.actor_id, opened.actor_name) == ("import", officer.pk, "Begoña Ñáñez · lista.csv")
    assert "lista.csv" in desk.get("/listas/").content.decode()


def test_s28_of_two_windows_with_the_same_preview_one_loads_it_and_the_other_is_told(
    bring: Callable[..., Any], desk: Client, people: People, coordinator: Any, enter: Callable[..., Client]
) -> None:
    shown = bring(a_list(people, good=3)).headers["Location"]
    other = enter(coordinator)
    assert all("Cargar las 3 filas buenas" in window.get(shown).content.decode() for window in (desk, other))
    desk.post(f"{shown}cargar/")
    other.post(f"{shown}cargar/")
    assert "Ya no había qué confirmar: está «Confirmada: espera su turno» por Begoña Ñáñez." in other.get(shown).content.decode()
    a_worker_looks()
    assert (Case.objects.count(), Import.objects.get().confirmed_name) == (3, "Begoña Ñáñez")


def test_while_a_worker_is_at_it_the_page_says_how_far_and_then_turns_itself(
    send: Callable[..., Any], desk: Client, people: People
) -> None:
    shown = send(a_list(people)).headers["Location"]
    assert "Recibida" in desk.get(shown).content.decode()
    Import.objects.update(state=ImportState.CHECKING, progress=0, total=500)
    assert "«lista.csv» se está revisando: 500 filas leídas." in desk.get("/").content.decode()
    assert "0 de 500" not in desk.get("/trabajos/").content.decode()
    assert "500 filas leídas hasta ahora" in desk.get(f"{shown}avance/", headers={"HX-Request": "true"}).content.decode()
    Import.objects.update(progress=3000, total=12000)
    moving = desk.get(f"{shown}avance/", headers={"HX-Request": "true"}).content.decode()
    assert "3,000 de 12,000 filas (25 %)" in moving
    assert 'value="3000" max="12000"' in moving
    a_worker_looks()
    assert desk.get(f"{shown}avance/", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_cancelled_before_it_is_loaded_it_changes_nothing_and_can_be_tried_again(
    bring: Callable[..., Any], desk: Client, people: People
) -> None:
    shown = bring(a_list(people)).headers["Location"]
    desk.post(f"{shown}cancelar/")
    assert "No se cambió nada." in desk.get(shown).content.decode()
    desk.post(f"{shown}cargar/")
    a_worker_looks()
    assert not Student.objects.exists()
    desk.post(f"{shown}reintentar/")
    a_worker_looks()
    assert "Cargar las 2 filas buenas" in desk.get(shown).content.decode()


def test_f20_the_same_list_by_a_colleague_is_the_same_import(
    send: Callable[..., Any], people: People, coordinator: Any, enter: Callable[..., Client]
) -> None:
    content = a_list(people)
    first = send(content).headers["Location"]
    other = enter(coordinator)
    assert send(content, browser=other).headers["Location"] == first
    assert "ya la trajo Begoña Ñáñez" in other.get(first).content.decode()
    assert Import.objects.count() == 1


def test_row_by_row_it_says_what_became_of_each(load_it: Callable[..., str], desk: Client, people: People) -> None:
    shown = load_it(a_list(people, good=1))
    text = desk.get(f"{shown}filas/").content.decode()
    assert '<td data-label="Cargada">Sí</td>' in text
    assert '<td data-label="Cargada">No</td>' in text
    assert "26009999" not in desk.get(f"{shown}filas/?clase=new").content.decode()
    assert "Ninguna." in desk.get(f"{shown}filas/?desde=9999").content.decode()


def test_a_job_that_failed_says_why_and_can_be_tried_again(bring: Callable[..., Any], desk: Client, people: People) -> None:
    shown = bring(a_list(people)).headers["Location"]
    Import.objects.update(state=ImportState.FAILED, error="Un error interno la detuvo (X).")
    assert "Un error interno la detuvo (X)." in desk.get(shown).content.decode()
    assert "Un error interno la detuvo (X)." in desk.get("/listas/").content.decode()
    desk.post(f"{shown}reintentar/")
    a_worker_looks()
    assert Import.objects.get().state == ImportState.CHECKED


def test_the_same_list_again_has_nothing_to_load(
    bring: Callable[..., Any], load_it: Callable[..., str], desk: Client, people: People
) -> None:
    content = as_csv([row(people.one(), "26000001")])
    load_it(content)
    assert "No hay nada que cargar" in desk.get(bring(content).headers["Location"]).content.decode()


@pytest.mark.parametrize(
    ("name", "content"), [("lista.pdf", b"%PDF-1.7"), ("lista.csv", b"hola"), ("lista.xlsx", b"no es un libro"), ("lista", b"a,b")]
)
def test_what_is_no_list_is_refused_whole_and_said_why(
    bring: Callable[..., Any], desk: Client, plantel: Plantel, ciclo: Ciclo, name: str, content: bytes
) -> None:
    shown = bring(content, name).headers["Location"]
    text = desk.get(shown).content.decode()
    assert "No se cambió nada." in text
    assert 'role="alert"' in text
    assert "Reintentar</button>" not in text
    assert "Traer otro archivo" in text
    assert f"/listas/?plantel={plantel.pk}&amp;ciclo={ciclo.pk}" in text
    assert "No hay qué reintentar: está «Rechazada»." in desk.post(f"{shown}reintentar/", follow=True).content.decode()
    assert "Rechazada" in desk.get("/listas/").content.decode()
    assert "Intentar de nuevo" not in desk.get("/trabajos/").content.decode()


def test_in_place_of_a_refused_file_another_is_asked_for_the_same_plantel_and_ciclo(
    desk: Client, other_plantel: Plantel, plantel: Plantel, ciclo: Ciclo, coordinator: Any, enter: Callable[..., Client]
) -> None:
    asked = enter(coordinator).get(f"/listas/?plantel={other_plantel.pk}&ciclo={ciclo.pk}&enrolled_on=2026-08-06").content.decode()
    assert f'<option value="{other_plantel.pk}" selected>' in asked
    assert 'value="2026-08-06"' in asked
    assert other_plantel.name not in desk.get(f"/listas/?plantel={other_plantel.pk}").content.decode()


def test_what_a_list_brought_is_not_taken_back_while_another_is_written(
    load_it: Callable[..., str], bring: Callable[..., Any], desk: Client, people: People
) -> None:
    shown = load_it(a_list(people))
    other = bring(a_list(people), "otra.csv").headers["Location"]
    desk.post(f"{other}cargar/")
    Import.objects.filter(filename="otra.csv").update(state=ImportState.RUNNING)
    told = desk.post(f"{shown}deshacer/", follow=True).content.decode()
    assert "«otra.csv», del mismo plantel y ciclo, está «Cargándose»" in told
    a_worker_looks()
    desk.post(f"{shown}deshacer/")
    a_worker_looks()
    assert Import.objects.get(filename="lista.csv").state == ImportState.UNDONE


def test_of_two_lists_with_the_same_student_the_later_is_taken_back_first(
    load_it: Callable[..., str], desk: Client, people: People
) -> None:
    one = row(people.one(), "26000001")
    first, second = load_it(as_csv([one])), load_it(as_csv([one, row(people.one(), "26000002")]), "luego.csv")
    answer = desk.post(f"{first}deshacer/")
    assert (answer.status_code, Import.objects.earliest("pk").state) == (409, ImportState.DONE)
    assert f'<a href="{second}">Deshaga primero esa</a>' in answer.content.decode()


def test_what_is_half_taken_back_is_not_loaded_again_by_a_retry(load_it: Callable[..., str], desk: Client, people: People) -> None:
    shown = load_it(a_list(people))
    Import.objects.update(state=ImportState.FAILED, undone_name="Begoña Ñáñez", error="Alguien avanzó.")
    assert "Continuar donde se quedó" not in desk.get(shown).content.decode()
    assert "No hay qué reintentar" in desk.post(f"{shown}reintentar/", follow=True).content.decode()
    desk.post(f"{shown}deshacer/")
    a_worker_looks()
    assert Import.objects.get().state == ImportState.UNDONE


def test_a_list_cannot_be_brought_for_another_plantel(bring: Callable[..., Any], people: People, other_plantel: Plantel) -> None:
    assert bring(a_list(people), plantel=other_plantel.pk).status_code == 422
    assert not Import.objects.exists()


def test_a_list_brought_before_the_post_was_taken_away_is_gone(
    bring: Callable[..., Any], desk: Client, people: People, officer: Any, other_plantel: Plantel
) -> None:
    shown = bring(a_list(people)).headers["Location"]
    officer.posts.update(plantel=other_plantel)
    assert desk.get(shown).status_code == 404
    assert desk.post(f"{shown}cargar/").status_code == 404
    assert not Student.objects.exists()


def test_another_planteles_officer_sees_nothing_of_it(
    bring: Callable[..., Any], people: People, foreign_officer: Any, enter: Callable[..., Client]
) -> None:
    shown = bring(a_list(people), "nuestra.csv").headers["Location"]
    stranger = enter(foreign_officer)
    assert "nuestra.csv" not in stranger.get("/listas/").content.decode()
    assert {stranger.get(f"{shown}{page}").status_code for page in ("", "avance/", "filas/", "errores.csv")} == {404}


def test_its_data_do_not_outlive_their_purpose(
    bring: Callable[..., Any], load_it: Callable[..., str], desk: Client, people: People, settings: Any
) -> None:
    waits, loaded = bring(a_list(people)).headers["Location"], load_it(a_list(people, good=3))
    now = timezone.now()
    assert retention.forget(now) == 0
    assert retention.forget(now + dt.timedelta(hours=settings.UPLOADS_KEPT_HOURS + 1)) == 1
    assert "Nadie la confirmó a tiempo" in desk.get(waits).content.decode()
    assert File.objects.count() == 1
    assert retention.forget(now + dt.timedelta(days=settings.ROLL_KEPT_DAYS + 1)) == 1
    assert (File.objects.count(), Row.objects.count(), Finding.objects.count()) == (0, 0, 0)
    assert "<strong>3</strong>expedientes abiertos" in desk.get(loaded).content.decode()
    assert "ya se borró" in desk.get(f"{loaded}errores.csv", follow=True).content.decode()


def test_a_person_of_another_plantel_is_not_taken_over(
    load_it: Callable[..., str],
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
    load_it(as_csv([row(person, "26000001", nombre="OTRO", correo="ajeno@malo.example")]))
    student.refresh_from_db()
    assert (student.nombre, student.email) == (person.nombre, "suyo@alumnos.example.mx")


ODD = "Clave escolar,Identificador nacional,Pila,Paterno,Materno,Ingreso,CURP de la madre,Nombre"


def an_odd_list(people: People, number: int = 0) -> bytes:
    """Headings the office cannot know; the one it would take for the CURP is another person's."""
    person, mother = people.one(), people.one()
    cells = [f"26{number:06d}", person.curp, person.nombre, person.primer_apellido, person.segundo_apellido, "2026-08-06", mother.curp, "x"]
    return f"{ODD}\n{','.join(cells)}\n".encode()


SAID = {"matricula": 0, "curp": 1, "nombre": 2, "primer_apellido": 3, "segundo_apellido": 4, "fecha_inscripcion": 5}


def test_an_officer_says_which_column_is_which_and_the_next_list_is_read_so(
    bring: Callable[..., Any], desk: Client, people: People
) -> None:
    shown = bring(an_odd_list(people)).headers["Location"]
    refused = desk.get(shown).content.decode()
    assert "Faltan columnas" in refused
    assert "deshágala" not in refused
    assert f"{shown}columnas/" in refused
    asked = desk.get(f"{shown}columnas/").content.decode()
    assert "Clave escolar — 26000000" in asked
    assert desk.post(f"{shown}columnas/", {**SAID, "curp": 0}).status_code == 422
    desk.post(f"{shown}columnas/", SAID)
    a_worker_looks()
    assert "Cargar la fila buena" in desk.get(shown).content.decode()
    again = bring(an_odd_list(people, 1)).headers["Location"]
    assert "Cargar la fila buena" in desk.get(again).content.decode()
    assert not Student.objects.exists()


def test_once_confirmed_a_list_is_not_read_otherwise(load_it: Callable[..., str], desk: Client, people: People) -> None:
    address = load_it(a_list(people))
    desk.post(f"{address}columnas/", SAID)
    a_worker_looks()
    assert Import.objects.get().state in (ImportState.DONE, ImportState.DONE_WITH_ERRORS)


def test_the_rows_with_errors_come_back_as_they_came_with_the_reason_and_go_in_when_mended(
    bring: Callable[..., Any], desk: Client, people: People
) -> None:
    person = people.one()
    bad = row(person, "26000001", curp=person.curp[:-1], grupo="=1+1")
    shown = bring(as_csv([bad, row(people.one(), "26000002")])).headers["Location"]
    body = b"".join(desk.get(f"{shown}errores.csv")).decode("utf-8-sig")
    back = list(csv.reader(io.StringIO(body)))
    assert back[0][-1] == "motivo"
    assert len(back) == 2
    assert "17" in back[1][-1]
    assert "'=1+1" in back[1]
    mended = body.replace(person.curp[:-1], person.curp).encode("utf-8-sig")
    assert "Cargar la fila buena" in desk.get(bring(mended, "corregida.csv").headers["Location"]).content.decode()
    book = load_workbook(io.BytesIO(b"".join(desk.get(f"{shown}errores.csv?como=xlsx")))).active
    assert [cell.value or "" for cell in book[2]] == back[1]


def test_mended_rows_are_not_asked_for_the_others_and_their_old_reasons_give_way(
    bring: Callable[..., Any], load_it: Callable[..., str], desk: Client, people: People
) -> None:
    load_it(as_csv([row(people.one(), f"26{n:06d}") for n in range(3)]))
    head, bad = as_csv([row(people.one(), "26000009", curp="NO")]).decode().splitlines()
    shown = bring(f"{head},Motivo\n{bad},Fila 7. De antes.,de sobra\n".encode(), "corregida.csv").headers["Location"]
    text = desk.get(shown).content.decode()
    assert "filas corregidas de una lista anterior" in text
    assert "que la lista no trae" not in text
    again, back = csv.reader(io.StringIO(b"".join(desk.get(f"{shown}errores.csv")).decode("utf-8-sig")))
    assert again == [*head.split(","), "motivo"]
    assert (back[:-2], back[-1]) == (bad.split(","), "de sobra")
    assert ("De antes" in back[-2], "más celdas que encabezados" in back[-2]) == (False, True)


def test_rows_that_are_warned_of_and_those_the_list_lacks_are_all_to_be_seen(
    bring: Callable[..., Any], load_it: Callable[..., str], desk: Client, people: People
) -> None:
    load_it(as_csv([row(people.one(), f"26{n:06d}") for n in range(52)]))
    shown = bring(as_csv([row(people.one(), "26000100", correo=""), row(people.one(), "26000101")])).headers["Location"]
    assert f"{shown}filas/?clase=missing" in desk.get(shown).content.decode()
    warned = desk.get(f"{shown}filas/?clase=warned").content.decode()
    assert ("26000100" in warned, "26000101" in warned) == (True, False)
    assert "Cargada</th>" not in warned
    assert "No vienen en la lista (52)" in warned
    first = desk.get(f"{shown}filas/?clase=missing").content.decode()
    second = desk.get(f"{shown}filas/?clase=missing&desde=50").content.decode()
    assert sorted(part[:8] for page in (first, second) for part in page.split('class="code">')[1:]) == [f"26{n:06d}" for n in range(52)]
    assert "desde=50" in first
    assert "Siguientes" not in second


def test_lists_older_than_the_latest_are_leafed_to(desk: Client, plantel: Plantel, ciclo: Ciclo) -> None:
    for number in range(21):
        Import.objects.create(
            plantel=plantel, ciclo=ciclo, filename=f"lista-{number:02}.csv", sha256=f"{number:064}", state=ImportState.DONE,
            uploaded_at=timezone.now(),
        )  # fmt: skip
    newest = desk.get("/listas/").content.decode()
    assert ("lista-20.csv" in newest, "lista-00.csv" in newest) == (True, False)
    older = desk.get("/listas/?antes=" + newest.partition("?antes=")[2].partition('"')[0]).content.decode()
    assert ("lista-01.csv" in older, "lista-00.csv" in older, "Anteriores" in older) == (False, True, False)


def test_an_undo_says_how_far_it_is(load_it: Callable[..., str], desk: Client, people: People) -> None:
    shown = load_it(a_list(people, good=3))
    desk.post(f"{shown}deshacer/")
    assert "0 de 3 filas (0 %)" in desk.get(shown).content.decode()
    a_worker_looks()
    assert (Import.objects.get().progress, Import.objects.get().state) == (3, ImportState.UNDONE)


def test_far_fewer_students_than_the_term_before_is_asked_about(
    bring: Callable[..., Any], desk: Client, people: People, plantel: Plantel, ciclo: Ciclo
) -> None:
    before = Ciclo.objects.create(
        clave="2026-1", starts_on=ciclo.starts_on - dt.timedelta(days=180), ends_on=ciclo.starts_on - dt.timedelta(days=1)
    )
    for number in range(4):
        person = people.one()
        student = Student.objects.create(
            curp=person.curp, nombre=person.nombre, primer_apellido=person.primer_apellido, birth_date=person.birth_date
        )
        Enrolment.objects.create(student=student, plantel=plantel, ciclo=before, matricula=str(number), enrolled_on=before.starts_on)
    asked = "¿es la lista completa?"
    assert asked in desk.get(bring(a_list(people, good=2)).headers["Location"]).content.decode()
    assert asked not in desk.get(bring(a_list(people, good=3)).headers["Location"]).content.decode()
