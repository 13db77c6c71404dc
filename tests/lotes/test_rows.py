"""The answer as rows: headings told by synonyms, every row understood or the whole refused, and silence is no refusal."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from afiliacion.lotes.answers import cells
from afiliacion.lotes.answers.columns import COLUMNS, HEADINGS, UnknownColumns, bind
from afiliacion.lotes.answers.rows import read_rows
from afiliacion.lotes.answers.values import Detail, Verdict
from afiliacion.lotes.refusal import DocumentRefused
from file_reader.answers import look
from file_reader.order import FileRefused, ReadOrder
from file_reader.words import key
from tests.lotes.made import PEOPLE, REGISTRO, refusal_of

#: The names of the detail (docs/domain.md, 7.5).
HEADERS = [
    "nss", "curp", "nombreAsegurado", "nombreSINDO", "tipo_mov", "fecha_mov", "causaBaja", "claveTrabajador", "umf", "salarioBase",
    "extemporaneo", "registroPatronal", "codigoErrorMovimiento", "mensajeErrorMovimientos",
]  # fmt: skip
ONE, TWO, THREE = PEOPLE[:3]


def row(nss: str, code: str = "0", **also: str) -> list[str]:
    said = {"nss": nss, "tipo_mov": "08", "fecha_mov": "24/08/2026", "registroPatronal": REGISTRO, "codigoErrorMovimiento": code, **also}
    return [said.get(header, "") for header in HEADERS]


def read(*rows: list[str], headers: list[str] = HEADERS) -> Detail:
    return read_rows(headers, enumerate(rows, 2))


def test_the_detail_of_an_intermediary_is_read() -> None:
    good = row(ONE.nss, claveTrabajador="A1", curp=ONE.curp, nombreAsegurado="ANA", nombreSINDO="ANNA", extemporaneo="S", umf="051")
    bad = row(TWO.nss, "127", mensajeErrorMovimientos="NOMBRE  DISTINTO", tipo_mov="2", fecha_mov="2026-08-25", causaBaja="6")
    first, second = read(good, bad).results
    assert (first.where, first.type, first.verdict, first.fecha) == ("la fila 2", "08", Verdict.OPERADO, dt.date(2026, 8, 24))
    assert (first.clave, first.curp, first.nombre, first.nombre_sindo, first.extemporaneo, first.umf) == (
        "A1",
        ONE.curp,
        "ANA",
        "ANNA",
        True,
        "051",
    )
    assert (second.type, second.verdict, second.codigo, second.mensaje, second.causa) == (
        "02",
        Verdict.RECHAZADO,
        "127",
        "NOMBRE DISTINTO",
        "6",
    )
    assert second.fecha == dt.date(2026, 8, 25)
    assert (first.registro_patronal, second.extemporaneo) == (REGISTRO, None)


@pytest.mark.parametrize(
    ("code", "state", "verdict"),
    [
        ("0", "", Verdict.OPERADO), ("00", "", Verdict.OPERADO), ("127", "", Verdict.RECHAZADO), ("", "Operado", Verdict.OPERADO),
        ("", "RECHAZADO", Verdict.RECHAZADO), ("0", "Aceptado", Verdict.OPERADO), ("", "", None), ("", "Pendiente", None),
        ("0", "Recibido", None), ("31", "En proceso", None), ("", "Enviado", None),
    ],
)  # fmt: skip
def test_only_a_row_that_says_so_is_operated_or_rejected(code: str, state: str, verdict: Verdict | None) -> None:
    assert cells.verdict(code, state) == verdict


@pytest.mark.parametrize(("code", "state"), [("0", "Rechazado"), ("127", "Operado"), ("0", "Vigente"), ("", "quién sabe"), ("OK", "")])
def test_a_row_that_contradicts_itself_is_refused(code: str, state: str) -> None:
    with pytest.raises(ValueError, match="contradicen|no dice si|no es un código"):
        cells.verdict(code, state)


def test_a_zero_that_was_lost_comes_back_where_the_check_digit_holds_and_is_told() -> None:
    found = read(row("3230500013"), row(ONE.nss))
    assert [each.nss for each in found.results] == ["03230500013", ONE.nss]
    assert found.restored == ("la fila 2",)
    with pytest.raises(DocumentRefused, match=r"No se entiende la fila 2: Tiene 10 dígitos"):
        read(row("3230500014"))


@pytest.mark.parametrize("printed", ["03230500013", "0323050001-3", "03-23-05-0001-3", "0323 0500 013"])
def test_every_printed_form_of_an_nss_is_taken(printed: str) -> None:
    assert cells.nss(printed) == ("03230500013", False)


@pytest.mark.parametrize("written", ["24/08/2026", "2026-08-24", "24082026", "24-08-2026", "2026-08-24 10:32:00", "2026-08-24T00:00:00"])
def test_every_form_of_a_date_is_taken(written: str) -> None:
    assert cells.day(written) == dt.date(2026, 8, 24)


@pytest.mark.parametrize("written", ["", "2482026", "24/08/26", "46258", "31/02/2026", "08/24/2026", "hoy"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no es una fecha"):
        cells.day(written)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "no trae ningún movimiento"),
        ([[""] * 14], "no trae ningún movimiento"),
        ([row(ONE.nss), row(ONE.nss)], "dos veces: la fila 2 y la fila 3"),
        ([row(ONE.nss), row(ONE.nss, "127")], "dos veces: la fila 2 y la fila 3"),
        ([row(ONE.nss), HEADERS], "No se entiende la fila 3"),
        ([row(ONE.nss, tipo_mov="09")], "no es un tipo de movimiento"),
        ([row(ONE.nss, fecha_mov="")], "no es una fecha"),
        ([row(ONE.nss)[:3]], "No se entiende la fila 2"),
        ([row(ONE.nss, nombreSINDO="A" * 600)], "tiene 600 signos"),
    ],
)
def test_rows_that_cannot_be_believed_refuse_the_whole(rows: list[list[str]], says: str) -> None:
    with pytest.raises(DocumentRefused, match=says):
        read(*rows)


def test_two_movements_of_one_person_are_two() -> None:
    assert len(read(row(ONE.nss), row(ONE.nss, tipo_mov="02", fecha_mov="18/12/2026")).results) == 2


@pytest.mark.parametrize(
    "headers",
    [
        ["NSS", "Tipo de movimiento", "Fecha de movimiento", "Código de error", "Descripción", "Clave del trabajador"],
        ["Número de Seguridad Social", "Tipo Mov.", "Fec-Mov", "Error", "Mensaje", "Matrícula"],
        ["No. de Seguridad Social", "Movimiento", "Fecha", "Código", "Motivo de rechazo", "No. de control"],
        ["nss", "tipo", "fecha mov", "estatus", "observaciones", "clave"],
    ],
)
def test_headings_are_told_by_synonyms(headers: list[str]) -> None:
    found = bind(headers)
    assert [found[name] for name in ("nss", "type", "fecha")] == [0, 1, 2]
    assert found.get("codigo", found.get("estado")) == 3
    assert (found["mensaje"], found["clave"]) == (4, 5)


def test_headings_nobody_knows_are_asked_for_once() -> None:
    headers = ["NSS", "Columna 2", "Columna 3", "Columna 4"]
    with pytest.raises(UnknownColumns, match="Tipo de movimiento, Fecha del movimiento, Código o Resultado") as caught:
        bind(headers)
    assert caught.value.found == {"nss": 0}
    given_once = {"nss": 0, "type": 1, "fecha": 2, "codigo": 3}
    assert bind(headers, given_once) == given_once
    assert read_rows(headers, [(2, [ONE.nss, "8", "24/08/2026", "0"])], given_once).results[0].verdict is Verdict.OPERADO


def test_two_headings_that_say_the_same_are_refused() -> None:
    with pytest.raises(DocumentRefused, match="Dos columnas dicen ser «NSS»: «nss» y «Número de Seguridad Social»"):
        bind([*HEADERS, "Número de Seguridad Social"])


def test_no_spelling_is_of_two_columns_and_each_is_as_headings_are_compared() -> None:
    spellings = [spelling for column in COLUMNS for spelling in column.spellings.split()]
    assert len(spellings) == len({*spellings})
    assert [spelling for spelling in spellings if key(spelling) != spelling] == []


def file_rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """What the limited reader gives of a file."""
    rows = io.StringIO()
    order = ReadOrder(str(path), path.name, HEADINGS, 9_999, 200, 10_000, 2**24)
    said = look(order, rows, str)
    rows.seek(0)
    # Lines as a file has them: other signs that part lines may stand in a cell.
    return said["headers"], [(line, cells) for batch in rows for line, cells in json.loads(batch)]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("codec", ["utf-8-sig", "cp1252", "utf-16"])
def test_text_is_read_whatever_separates_it(tmp_path: Path, sign: str, codec: str) -> None:
    path = tmp_path / "respuesta.csv"
    lines = [HEADERS, row(ONE.nss, nombreSINDO="MUÑOZ"), row(TWO.nss, "127")]
    path.write_bytes("\r\n".join(sign.join(each) for each in lines).encode(codec))
    found = read_rows(*file_rows(path))
    assert [(each.nss, each.verdict, each.nombre_sindo) for each in found.results] == [
        (ONE.nss, Verdict.OPERADO, "MUÑOZ"), (TWO.nss, Verdict.RECHAZADO, ""),
    ]  # fmt: skip


def test_a_workbook_that_lost_a_zero_is_read_and_says_so(tmp_path: Path) -> None:
    book, path = Workbook(), tmp_path / "respuesta.xlsx"
    book.active.append(["NSS", "Tipo de movimiento", "Fecha de movimiento", "Código de error"])
    book.active.append([3230500013, 8, dt.date(2026, 8, 24), 0])
    book.save(path)
    found = read_rows(*file_rows(path))
    assert [(each.nss, each.type, each.fecha, each.verdict) for each in found.results] == [
        ("03230500013", "08", dt.date(2026, 8, 24), Verdict.OPERADO)
    ]
    assert found.restored == ("la fila 2",)


@pytest.mark.parametrize(("registro", "digit"), [(REGISTRO[:10], REGISTRO[10]), (REGISTRO, REGISTRO[10]), ("A01-12345-32-1", "")])
def test_the_check_digit_of_a_registro_may_stand_apart(registro: str, digit: str) -> None:
    (found,) = read([*row(ONE.nss, registroPatronal=registro), digit], headers=[*HEADERS, "digitoVerificadorRP"]).results
    assert found.registro_patronal == REGISTRO


TEXT = "\n".join(",".join(each) for each in [HEADERS, *(row(person.nss, claveTrabajador=f"A{at}") for at, person in enumerate(PEOPLE[:9]))])


@given(
    st.one_of(
        st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(lambda cut: (TEXT[: cut[0]] + TEXT[cut[1] :]).encode()),
        st.permutations(TEXT.split("\n")).map(lambda lines: "\n".join(lines).encode()),
        st.just((TEXT + "\n" + TEXT).encode()),
        st.sampled_from(["utf-16", "utf-32", "cp037", "utf-7"]).map(TEXT.encode),
        st.tuples(st.integers(0, len(TEXT) - 1), st.text(max_size=3)).map(
            lambda put: (TEXT[: put[0]] + put[1] + TEXT[put[0] + 1 :]).encode("utf-8", "replace")
        ),
        st.binary(max_size=300),
    )
)
def test_a_spoilt_answer_is_refused_or_says_only_what_it_said(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    path = tmp_path_factory.mktemp("lotes") / "respuesta.csv"
    path.write_bytes(body)
    try:
        headers, lines = file_rows(path)
    except FileRefused:
        return
    if refusal_of(lambda: read_rows(headers, lines)) is None:
        found = read_rows(headers, lines)
        assert found.results
        assert len({each.movement for each in found.results}) == len(found.results)
