"""The whole file: written the same every time, read back the same; what came to it on its way is told in one sentence."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.lotes.file.reading import read
from afiliacion.lotes.file.trailer import count_of, trailer
from afiliacion.lotes.file.writing import write
from afiliacion.lotes.line.fields import LENGTH
from afiliacion.lotes.line.record import MovementType
from afiliacion.lotes.profile import Encoding, LineEnd, LongNames, Profile
from afiliacion.lotes.refusal import LoteRefused, RecordRefused, Refused
from tests.lotes.made import ALTA, BAJA, INTERMEDIARIO, MADE_AT, PORTAL, REGISTRO, movements, profiles, record, refusal_of
from tests.lotes.test_line import examples

TRAILED = replace(PORTAL, trailer=True)
LATIN = replace(PORTAL, alphabet=Encoding.CP1252, keeps_accents=True)
BODY = write(movements(5), PORTAL, made_at=MADE_AT).body


def why(body: bytes, profile: Profile = PORTAL, since: dt.date | None = None) -> str:
    """Why a file is refused, in one sentence or two."""
    with pytest.raises(Refused) as caught:
        read(body, profile, since=since)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_lote_has_its_bytes_name_checksum_and_count() -> None:
    made = write([ALTA], TRAILED, made_at=MADE_AT)
    alta, _, last = examples("6.8")
    assert made.body == f"{alta}\r\n{last}\r\n".encode()
    assert made.sha256 == hashlib.sha256(made.body).hexdigest()
    assert made.name == "lote_A0112345321_altas_20260824_103200.txt"
    assert (made.type, made.registro_patronal, made.count) == (MovementType.ALTA, REGISTRO, 1)
    assert write([ALTA], TRAILED, made_at=MADE_AT) == made


@given(profiles, st.integers(1, 40), st.sampled_from(MovementType))
def test_a_lote_reads_back_as_it_was_written(profile: Profile, number: int, kind: MovementType) -> None:
    profile = replace(profile, long_names=LongNames.CUT, signs=".'-/")
    made = write(movements(number, kind), profile, made_at=MADE_AT)
    end = profile.line_end.bytes
    assert {len(line) for line in made.body.removesuffix(end).split(end)} == {LENGTH}
    back = read(made.body, profile)
    assert back.records == tuple(record(movement, profile) for movement in movements(number, kind))
    assert (back.type, back.registro_patronal) == (kind, REGISTRO)
    assert read(made.body.removesuffix(end), profile) == back, "a last line end more or less says nothing"


def test_who_is_written_otherwise_is_told() -> None:
    changes = write([ALTA, ALTA._replace(nss="12345678903", clave="B", nombre="Íñigo")], PORTAL, made_at=MADE_AT).changes
    assert [(change.clave, change.nombre.before, change.nombre.after) for change in changes] == [("B", "Íñigo", "INIGO")]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "No hay movimientos"),
        ([ALTA, BAJA], "un solo tipo"),
        ([ALTA, ALTA._replace(registro_patronal="B0112345321", nss="12345678903", clave="B")], "un solo registro patronal"),
        ([ALTA, ALTA._replace(clave="B")], "NSS: ya va en la línea 1"),
        ([ALTA, ALTA._replace(nss="12345678903")], "Clave: ya va en la línea 1"),
        ([ALTA._replace(fecha=dt.date(2026, 8, 26))], "es posterior al 25/08/2026"),
        ([ALTA, ALTA._replace(nss="12345678901", clave="B")], "Línea 2, clave B. NSS: El dígito verificador"),
        (movements(3), "a lo más 2 movimientos y son 3"),
    ],
)
def test_a_lote_that_must_not_be_is_not_written(given: list[object], says: str) -> None:
    with pytest.raises(Refused, match=says):
        write(given, replace(PORTAL, most=2), made_at=MADE_AT)  # type: ignore[arg-type]


def test_an_alta_may_be_dated_the_day_after() -> None:
    assert write([ALTA._replace(fecha=dt.date(2026, 8, 25))], PORTAL, made_at=MADE_AT).count == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "El archivo está vacío"),
        (b"\r\n\r\n", "El archivo está vacío"),
        (BODY.replace(b"A01", b"A0", 1), "La línea 1 tiene 167 posiciones y debe tener 168"),
        (BODY.replace(b"A01", b"A010", 1), "La línea 1 tiene 169 posiciones y debe tener 168"),
        (BODY.replace(b"9\r\n", b"\r\n", 1), "La línea 1 tiene 167 .*No termina como un movimiento"),
        (BODY.replace(b"     ", b"", 2), "La línea 1 tiene 158 .*Le faltan 10: Excel"),
        (b"\xef\xbb\xbf" + BODY, r"Bloc de notas.*UTF-8 con marca \(BOM\)"),
        (BODY.decode().encode("utf-16"), "Bloc de notas.*UTF-16"),
        (BODY.decode().encode("utf-16-le"), "Bloc de notas.*UTF-16"),
        (BODY.replace(b"EMILIANO", "EMILIAÑO".encode()), "Bloc de notas.*UTF-8"),
        (BODY.replace(b"\r\n", b"\n"), "no terminan como pide el perfil"),
        (BODY.replace(b"\r\n", b"\r"), "no terminan como pide el perfil"),
        (BODY + b"\r\n", "La línea 6 está vacía"),
        (b'"' + BODY.replace(b"\r\n", b'"\r\n"'), "Excel, que le puso comillas"),
        (BODY.replace(b"      ", b"\t"), "Excel, que le puso tabuladores"),
        (BODY.replace(b"      ", b";"), "Excel, que le puso puntos y comas"),
        (b"PK\x03\x04" + BODY, "Excel, que lo convirtió en un libro"),
        (b"\xd0\xcf\x11\xe0" + BODY, "Excel, que lo convirtió en un libro antiguo"),
        (b"%PDF-1.7", "Es un PDF, no un lote"),
        (BODY + write([BAJA], PORTAL, made_at=MADE_AT).body, r"mezcla 5 altas \(08\) y 1 bajas \(02\)"),
        (BODY.replace(b"  08", b"  07"), r"modificaciones de salario \(07\)"),
        (BODY.replace(b"  08", b"  99"), "«99».*no es alta"),
        (BODY + BODY.replace(b"A01123", b"B01123"), "mezcla registros patronales: A0112345321, B0112345321"),
        (BODY + BODY, "El NSS de la línea 6 ya está en la línea 1"),
        (BODY.replace(b"A0000001", b"A0000000"), "La clave de la línea 2 ya está en la línea 1"),
        (BODY + trailer(5, "00000").encode() + b"\r\n", "trae cifras de control"),
        (BODY.replace(b"24082026", b"31022026", 1), "Línea 1.*«31022026» no es una fecha"),
        (BODY.replace(b"A0112345321", b"A\x8112345321", 1), "La línea 1 trae un signo que no es del alfabeto"),
    ],
)
def test_what_came_to_a_file_is_told(body: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        read(body, PORTAL)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (BODY, "Faltan las cifras de control"),
        (BODY + trailer(4, "00000").encode(), "dicen 4 movimientos y el archivo trae 5"),
        (trailer(5, "00000").encode() + b"\r\n" + BODY, "están en la línea 1 y van una sola vez, al final"),
        (BODY + b"*" * 168, "no están escritas como deben"),
        (trailer(0, "00000").encode(), "no trae movimientos"),
    ],
)
def test_a_wrong_trailer_is_told(body: bytes, says: str) -> None:
    with pytest.raises(LoteRefused, match=says):
        read(body, TRAILED)


def test_a_lote_of_last_year_is_told() -> None:
    assert "su último movimiento es del 24/08/2026 y el ciclo empezó el 02/08/2027" in why(BODY, since=dt.date(2027, 8, 2))
    assert len(read(BODY, PORTAL, since=dt.date(2026, 8, 3)).records) == 5


def test_a_lote_of_another_school_is_told() -> None:
    with pytest.raises(LoteRefused, match="El lote es del registro patronal A0112345321, que no es de la oficina"):
        read(BODY, PORTAL, registros=["B0112345321"])
    assert len(read(BODY, PORTAL, registros=["B0112345321", "A01-12345-32-1"]).records) == 5


def test_a_lote_of_another_profile_is_told_by_its_field() -> None:
    latin = write([ALTA._replace(nombre="Íñigo")], LATIN, made_at=MADE_AT).body
    with pytest.raises(RecordRefused, match="Línea 1. Nombre.*la «Í» no está en el alfabeto"):
        read(latin, PORTAL)
    assert read(latin, LATIN).records[0].nombre == "ÍÑIGO"
    assert "Línea 1, clave A210204. NSS: El dígito verificador" in why(latin.replace(b"03230500013", b"03230500014"), LATIN)


@given(st.integers(0, 999_999), st.sampled_from(["", "00000", "01400"]))
def test_a_trailer_says_how_many(count: int, guia: str) -> None:
    assert len(trailer(count, guia)) == LENGTH
    assert count_of(trailer(count, guia)) == count


@given(
    st.one_of(
        st.binary(max_size=400),
        st.tuples(st.integers(0, len(BODY)), st.integers(0, len(BODY))).map(lambda cut: BODY[: cut[0]] + BODY[cut[1] :]),
        st.tuples(st.integers(0, len(BODY) - 1), st.binary(min_size=1, max_size=3)).map(
            lambda put: BODY[: put[0]] + put[1] + BODY[put[0] + 1 :]
        ),
        st.permutations(BODY.split(b"\r\n")).map(b"\r\n".join),
        st.sampled_from(["utf-16", "utf-8-sig", "utf-32", "cp037"]).map(lambda codec: BODY.decode().encode(codec)),
    ),
    st.sampled_from([PORTAL, TRAILED, LATIN, INTERMEDIARIO, replace(PORTAL, line_end=LineEnd.LF)]),
)
def test_any_bytes_are_read_or_refused(body: bytes, profile: Profile) -> None:
    refused = refusal_of(lambda: read(body, profile))
    assert str(refused) if refused else read(body, profile).records
