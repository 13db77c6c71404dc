"""Invented movements, profiles and names: fixed ones, and hypothesis' strategies."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Callable

from hypothesis import strategies as st
from stdnum import luhn

from afiliacion.lotes.line.alphabet import alphabet
from afiliacion.lotes.line.fields import CAUSES, WAGE_TYPES, WORKER_TYPES, WORKING_WEEKS
from afiliacion.lotes.line.preparing import Preparation
from afiliacion.lotes.line.record import MovementData, MovementType, Record
from afiliacion.lotes.profile import Encoding, LineEnd, LongNames, Profile, shipped
from afiliacion.lotes.refusal import Refused
from afiliacion.operations.simulation.invented_people import People

MADE_AT = dt.datetime(2026, 8, 24, 10, 32, tzinfo=dt.UTC)
PORTAL, INTERMEDIARIO = shipped()["portal"], shipped()["intermediario"]
REGISTRO = "A0112345321"
ALTA = MovementData(
    MovementType.ALTA, REGISTRO, "03230500013", "PUFE050315HNERCNA4", "PRUEBA", "FICTICIA", "ENSAYO", dt.date(2026, 8, 24), "A210204"
)
BAJA = ALTA._replace(type=MovementType.BAJA, curp="", causa="6")

_people = People(random.Random(17))
PEOPLE = [_people.one() for _ in range(300)]


def refusal_of(work: Callable[[], object]) -> Refused | None:
    """What `work` is refused with; None if it is done. Anything else it raises is a fault of ours."""
    try:
        work()
    except Refused as refused:
        return refused
    return None


def movements(number: int, kind: MovementType = MovementType.ALTA) -> list[MovementData]:
    """So many movements of different people."""
    return [
        (ALTA if kind is MovementType.ALTA else BAJA)._replace(
            nss=person.nss, curp=person.curp if kind is MovementType.ALTA else "", primer_apellido=person.primer_apellido,
            segundo_apellido=person.segundo_apellido, nombre=person.nombre, clave=f"A{at:07}",
        )
        for at, person in enumerate(PEOPLE[:number])
    ]  # fmt: skip


def record(movement: MovementData, profile: Profile = PORTAL) -> Record:
    return Preparation(profile).of(movement, [])


profiles = st.builds(
    dataclasses.replace,
    st.just(PORTAL),
    alphabet=st.sampled_from(Encoding),
    signs=st.sampled_from(["", ".", ".'-/", "-&"]),
    line_end=st.sampled_from(LineEnd),
    trailer=st.booleans(),
    umf=st.sampled_from(["", "000", "051"]),
    guia=st.sampled_from(["", "00000", "01234"]),
    missing_surname=st.sampled_from(["", "X"]),
    long_names=st.sampled_from(LongNames),
    filler=st.sampled_from(" 0"),
    salario=st.integers(0, 999_999),
    tipo_trabajador=st.sampled_from([*WORKER_TYPES]),
    tipo_salario=st.sampled_from([*WAGE_TYPES]),
    jornada=st.sampled_from([*WORKING_WEEKS]),
).flatmap(
    lambda p: st.builds(
        dataclasses.replace, st.just(p), keeps_accents=st.booleans() if p.alphabet is Encoding.CP1252 else st.just(p.keeps_accents)
    )
)


def names(profile: Profile) -> st.SearchStrategy[str]:
    """Names that are legal in a profile's file as they are."""
    letters = alphabet(profile)
    first = st.sampled_from(sorted(letters.letters))
    rest = st.text(st.sampled_from(sorted({*letters.letters, *letters.signs, " "})), max_size=26)
    return st.builds(lambda one, more: (one + more).rstrip(" "), first, rest)


nss_numbers = st.integers(1, 10**10 - 1).map(lambda n: f"{n:010}").map(lambda n: n + luhn.calc_check_digit(n))
dates = st.dates(dt.date(1000, 1, 1), dt.date(2999, 12, 31))
claves = st.from_regex(r"[A-Z0-9]([A-Z0-9./ -]{0,8}[A-Z0-9./-])?", fullmatch=True)


@st.composite
def legal(draw: st.DrawFn) -> tuple[Profile, Record]:
    """A profile, and a record that is legal in its file."""
    profile, alta = draw(profiles), draw(st.booleans())
    person = draw(st.sampled_from(PEOPLE))
    return profile, Record(
        registro_patronal=draw(st.from_regex("[A-Z][0-9]{10}", fullmatch=True)),
        nss=draw(nss_numbers),
        primer_apellido=draw(names(profile)),
        segundo_apellido=draw(st.just("") | names(profile)),
        nombre=draw(names(profile)),
        salario=draw(st.integers(0, 999_999)) if alta else 0,
        tipo_trabajador=draw(st.sampled_from([*WORKER_TYPES])) if alta else "",
        tipo_salario=draw(st.sampled_from([*WAGE_TYPES])) if alta else "",
        jornada=draw(st.sampled_from([*WORKING_WEEKS])) if alta else "",
        fecha=draw(dates),
        umf=draw(st.just("") | st.from_regex("[0-9]{3}", fullmatch=True)) if alta else "",
        type=MovementType.ALTA if alta else MovementType.BAJA,
        guia=draw(st.just("") | st.from_regex("[0-9]{5}", fullmatch=True)),
        clave=draw(claves),
        causa="" if alta else draw(st.sampled_from([*CAUSES])),
        curp=person.curp if alta else "",
    )
