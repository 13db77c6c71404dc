"""The list through the admin: upload, preview, confirm; and the registry, seen only by post and masked."""

import csv
import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from afiliacion import exports
from afiliacion.cases.models import Case
from afiliacion.dashboard.models import ListExport
from afiliacion.roll.models import Import, ImportState
from students.models import Student
from tests.roll.conftest import ROLLS, as_csv, row

pytestmark = pytest.mark.django_db

LIST = "/admin/students/enrolment/"
IMPORT = f"{LIST}import/"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path) -> None:
    settings.DATA_DIR = settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@pytest.fixture
def as_officer(client: Client, officer) -> Client:
    client.force_login(officer)
    return client


@pytest.fixture
def as_coordinator(client: Client, coordinator) -> Client:
    client.force_login(coordinator)
    return client


@pytest.fixture
def upload(as_officer, plantel, ciclo) -> Callable[..., Any]:
    def post(content: bytes, name: str = "lista.csv", **fields: Any) -> Any:
        file = SimpleUploadedFile(name, content)
        return as_officer.post(IMPORT, {"import_file": file, "plantel": plantel.pk, "ciclo": ciclo.pk, **fields})

    return post


def text(response) -> str:
    """What people read of a page."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_the_form_offers_only_the_planteles_of_the_officer(as_officer, plantel, other_plantel):
    page = text(as_officer.get(IMPORT))
    assert plantel.name in page
    assert other_plantel.name not in page


def test_a_list_brought_here_is_an_import_like_any_other(upload, officer):
    answer = upload((ROLLS / "04-errores.csv").read_bytes(), "04-errores.csv")
    job = Import.objects.get()
    assert answer.headers["Location"] == reverse("upload", args=[job.pk])
    assert (job.state, job.owner, job.filename, job.own) == (ImportState.UPLOADED, officer, "04-errores.csv", [job.plantel_id])
    assert not Student.objects.exists()


def test_the_same_list_twice_is_the_same_import(upload, people):
    content = as_csv([row(people.one(), "1")])
    assert upload(content).headers["Location"] == upload(content, "otra.csv").headers["Location"]
    assert Import.objects.count() == 1


def test_confirming_in_the_librarys_way_does_nothing(as_officer):
    assert as_officer.post(f"{LIST}process_import/").headers["Location"] == IMPORT


@pytest.fixture
def person_row(people):
    return row(people.one(), "1", telefono="+52 33 1234 5678")


class TestWhoMay:
    def test_another_plantel_cannot_be_chosen_by_hand(self, upload, other_plantel, people):
        assert upload(as_csv([row(people.one(), "1")]), plantel=other_plantel.pk).status_code == 200
        assert not Import.objects.exists()

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

    def test_posts_are_given_in_the_settings_not_here(self, as_officer, admin_client):
        assert as_officer.get("/admin/students/staffpost/").status_code == 404
        assert admin_client.get("/admin/students/staffpost/add/").status_code == 404
        assert admin_client.get("/admin/students/plantel/").status_code == 200


class TestExport:
    def formulas(self, people):
        return row(people.one(), "=cmd|' /C calc'!A0", telefono="+52 33 1234 5678", grupo="-5", correo="a1@alumnos.example.mx")

    def export(self, client: Client, number: int) -> bytes:
        return b"".join(client.post(f"{LIST}export/", {"format": str(number), "resource": "0"}))

    def test_no_cell_of_a_csv_runs_and_the_file_loads_back_unchanged(self, as_coordinator, bring, people):
        bring([self.formulas(people), row(people.one(), "2", estatus="licencia")])
        content = self.export(as_coordinator, 0)
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert len(rows) == 3
        assert not [cell for cells in rows for cell in cells if cell.startswith(("=", "+", "-", "@"))]
        assert bring(content).done.nothing
        assert bring(content).preview.counts.unchanged == 2

    def test_no_cell_of_a_workbook_is_a_formula_and_it_loads_back_unchanged(self, as_coordinator, bring, people):
        bring([self.formulas(people)])
        content = self.export(as_coordinator, 1)
        sheet = load_workbook(io.BytesIO(content)).active
        assert "f" not in {cell.data_type for cells in sheet.iter_rows() for cell in cells}
        assert bring(content, "lista.xlsx").preview.counts.unchanged == 1

    def test_more_than_a_workbook_holds_goes_out_as_csv(self, as_coordinator, make_enrolment, monkeypatch):
        monkeypatch.setattr(exports, "WORKBOOK", 1)
        for matricula in ("una", "otra"):
            make_enrolment(matricula=matricula)
        answer = as_coordinator.post(f"{LIST}export/", {"format": "1", "resource": "0"})
        assert answer.status_code == 302
        assert ["elija CSV" in str(told) for told in get_messages(answer.wsgi_request)] == [True]
        assert not ListExport.objects.exists()
        assert b"otra" in self.export(as_coordinator, 0)

    def test_h7_an_officer_takes_no_numbers_out_here(self, as_officer, make_enrolment):
        make_enrolment(matricula="propia")
        assert as_officer.get(f"{LIST}export/").status_code == 403
        assert as_officer.post(f"{LIST}export/", {"format": "0", "resource": "0"}).status_code == 403
        assert "/export/" not in as_officer.get(LIST).content.decode()
        assert not ListExport.objects.exists()

    def test_h7_what_leaves_is_recorded_where_it_cannot_be_deleted(self, as_coordinator, coordinator, make_enrolment):
        make_enrolment(matricula="propia")
        assert "propia" in self.export(as_coordinator, 0).decode("utf-8-sig")
        kept = ListExport.objects.get()
        assert (kept.user, kept.what, kept.query) == (coordinator, "admin: CURP y NSS completos", "1 inscripciones")
        with pytest.raises(DatabaseError), transaction.atomic():
            kept.delete()


def test_a_coordinator_changes_what_an_officer_of_one_plantel_may_not(bring, other_plantel, people):
    """S4: whose planteles are whose comes from the posts."""
    person = people.one()
    bring([row(person, "900")], plantel=other_plantel)
    bring([row(person, "1", telefono="5500000000")], own=None)
    assert Student.objects.get().phone == "5500000000"
    assert Case.objects.count() == 2


def test_the_resource_is_what_django_import_export_knows(where, person_row, today, now):
    """Its own vocabulary works: a dataset in, a Result with totals and invalid rows out, a dry run that writes nothing."""
    from tablib import Dataset  # noqa: PLC0415

    from afiliacion.roll.check.target import Target  # noqa: PLC0415
    from afiliacion.roll.resource import RollResource  # noqa: PLC0415

    dataset = Dataset(list(person_row.values()), list({**person_row, "curp": "X"}.values()), headers=list(person_row))
    result = RollResource(Target(**where, today=today)).import_data(dataset, dry_run=True)
    assert (result.totals["new"], result.totals["invalid"], result.has_errors(), result.has_validation_errors()) == (0, 2, False, True)
    assert set(result.invalid_rows[1].field_specific_errors) == {"curp", "matricula"}
    assert not Student.objects.exists()
    refused = RollResource(Target(**where, today=today)).import_data(Dataset(["1"], headers=["matricula"]), dry_run=True)
    assert refused.has_errors()
    done = RollResource(Target(**where, today=today), now=now).import_data(Dataset(list(person_row.values()), headers=list(person_row)))
    assert (done.totals["new"], done.done.opened, Case.objects.count()) == (1, 1, 1)
