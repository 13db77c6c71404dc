import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from students.models import Enrolment, Student
from tests.roll.conftest import ROLLS, as_csv, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def import_roll(plantel, ciclo):
    def call(path: Path | str, *options: str) -> str:
        out = io.StringIO()
        call_command("import_roll", str(path), "--plantel", plantel.clave, "--ciclo", ciclo.clave, *options, stdout=out)
        return out.getvalue()

    return call


def test_it_says_what_it_will_do_and_what_it_did(import_roll):
    said = import_roll(ROLLS / "03-excel.xlsx")
    assert "hoja «Inscritos»; encabezados en la fila 3" in said
    assert "Nuevos: 112" in said
    assert said.count("¿Será 0") == 8
    assert "Títulos, totales o firmas, que no son alumnos y no se contaron: fila 127 «Total de alumnos: 120»." in said
    assert "Expedientes abiertos: 112" in said
    assert "Sin cambios: todo lo de la lista ya estaba registrado." in import_roll(ROLLS / "03-excel.xlsx")


def test_every_bad_row_is_listed_with_its_column_and_reason(import_roll):
    said = import_roll(ROLLS / "04-errores.csv")
    for line in (3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 17, 18, 22, 25, 26, 34):
        assert f"  fila {line}, " in said
    assert "Sin CURP: 1; quedan anotados." in said
    assert "fila 22, Correo electrónico «juan arroba correo.mx»:" in said


def test_a_dry_run_writes_nothing(import_roll):
    assert "Nada se escribió (--dry-run)." in import_roll(ROLLS / "01-limpio-utf8.csv", "--dry-run")
    assert not Student.objects.exists()


def test_the_error_file_is_the_list_to_mend_and_load_again(import_roll, tmp_path, people):
    bad = row(people.one(), "1", correo="juan", telefono="+52 33", grupo="=1+1")
    source, errors = tmp_path / "lista.csv", tmp_path / "malas.csv"
    source.write_bytes(as_csv([bad, row(people.one(), "2")]))
    import_roll(source, "--errors-to", str(errors))
    text = errors.read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [r["matricula"] for r in rows] == ["1"]
    assert (rows[0]["telefono"], rows[0]["grupo"]) == ("'+52 33", "'=1+1")
    assert "correo" in rows[0]["motivo"].lower()
    errors.write_text(text.replace(",juan,", ",si@alumnos.example.mx,"), "utf-8-sig")
    import_roll(errors)
    enrolment = Enrolment.objects.get(matricula="1")
    assert (enrolment.grupo, enrolment.student.phone, enrolment.student.email) == ("=1+1", "+52 33", "si@alumnos.example.mx")


@pytest.mark.parametrize(
    ("name", "says"),
    [("07-nombre-completo.csv", "tres columnas"), ("08-no-es-csv.csv", "ZIP"), ("09-vacio.csv", "vacío"), ("no-hay.csv", "leer")],
)
def test_a_file_refused_whole_fails_the_command(import_roll, name, says):
    with pytest.raises(CommandError, match=says) as failure:
        import_roll(ROLLS / name)
    assert failure.value.returncode == 1


def test_a_date_for_the_rows_without_one(import_roll, tmp_path, people):
    source = tmp_path / "lista.csv"
    source.write_bytes(as_csv([row(people.one(), "1")], [c for c in row(people.one(), "1") if c != "fecha_inscripcion"]))
    import_roll(source, "--fecha-inscripcion", "2026-08-05")
    assert str(Enrolment.objects.get().enrolled_on) == "2026-08-05"


@pytest.mark.parametrize("option", [["--plantel", "NADIE"], ["--ciclo", "NUNCA"], ["--fecha-inscripcion", "ayer"]])
def test_a_wrong_option_is_one_clear_line(import_roll, option):
    with pytest.raises(CommandError, match="NADIE|NUNCA|ayer"):
        import_roll(ROLLS / "01-limpio-utf8.csv", *option)
