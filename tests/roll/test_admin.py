"""The list through the admin: upload, preview, confirm; and the registry, seen only by post and masked."""

import csv
import datetime as dt
import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from afiliacion.cases.models import Case, Event
from afiliacion.roll import load
from afiliacion.roll.holding import hold
from students.models import Enrolment, StaffPost, Student
from tests.roll.conftest import ROLLS, as_csv, row

pytestmark = pytest.mark.django_db

LIST = "/admin/students/enrolment/"
IMPORT = f"{LIST}import/"
CONFIRM = f"{LIST}process_import/"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path) -> None:
    settings.DATA_DIR = settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@pytest.fixture
def as_officer(client: Client, officer) -> Client:
    client.force_login(officer)
    return client


@pytest.fixture
def upload(as_officer, plantel, ciclo) -> Callable[..., Any]:
    def post(content: bytes, name: str = "lista.csv", **fields: Any) -> Any:
        file = SimpleUploadedFile(name, content)
        return as_officer.post(IMPORT, {"import_file": file, "plantel": plantel.pk, "ciclo": ciclo.pk, **fields})

    return post


def text(response) -> str:
    """What people read of a page, the words on its buttons included."""
    shown = re.sub(r'<input type="submit"[^>]* value="([^"]*)"[^>]*>', r"\1", response.content.decode())
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown)))


def token(response) -> str:
    return html.unescape(response.content.decode().split('name="token" value="')[1].split('"')[0])


def test_the_form_offers_only_the_planteles_of_the_officer(as_officer, plantel, other_plantel):
    page = text(as_officer.get(IMPORT))
    assert plantel.name in page
    assert other_plantel.name not in page


def test_a_preview_writes_and_sends_nothing(upload, smtp_sink):
    page = text(upload((ROLLS / "04-errores.csv").read_bytes(), "04-errores.csv"))
    assert "Nuevos 15" in page
    assert "fila 22, Correo electrónico «juan arroba correo.mx»: No es una dirección de correo" in page
    assert "Cargar 15 filas buenas" in page
    assert not Student.objects.exists()
    assert not Event.objects.exists()
    assert smtp_sink.messages == []


def test_confirming_loads_the_good_rows_and_says_who(upload, as_officer, officer):
    preview = upload((ROLLS / "04-errores.csv").read_bytes(), "04-errores.csv")
    done = as_officer.post(CONFIRM, {"token": token(preview)}, follow=True)
    assert "Expedientes abiertos: 14" in text(done)
    assert Enrolment.objects.count() == 15
    event = Event.objects.first()
    assert event is not None
    assert (event.actor_kind, event.actor_name, event.actor_id) == (Event.ActorKind.IMPORT, "oficial · 04-errores.csv", officer.pk)
    assert "Carga de 04-errores.csv" in LogEntry.objects.get().change_message


def test_confirming_twice_loads_once(upload, as_officer, people):
    said = token(upload(as_csv([row(people.one(), "1")])))
    as_officer.post(CONFIRM, {"token": said})
    second = as_officer.post(CONFIRM, {"token": said}, follow=True)
    assert "ya se cargó o caducó" in text(second)
    assert Event.objects.count() == 1


def test_a_file_refused_is_said_beside_its_field(upload):
    page = text(upload((ROLLS / "08-no-es-csv.csv").read_bytes(), "08-no-es-csv.csv"))
    assert "ZIP" in page
    assert "Ver qué haría" in page


def test_a_list_that_brings_nothing_new_has_no_button(upload, bring, person_row):
    bring([person_row])
    page = text(upload(as_csv([person_row])))
    assert "La lista no trae nada nuevo." in page
    assert "filas buenas" not in page


@pytest.fixture
def person_row(people):
    return row(people.one(), "1", telefono="+52 33 1234 5678")


def test_the_bad_rows_can_be_taken_home(upload, as_officer):
    preview = upload((ROLLS / "03-excel.xlsx").read_bytes(), "03-excel.xlsx")
    answer = as_officer.post(f"{IMPORT}errores/", {"token": token(preview)})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 8
    assert all("¿Será 0" in r["motivo"] for r in rows)


