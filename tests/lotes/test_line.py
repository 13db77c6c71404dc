"""One line: 168 bytes for every record, the same record back, and for what cannot be sent its field and the reason."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.lotes.line import keys
from afiliacion.lotes.line.alphabet import Why, alphabet
from afiliacion.lotes.line.fields import BAJA as BAJA_FIELDS
from afiliacion.lotes.line.fields import LENGTH, TABLES, TRAILER, Field
from afiliacion.lotes.line.layout import layout
from afiliacion.lotes.line.preparing import Preparation
from afiliacion.lotes.line.record import MovementData, MovementType, Record
from afiliacion.lotes.profile import Encoding, LongNames, Profile
from afiliacion.lotes.refusal import RecordRefused
from tests.lotes.made import ALTA, BAJA, INTERMEDIARIO, PEOPLE, PORTAL, legal, profiles, record, refusal_of

DOMAIN = (Path(__file__).parents[2] / "docs" / "domain.md").read_text(encoding="utf-8")
KEEPS = replace(PORTAL, alphabet=Encoding.CP1252, keeps_accents=True)


def examples(section: str) -> list[str]:
    """The example lines of a section of docs/domain.md, whose dots are blanks."""
    _, _, rest = DOMAIN.partition(f"### {section} ")
    return [line.replace(".", " ") for line in rest.split("```")[1].split("\n") if line]


def line(movement: MovementData, profile: Profile = PORTAL) -> bytes:
    made = record(movement, profile)
    return layout(made.type, profile).lines([made])[0]


def refused(movement: MovementData, profile: Profile = PORTAL) -> dict[str, str]:
    with pytest.raises(RecordRefused) as caught:
        line(movement, profile)
    return {fault.field: fault.reason for fault in caught.value.faults}


@pytest.mark.parametrize("fields", [*TABLES.values(), TRAILER], ids=["alta", "baja", "trailer"])
def test_the_fields_fill_the_line_one_after_the_other(fields: tuple[Field, ...]) -> None:
    at = 1
    for field in fields:
        assert field.first == at, field
        assert bool(field.constant) != bool(field.pattern), field
        assert not field.constant or len(field.constant) == field.length, field
        at = field.last + 1
    assert at == LENGTH + 1


@pytest.mark.parametrize("fields", [*TABLES.values(), TRAILER], ids=["alta", "baja", "trailer"])
def test_every_field_cites_a_section_of_the_domain_and_says_what_it_takes(fields: tuple[Field, ...]) -> None:
    for field in fields:
        assert f"### {field.source} " in DOMAIN, field
        assert field.label, field
        assert not field.name or field.allowed or field.hint or field.name == "count", field


def test_the_table_explains_its_columns() -> None:
    said = {field.label: (field.positions, field.takes) for field in TABLES[MovementType.ALTA]}
    assert said["Nombre(s)"][1].startswith("letras, a la izquierda, con blancos detrás. Van hasta 27 letras")
    assert said["Tipo de salario"] == ("117", "dígitos, completo: 0 fijo, 1 variable, 2 mixto.")
    assert said["Guía"][1].startswith("dígitos, a la izquierda, con blancos detrás; o blancos. ")
    assert said["Blancos"] == ("130-131", "siempre blancos")
    assert said["Tipo de movimiento"] == ("132-133", "siempre «08»")
    assert said["Relleno"] == ("110-115", "relleno, según el perfil")


def test_the_example_lines_of_the_domain_are_written_byte_for_byte() -> None:
    alta, baja, _ = examples("6.8")
    assert line(ALTA).decode() == alta
    assert line(BAJA._replace(fecha=dt.date(2026, 12, 18))).decode() == baja


def test_the_example_lines_of_an_intermediary_are_written_byte_for_byte() -> None:
    usual, missing, baja = examples("6.10")
    assert line(ALTA, INTERMEDIARIO).decode() == usual
    assert line(ALTA._replace(primer_apellido="Núñez", segundo_apellido="", clave="A210205"), INTERMEDIARIO).decode() == missing
    assert line(BAJA._replace(fecha=dt.date(2026, 12, 18)), INTERMEDIARIO).decode() == baja


@given(legal())
def test_a_legal_record_is_168_bytes_and_reads_back_the_same(given_one: tuple[Profile, Record]) -> None:
    profile, one = given_one
    form = layout(one.type, profile)
    (written,) = form.lines([one])
    assert len(written) == LENGTH
    assert form.record(written.decode(profile.alphabet)) == one
    assert form.faults(one) == ()


@given(profiles, st.sampled_from(PEOPLE), st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_name_gives_168_bytes_with_its_changes_or_a_refusal_of_its_field(
    profile: Profile, person: Any, one: str, two: str, three: str
) -> None:
    movement = ALTA._replace(nss=person.nss, curp=person.curp, primer_apellido=one, segundo_apellido=two, nombre=three)
    changes: list[Any] = []
    made = Preparation(profile).of(movement, changes)
    for field in ("primer_apellido", "segundo_apellido", "nombre"):
        before, after = getattr(movement, field), getattr(made, field)
        told = bool(changes) and bool(getattr(changes[0], field).why)
        assert told or after == " ".join(before.upper().split()) or after == _composed(before)
    refused = refusal_of(lambda: layout(made.type, profile).lines([made]))
    if isinstance(refused, RecordRefused):
        assert {fault.field for fault in refused.faults} <= {"primer_apellido", "segundo_apellido", "nombre"}
        assert all(fault.reason for fault in refused.faults)
    else:
        assert [*map(len, layout(made.type, profile).lines([made]))] == [LENGTH]


def _composed(name: str) -> str:

    return " ".join(unicodedata.normalize("NFC", name).upper().split())


@given(st.data())
def test_a_line_with_any_sign_changed_is_another_record_or_refused(data: st.DataObject) -> None:
    text = line(ALTA).decode()
    at, sign = data.draw(st.integers(0, LENGTH - 1)), data.draw(st.sampled_from("0123456789ABCXYZÑé .-\t\x00"))
    changed = text[:at] + sign + text[at + 1 :]
    form = layout(MovementType.ALTA, PORTAL)
    refused = refusal_of(lambda: form.lines([form.record(changed)]))
    if isinstance(refused, RecordRefused):
        assert refused.faults
    else:
        assert form.lines([form.record(changed)]) == [changed.encode("cp1252")]


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"registro_patronal": "A011234532"}, "registro_patronal", "tiene 10"),
        ({"nss": "3230500013"}, "nss", "cero inicial"),
        ({"nss": "03230500014"}, "nss", "dígito verificador"),
        ({"nss": "00000000000"}, "nss", "no es de nadie"),
        ({"primer_apellido": ""}, "primer_apellido", "falta"),
        ({"nombre": "JUAN 0SCAR"}, "nombre", "la «0» no está en el alfabeto"),
        ({"nombre": "ЯНА"}, "nombre", "la «Я» no está en el alfabeto"),
        ({"nombre": "ANA\x07"}, "nombre", "no está en el alfabeto"),
        ({"clave": "A1234567890"}, "clave", "tiene 11 signos y caben 10"),
        ({"clave": ""}, "clave", "falta"),
        ({"clave": "a1"}, "clave", "«a1» no puede ir"),
        ({"curp": ""}, "curp", "falta"),
        ({"curp": "PUFE050315HNERCNA5"}, "curp", "dígito verificador"),
        ({"curp": "PUFE050315HNERCNA"}, "curp", "tiene 17"),
        ({"causa": "6"}, "causa", "no va en un alta"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_field_and_reason(given: dict[str, Any], field: str, says: str) -> None:
    found = refused(ALTA._replace(**given))
    assert [*found] == [field]
    assert says in found[field]


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [({"causa": ""}, "causa", "falta"), ({"causa": "B"}, "causa", "A pensión"), ({"curp": ALTA.curp}, "curp", "no va en una baja")],
)
def test_what_cannot_be_in_a_baja_is_refused(given: dict[str, Any], field: str, says: str) -> None:
    found = refused(BAJA._replace(**given))
    assert [*found] == [field]
    assert says in found[field]


def test_every_fault_is_told_at_once() -> None:
    assert {*refused(ALTA._replace(nss="1", curp="1", nombre=""))} == {"nss", "curp", "nombre"}
    assert {fault.field for fault in Preparation(PORTAL).faults(ALTA._replace(nss="1"))} == {"nss"}
    assert Preparation(PORTAL).faults(ALTA) == ()


@pytest.mark.parametrize(
    ("profile", "name", "written"),
    [
        (PORTAL, "Muñoz", "MUNOZ"),
        (PORTAL, "Güemes Ávila", "GUEMES AVILA"),
        (PORTAL, "Nu\u0303n\u0303ez", "NUNEZ"),
        (PORTAL, "O’Farrill", "O'FARRILL"),
        (replace(PORTAL, alphabet=Encoding.CP1252), "Ñáñez", "ÑAÑEZ"),
        (KEEPS, "Ñáñez", "ÑÁÑEZ"),
    ],
)
def test_a_name_is_written_in_the_alphabet_of_the_profile(profile: Profile, name: str, written: str) -> None:
    changes: list[Any] = []
    made = Preparation(profile).of(ALTA._replace(primer_apellido=name), changes)
    assert made.primer_apellido == written
    assert [change.primer_apellido.why for change in changes] == ([] if profile is KEEPS else [(Why.ALPHABET,)])
    assert line(ALTA._replace(primer_apellido=name), profile)[22:49].decode(profile.alphabet).rstrip() == written


def test_a_sign_the_profile_does_not_take_is_refused() -> None:
    assert "la «'»" in refused(ALTA._replace(nombre="D'ANA"), replace(PORTAL, signs=""))["nombre"]


def test_a_long_name_is_cut_at_its_right_end_and_told_or_refused() -> None:
    long = ALTA._replace(nombre="María de los Ángeles Guadalupe")
    changes: list[Any] = []
    made = Preparation(PORTAL).of(long, changes)
    assert made.nombre == "MARIA DE LOS ANGELES GUADAL"
    assert changes[0].nombre == ("María de los Ángeles Guadalupe", "MARIA DE LOS ANGELES GUADAL", (Why.ALPHABET, Why.LENGTH))
    assert "tiene 30 signos y caben 27" in refused(long, replace(PORTAL, long_names=LongNames.REFUSE))["nombre"]


def test_a_missing_surname_is_blank_or_x_and_the_x_is_told() -> None:
    changes: list[Any] = []
    assert Preparation(PORTAL).of(ALTA._replace(segundo_apellido=""), changes).segundo_apellido == ""
    assert changes == []
    assert Preparation(INTERMEDIARIO).of(ALTA._replace(segundo_apellido=""), changes).segundo_apellido == "X"
    assert changes[0].segundo_apellido.why == (Why.MISSING,)


@pytest.mark.parametrize("encoding", Encoding)
def test_every_letter_of_an_alphabet_is_one_byte(encoding: Encoding) -> None:
    letters = alphabet(replace(PORTAL, alphabet=encoding, keeps_accents=encoding is Encoding.CP1252))
    assert all(len(sign.encode(letters.codec)) == 1 for sign in letters.letters | letters.signs)


def test_a_matricula_is_its_own_clave_or_needs_a_short_one() -> None:
    assert keys.of_matricula(" a21-0204 ") == "A21-0204"
    assert [keys.of_matricula(each) for each in ("", "12345678901", "AÑO1", "A 1", "X-00000001")] == [""] * 5


@given(st.integers(0, keys.HIGHEST), st.integers(0, keys.HIGHEST))
def test_short_claves_fit_differ_and_are_nobodys_matricula(one: int, other: int) -> None:
    assert re.fullmatch(r"X-[0-9A-Z]{8}", keys.short(one))
    assert keys.of_matricula(keys.short(one)) == ""
    assert (keys.short(one) == keys.short(other)) == (one == other)
    assert refused(ALTA._replace(clave=keys.short(one), nss="1")).keys() == {"nss"}


def test_there_is_no_short_clave_beyond_the_highest() -> None:
    with pytest.raises(ValueError, match="1099511627776"):
        keys.short(keys.HIGHEST + 1)


def test_a_baja_carries_no_curp() -> None:
    assert [field.name for field in BAJA_FIELDS if field.name == "curp"] == []
    assert line(BAJA)[149:167] == b" " * 18
