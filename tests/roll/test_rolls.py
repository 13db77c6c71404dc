"""Every roll of tests/rolls does what its README line says, row by row."""

import csv

import pytest

from afiliacion.cases.models import Case, Event, WithoutCurp
from afiliacion.cases.states import State
from afiliacion.roll.findings import UnreadableFile
from students.models import Enrolment, Student
from tests.roll.conftest import ROLLS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("name", "new"), [("01", 300), ("02", 240), ("05", 90)])
def test_a_clean_list_makes_students_enrolments_and_cases_and_a_second_load_changes_nothing(bring_file, name, new):
    first = bring_file(name)
    assert (first.preview.counts.new, first.preview.errors, first.preview.warnings) == (new, [], [])
    assert Student.objects.count() == Enrolment.objects.count() == Case.objects.count() == new
    second = bring_file(name)
    assert (second.preview.counts.unchanged, second.done.nothing) == (new, True)
    assert Event.objects.count() == new


def test_a_student_with_nss_on_the_list_starts_with_it(bring_file):
    bring_file("01")
    with_nss = Student.objects.exclude(nss=None).count()
    assert with_nss > 0
    assert Case.objects.filter(state=State.NSS_OBTENIDO).count() == with_nss


def test_02_keeps_every_accent_and_ene(bring_file):
    bring_file("02")
    text = next(ROLLS.glob("02*")).read_text("cp1252")
    kept = Student.objects.values_list("nombre", "primer_apellido", "segundo_apellido")
    assert all(part in text for names in kept for part in names)
    assert any("Ñ" in names[1] for names in kept)
    assert str(Enrolment.objects.get(matricula="26001001").enrolled_on) == "2026-08-12"
    assert str(Student.objects.get(enrolments__matricula="26001001").birth_date) == "2003-04-16"


def test_03_refuses_the_nss_without_its_zero_and_says_which_it_may_be(bring_file):
    report = bring_file("03")
    assert (report.preview.counts.new, report.preview.counts.invalid) == (112, 8)
    for finding in report.preview.errors:
        assert finding.column == "nss"
        assert f"¿Será 0{finding.value}?" in finding.reason
    assert report.preview.notes == ["Títulos, totales o firmas, que no son alumnos y no se contaron: fila 127 «Total de alumnos: 120»."]
    assert not Student.objects.filter(nss__startswith="0").exists()
    assert Enrolment.objects.filter(matricula__regex=r"^26002\d{3}$").count() == 112


EXPECTED = list(csv.DictReader((ROLLS / "04-errores.esperado.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("expected", EXPECTED, ids=[line["linea"] for line in EXPECTED])
def test_04_row_by_row(bring_file, expected):
    preview = bring_file("04").preview
    line, said = int(expected["linea"]), expected["esperado"]
    errors = [finding for finding in preview.errors if finding.line == line]
    warnings = [finding for finding in preview.warnings if finding.line == line]
    assert bool(errors) is said.startswith("error")
    assert bool(warnings) is said.startswith("warning")
    what = said.removeprefix("error").strip(": ")
    if errors and what.partition(":")[0] in ("curp", "nss", "correo", "estatus", "fecha_inscripcion"):
        assert [finding.column for finding in errors] == [what.partition(":")[0]]
    noted = said.startswith("noted")
    assert WithoutCurp.objects.filter(matricula=expected["matricula"]).exists() is noted
    assert Enrolment.objects.filter(matricula=expected["matricula"]).exists() is not (bool(errors) or noted)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (4, "17"), (5, "QT"), (6, "070231"), (7, "otro alfabeto"), (10, "no es de nadie"), (11, "¿Será 03220434629?"), (12, "1.22E+10"),
        (13, "la fila 14"), (14, "la fila 13"), (17, "la fila 18"), (18, "la fila 17"), (26, "2026-2"), (34, "Licencia"),
    ],
)  # fmt: skip
def test_04_says_what_is_wrong(bring_file, line, says):
    assert [says in finding.reason for finding in bring_file("04").preview.errors if finding.line == line] == [True]


def test_04_keeps_what_is_odd_but_right(bring_file):
    bring_file("04")
    student = {
        matricula: Student.objects.get(enrolments__matricula=matricula) for matricula in ("26003007", "26003900", "26003026", "26003030")
    }
    assert student["26003007"].curp == "GESF060711MCSRNRA1"
    assert (student["26003900"].sex, student["26003900"].primer_apellido, student["26003900"].segundo_apellido) == ("X", "Ñáñez", "")
    assert student["26003026"].phone == "=1+1"
    assert student["26003030"].nombre == "María Guadalupe Fernanda Ximena de los Ángeles"
    assert Enrolment.objects.get(matricula="26003027").status == Enrolment.Status.LICENCIA


def test_04_a_baja_is_a_student_without_a_case(bring_file):
    bring_file("04")
    enrolment = Enrolment.objects.get(matricula="26003028")
    assert enrolment.status == Enrolment.Status.BAJA_DEFINITIVA
    assert not Case.objects.filter(student=enrolment.student).exists()
    assert Case.objects.filter(enrolment__matricula="26003027").exists()


def test_06_tells_new_changed_unchanged_and_missing(bring_file):
    bring_file("01")
    counts = bring_file("06").preview.counts
    assert (counts.new, counts.changed, counts.unchanged, counts.missing, counts.invalid) == (25, 26, 254, 20, 0)
    assert Enrolment.objects.count() == Case.objects.count() == 325


def test_06_does_nothing_to_the_missing(bring_file):
    bring_file("01")
    before = dict(Enrolment.objects.values_list("matricula", "status"))
    report = bring_file("06")
    assert len(report.preview.missing) == 20
    assert {absent.matricula for absent in report.preview.missing} <= before.keys()
    assert dict(Enrolment.objects.filter(matricula__in=before).values_list("matricula", "status")) == before
    assert {change.column for change in report.preview.changes} == {"grupo"}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("07", ["Nombre completo", "tres columnas", "Faltan columnas", "Fecha de inscripción para todos"]),
        ("08", ["ZIP"]),
        ("09", ["vacío"]),
        ("10", ["solo tiene encabezados"]),
    ],
)
def test_what_is_no_list_is_refused_whole(bring_file, name, says):
    with pytest.raises(UnreadableFile) as refusal:
        bring_file(name)
    assert all(words in str(refusal.value) for words in says)
    assert not Student.objects.exists()


def test_07_never_splits_a_name_even_with_a_date_given(bring_file, today):
    with pytest.raises(UnreadableFile, match="tres columnas") as refusal:
        bring_file("07", enrolled_on=today)
    assert "Fecha de inscripción" not in str(refusal.value)
