import pytest

from afiliacion.roll.findings import WrongColumns
from afiliacion.roll.parse.columns import COLUMNS, bind
from tests.roll.conftest import HEADERS

NEEDED = ["matricula", "curp", "nombre", "primer_apellido", "segundo_apellido", "fecha_inscripcion"]


def test_the_columns_are_the_ones_schools_export():
    assert tuple(column.name for column in COLUMNS) == HEADERS


def test_no_heading_means_two_columns():
    spellings = [spelling for column in COLUMNS for spelling in (*column.keys, *column.second_best.split())]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize("headers", [[column.label for column in COLUMNS], [name.upper() for name in HEADERS], [f" {n} " for n in HEADERS]])
def test_headings_by_label_or_name_in_any_case(headers):
    assert bind(headers, date_given=False).where == {name: at for at, name in enumerate(HEADERS)}


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("No. de control", "matricula"), ("CURP alumno", "curp"), ("Ap. Paterno", "primer_apellido"), ("Ap. Materno", "segundo_apellido"),
        ("Fecha de Nac.", "fecha_nacimiento"), ("E-mail", "correo"), ("Correo electrónico del alumno", "correo"), ("Celular", "telefono"),
        ("Número de Seguridad Social", "nss"), ("Situación", "estatus"), ("Entidad", "entidad_nacimiento"),
    ],
)  # fmt: skip
def test_headings_as_schools_write_them(heading, name):
    headers = [n for n in NEEDED if n != name] + [heading]
    assert bind(headers, date_given=False).where[name] == len(headers) - 1


def test_all_that_is_missing_is_said_at_once():
    with pytest.raises(WrongColumns, match=r"CURP.*Nombre\(s\).*Primer apellido.*Segundo apellido.*Fecha de inscripción"):
        bind(["matricula", "grupo"], date_given=False)


def test_a_date_given_for_all_makes_the_column_optional():
    assert "fecha_inscripcion" not in bind(NEEDED[:-1], date_given=True).where


def test_two_columns_for_one_thing_are_refused():
    with pytest.raises(WrongColumns, match="«correo», «E-mail»"):
        bind([*NEEDED, "correo", "E-mail"], date_given=False)


def test_a_second_best_heading_gives_way():
    mapping = bind([*NEEDED, "Celular", "Teléfono"], date_given=False)
    assert (mapping.where["telefono"], mapping.unread) == (len(NEEDED) + 1, ("Celular",))


def test_unknown_headings_are_told_and_never_read():
    """S3: a heading such as plantel_id or is_staff means nothing."""
    assert bind([*NEEDED, "plantel_id", "is_staff", "motivo", ""], date_given=False).unread == ("plantel_id", "is_staff")