class TestWhoMay:
    def test_another_plantel_cannot_be_chosen_by_hand(self, upload, other_plantel, people):
        page = upload(as_csv([row(people.one(), "1")]), plantel=other_plantel.pk)
        assert 'name="token"' not in page.content.decode()

    def test_a_post_taken_away_since_the_preview_counts(self, upload, as_officer, people):
        said = token(upload(as_csv([row(people.one(), "1")])))
        StaffPost.objects.all().delete()
        assert as_officer.post(CONFIRM, {"token": said}).status_code == 403
        assert not Student.objects.exists()

    def test_a_preview_of_somebody_else_cannot_be_confirmed(self, upload, coordinator, people):
        said = token(upload(as_csv([row(people.one(), "1")])))
        other = Client()
        other.force_login(coordinator)
        assert other.post(CONFIRM, {"token": said}).status_code == 403

    def test_a_token_made_by_hand_is_refused(self, as_officer):
        assert "caducó" in text(as_officer.post(CONFIRM, {"token": "x:y:z"}, follow=True))

    @pytest.mark.parametrize("superuser", [False, True])
    def test_without_a_post_nobody_imports_or_sees(self, client, superuser, make_enrolment):
        make_enrolment()
        user = get_user_model().objects.create_user("sin-puesto", is_staff=True, is_superuser=superuser)
        client.force_login(user)
        for address in (LIST, IMPORT, f"{LIST}export/", "/admin/students/student/"):
            assert client.get(address).status_code == 403

    def test_nobody_reaches_it_without_logging_in(self, client):
        assert client.get(IMPORT).status_code == 302


