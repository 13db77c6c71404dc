"""What the office writes, the stand-in reads, and the other way round: two programs that share nothing but the layout."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afiliacion.lotes.file.trailer import trailer
from afiliacion.lotes.line.layout import layout
from afiliacion.lotes.line.record import Record
from afiliacion.lotes.profile import Profile
from imss_mock.procedures.idse import lines, record_faults
from imss_mock.protocol.answers import RefusedError
from tests.lotes.made import legal

LONG_AGO = date(1000, 1, 1)
#: What the stand-in calls a field, and the office.
NAMES = {
    "registro_patronal": "registro_patronal", "nss": "nss", "primer_apellido": "primer_apellido", "segundo_apellido": "segundo_apellido",
    "nombre": "nombre", "tipo_trabajador": "tipo_trabajador", "tipo_salario": "tipo_salario", "jornada": "jornada", "umf": "umf",
    "guia": "guia", "clave_trabajador": "clave", "causa_baja": "causa", "curp": "curp", "tipo_movimiento": "type",
}  # fmt: skip


@settings(max_examples=200)
@given(legal())
def test_whatever_the_office_writes_is_read_as_it_was_meant(given: tuple[Profile, Record]) -> None:
    profile, written = given
    (body,) = layout(written.type, profile).lines([written])
    (line,) = lines.read(body + profile.line_end.bytes)
    record = lines.cut(line)
    assert lines.is_well_formed(record)
    assert record_faults.day_of(record) == written.fecha
    said = {name: record.get(name, "") for name in NAMES}
    assert said == {name: str(getattr(written, office)) for name, office in NAMES.items()}
    assert int(record.get("salario_base", "0")) == written.salario


def line_of(**changes: str) -> str:
    """A good line, with what stands at some positions (from 1) replaced: `at_150="..."`."""
    body = [
        *f"A011234532103230500013{'PRUEBA':27}{'FICTICIA':27}{'ENSAYO':27}000000      10003082026000  0800000A210204    PUFE050315HNERCNA49"
    ]
    for place, text in changes.items():
        first = int(place.removeprefix("at_")) - 1
        body[first : first + len(text)] = text
    return "".join(body)


GOOD = line_of()
OTHER = line_of(at_12="04050500018")
BAJA = line_of(at_104="0" * 15, at_127="     ", at_132="02", at_149="6" + " " * 18)


def refused(body: bytes) -> tuple[str, object]:
    with pytest.raises(RefusedError) as caught:
        lines.read(body)
    return str(caught.value), caught.value.answer.body.get("renglon")


def joined(*every: str, end: str = "\r\n") -> bytes:
    return "".join(f"{line}{end}" for line in every).encode("cp1252")


@pytest.mark.parametrize(
    ("body", "code", "number"),
    [
        (b"", "ARCHIVO_INVALIDO", None),
        (b"\r\n\r\n", "ARCHIVO_INVALIDO", None),
        (b"\xef\xbb\xbf" + joined(GOOD), "ARCHIVO_INVALIDO", None),
        (joined(GOOD).decode().encode("utf-16"), "ARCHIVO_INVALIDO", None),
        (line_of(at_23="PEÑA  ").encode() + b"\r\n", "LONGITUD_INVALIDA", 1),
        (joined(GOOD) + b"\x81" * 168, "ARCHIVO_INVALIDO", 2),
        (joined(GOOD, GOOD[:-1]), "LONGITUD_INVALIDA", 2),
        (joined(GOOD, GOOD + " "), "LONGITUD_INVALIDA", 2),
        (joined(GOOD, ""), "LONGITUD_INVALIDA", 2),
        (joined(GOOD, BAJA), "TIPOS_MEZCLADOS", 2),
        (joined(line_of(at_132="07")), "TIPOS_MEZCLADOS", 1),
        (joined(GOOD, line_of(at_1="B9912345321")), "REGISTRO_DISTINTO", 2),
        (joined(GOOD, trailer(2, "00000")), "CIFRAS_INVALIDAS", 2),
        (joined(GOOD, trailer(1, "00001")), "CIFRAS_INVALIDAS", 2),
        (joined(trailer(1, "00000"), GOOD), "CIFRAS_INVALIDAS", 1),
        (joined(trailer(0, "00000")), "CIFRAS_INVALIDAS", 1),
        (joined(GOOD, trailer(1, "00000")[:-1] + "8"), "CIFRAS_INVALIDAS", 2),
    ],
)
def test_a_file_is_refused_whole(body: bytes, code: str, number: int | None) -> None:
    assert refused(body) == (code, number)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_file_is_read_with_trailer_or_without(end: str) -> None:
    assert lines.read(joined(GOOD, OTHER, end=end)) == [GOOD, OTHER]
    assert lines.read(joined(GOOD, OTHER, trailer(2, "00000"), end=end)) == [GOOD, OTHER]
    assert lines.read(GOOD.encode()) == [GOOD]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (GOOD, None),
        (BAJA, None),
        (line_of(at_127="   "), None),
        (line_of(at_110="000000"), None),
        (line_of(at_23="prueba"), "F-FORMATO"),
        (line_of(at_23="      "), "F-FORMATO"),
        (line_of(at_77="ENSAY0"), "F-FORMATO"),
        (line_of(at_104="00000 "), "F-FORMATO"),
        (line_of(at_116="5"), "F-FORMATO"),
        (line_of(at_118="7"), "F-FORMATO"),
        (line_of(at_168="8"), "F-FORMATO"),
        (BAJA[:149] + "PUFE050315HNERCNA4" + "9", "F-FORMATO"),
        (line_of(at_12="03230500014"), "F-NSS-DIGITO"),
        (line_of(at_12="00000000000"), "F-NSS-DIGITO"),
        (line_of(at_12="04050500018"), "F-REPETIDO"),
        (line_of(at_150="PUFE050315HNERCNA5"), "F-CURP-INVALIDA"),
        (line_of(at_119="31022026"), "F-FECHA"),
        (line_of(at_119="00000000"), "F-FECHA"),
    ],
)
def test_a_record_is_thrown_out_with_a_code(line: str, code: str | None) -> None:
    assert len(line) == lines.LENGTH
    assert record_faults.fault(lines.cut(line), date(2026, 8, 3), {"04050500018"}) == code


_wide = st.text(st.characters(codec="cp1252"), min_size=168, max_size=168)


@given(st.binary(max_size=700) | st.lists(_wide, max_size=4).map(lambda every: "\n".join(every).encode("cp1252")))
def test_nothing_that_is_uploaded_is_a_fault_of_ours(body: bytes) -> None:
    try:
        found = lines.read(body)
    except RefusedError:
        return
    assert [record_faults.fault(lines.cut(line), LONG_AGO, set()) for line in found]


def test_a_late_movement_is_told_by_its_working_days() -> None:
    monday = lines.cut(line_of(at_119="03082026"))
    assert [record_faults.is_late(monday, date(2026, 8, day), 5) for day in (2, 3, 7, 10, 11, 12)] == [
        False,
        False,
        False,
        False,
        True,
        True,
    ]