class TestLists:
    def test_curp_and_nss_are_masked_in_lists_and_pages(self, as_officer, make_enrolment, make_student, people):
        student = make_student(nss=people.one().nss)
        enrolment = make_enrolment(student=student)
        for address in (LIST, f"{LIST}{enrolment.pk}/change/", "/admin/students/student/", f"/admin/students/student/{student.pk}/change/"):
            page = as_officer.get(address).content.decode()
            assert student.curp not in page
            assert student.nss not in page
            assert student.curp[:4] in page

    def test_only_the_officers_planteles(self, as_officer, make_enrolment, other_plantel):
        theirs, other = make_enrolment(matricula="propia"), make_enrolment(matricula="ajena", plantel=other_plantel)
        page = text(as_officer.get(LIST))
        assert "propia" in page
        assert "ajena" not in page
        assert as_officer.get(f"{LIST}{theirs.pk}/change/").status_code == 200
        assert as_officer.get(f"{LIST}{other.pk}/change/").status_code == 302
        assert as_officer.get(f"/admin/students/student/{other.student_id}/change/").status_code == 302

    def test_nothing_is_added_changed_or_deleted_there(self, as_officer, make_enrolment):
        enrolment = make_enrolment()
        assert as_officer.get(f"{LIST}add/").status_code == 403
        assert as_officer.post(f"{LIST}{enrolment.pk}/change/", {"matricula": "x"}).status_code == 403
        assert as_officer.post(f"{LIST}{enrolment.pk}/delete/", {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("search", ["nunez", "ÑÁÑEZ", "26009"])
    def test_a_search_by_name_or_matricula(self, as_officer, make_enrolment, make_student, search):
        make_enrolment(student=make_student(primer_apellido="Núñez", segundo_apellido="Ñáñez"), matricula="26009123")
        make_enrolment(student=make_student(primer_apellido="Pech", segundo_apellido="Uc"), matricula="26001123")
        page = text(as_officer.get(LIST, {"q": search}))
        assert "26009123" in page
        assert "26001123" not in page

    def test_posts_are_the_maintainers_to_give(self, as_officer, admin_client):
        assert as_officer.get("/admin/students/staffpost/").status_code == 403
        assert admin_client.get("/admin/students/staffpost/add/").status_code == 200
        assert admin_client.get("/admin/students/plantel/").status_code == 200


class TestExport:
    def formulas(self, people):
        return row(people.one(), "=cmd|' /C calc'!A0", telefono="+52 33 1234 5678", grupo="-5", correo="a1@alumnos.example.mx")

    def export(self, client: Client, number: int) -> bytes:
        return client.post(f"{LIST}export/", {"format": str(number), "resource": "0"}).content

    def test_no_cell_of_a_csv_runs_and_the_file_loads_back_unchanged(self, as_officer, bring, people):
        bring([self.formulas(people), row(people.one(), "2", estatus="licencia")])
        content = self.export(as_officer, 0)
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert len(rows) == 3
        assert not [cell for cells in rows for cell in cells if cell.startswith(("=", "+", "-", "@"))]
        assert bring(content).done.nothing
        assert bring(content).preview.counts.unchanged == 2

    def test_no_cell_of_a_workbook_is_a_formula_and_it_loads_back_unchanged(self, as_officer, bring, people):
        bring([self.formulas(people)])
        content = self.export(as_officer, 1)
        sheet = load_workbook(io.BytesIO(content)).active
        assert "f" not in {cell.data_type for cells in sheet.iter_rows() for cell in cells}
        assert bring(content, "lista.xlsx").preview.counts.unchanged == 1

    def test_only_theirs_leaves_and_who_took_it_is_written_down(self, as_officer, officer, make_enrolment, other_plantel):
        make_enrolment(matricula="propia")
        make_enrolment(matricula="ajena", plantel=other_plantel)
        content = self.export(as_officer, 0).decode("utf-8-sig")
        assert "propia" in content
        assert "ajena" not in content
        entry = LogEntry.objects.get()
        assert (entry.user_id, entry.change_message) == (officer.pk, "Exportó 1 inscripciones con CURP y NSS.")


def test_a_list_nobody_confirms_is_deleted_after_a_day(settings, tmp_path, now):
    old = hold(b"x", now=now)
    later = dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=settings.UPLOADS_KEPT_HOURS + 1)
    hold(b"y", now=later)
    assert not (tmp_path / "rolls" / old).exists()


def test_a_coordinator_changes_what_an_officer_of_one_plantel_may_not(client, coordinator, plantel, other_plantel, ciclo, bring, people):
    """S4 through the screen: whose planteles are whose comes from the posts."""
    person = people.one()
    bring([row(person, "900")], plantel=other_plantel)
    client.force_login(coordinator)
    file = SimpleUploadedFile("lista.csv", as_csv([row(person, "1", telefono="5500000000")]))
    preview = client.post(IMPORT, {"import_file": file, "plantel": plantel.pk, "ciclo": ciclo.pk})
    client.post(CONFIRM, {"token": token(preview)})
    assert Student.objects.get().phone == "5500000000"
    assert Case.objects.count() == 2


def test_the_resource_is_what_django_import_export_knows(where, person_row):
    """Its own vocabulary works: a dataset in, a Result with totals and invalid rows out, a dry run that writes nothing."""
    from tablib import Dataset  # noqa: PLC0415

    from afiliacion.roll.resource import RollResource  # noqa: PLC0415
    from afiliacion.roll.staging import Target  # noqa: PLC0415

    dataset = Dataset(list(person_row.values()), list({**person_row, "curp": "X"}.values()), headers=list(person_row))
    result = RollResource(Target(**where)).import_data(dataset, dry_run=True)
    assert (result.totals["new"], result.totals["invalid"], result.has_errors(), result.has_validation_errors()) == (0, 2, False, True)
    assert set(result.invalid_rows[1].field_specific_errors) == {"curp", "matricula"}
    assert not Student.objects.exists()
    refused = RollResource(Target(**where)).import_data(Dataset(["1"], headers=["matricula"]), dry_run=True)
    assert refused.has_errors()


def test_importer_names_who(officer):
    assert load.importer("lista.csv", officer.username, officer.pk).name == "oficial · lista.csv"
