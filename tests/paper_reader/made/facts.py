"""The facts a paper is printed from, in the words of the stand-in (`imss_mock/procedures/pdf.py`), and what a reading of it must say."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from afiliacion.operations.simulation.invented_people import People, Person
from afiliacion.papers_in.judged import KnownStudent
from afiliacion.papers_in.saying import is_same_name
from imss_mock.people.places import ENTITY_NAMES
from imss_mock.procedures.sheet import Facts, in_ascii
from paper_reader.reading import Field, Reading, Value
from students.registro_patronal import with_dashes

OURS, THEIRS = "A0112345321", "B9954321321"
TODAY, CICLO = dt.date(2026, 9, 14), dt.date(2026, 8, 1)
_CLOCK: Final = ZoneInfo("America/Mexico_City")
_SEXES: Final = {"H": "Hombre", "M": "Mujer", "X": "No binario"}
_OF_AGREGADO: Final = {"H": "M", "M": "F", "X": "X"}
#: How IMSS' systems write a name's Ñ.
_ENES: Final = ("Ñ", "N", "X", "#")


def people(seed: int) -> Iterator[Person]:
    """Invented people without end."""
    made = People(random.Random(seed))
    while True:
        yield made.one()


def facts(person: Person, seed: int, **changes: str) -> Facts:
    """What IMSS would print of a person; another moment, name's spelling and clinic for each seed."""
    rng = random.Random(seed)
    moment = dt.datetime(2026, 8, 1, 8, tzinfo=_CLOCK) + dt.timedelta(minutes=rng.randrange(60 * 24 * 43))
    ene, plain = rng.choice(_ENES), rng.random() < 0.7
    names = [as_imss(name, ene, plain=plain) for name in (person.nombre, person.primer_apellido, person.segundo_apellido)]
    day = f"{moment:%d/%m/%Y}"
    return {
        "folio": f"{int(moment.timestamp() * 1000)}{rng.randrange(10**9):09d}", "fecha": day, "nss": person.nss, "curp": person.curp,
        "nombre": names[0], "primer_apellido": names[1], "segundo_apellido": names[2], "nombre_completo": " ".join(filter(None, names)),
        "sexo": _SEXES[person.sex], "nacimiento": f"{person.birth_date:%d/%m/%Y}", "edad": "18", "lugar": ENTITY_NAMES[person.entity],
        "con_derecho": "SI", "estado": "VIGENTE", "registro_patronal": with_dashes(OURS), "razon_social": "BACHILLERATO DE PRUEBA 7",
        "umf": f"{rng.randrange(1, 200):03d}", "turno": rng.choice(("MATUTINO", "VESPERTINO")), "consultorio": str(rng.randrange(1, 30)),
        "agregado_medico": f"1{_OF_AGREGADO[person.sex]}{person.birth_date:%Y}ES", "inicio": "01/08/2026", "vigente": day,
        "delegacion": rng.choice(("JALISCO", "GUERRERO", "ESTADO DE MÉXICO ORIENTE")), "subdelegacion": "3 IGUALA",
        "calle": "AV. INVENTADA",
        "direccion": "AV. DE LA CLÍNICA 330", "numero_exterior": "12", "numero_interior": "", "colonia": "CENTRO",
        "municipio": "TAXCO", "codigo_postal": "40200", "correo": "alumna@example.mx", "resultado": rng.choice(("ASIGNADO", "LOCALIZADO")),
        "formato": rng.choice(("anterior", "nuevo")), **changes,
    }  # fmt: skip


def as_imss(name: str, ene: str, *, plain: bool) -> str:
    """A name as IMSS' systems write it: capitals, mostly without accents, Ñ in one of several ways."""
    capitals = name.upper().replace("Ñ", "\0")
    return (in_ascii(capitals) if plain else capitals).replace("\0", ene)


def known(person: Person, state: str = "SIN_NSS", nss: str = "", **changes: object) -> KnownStudent:
    """What the office knows of a person."""
    values = {
        "curp": person.curp, "former_curps": (), "first_names": person.nombre, "first_surname": person.primer_apellido,
        "second_surname": person.segundo_apellido, "birth_date": person.birth_date, "nss": nss, "registros": (OURS,), "ciclo_starts": CICLO,
        "state": state, "nss_of_another": False, "brought_by_another": False,
    }  # fmt: skip
    return KnownStudent(**{**values, **changes})  # type: ignore[arg-type]


def _iso(day: str) -> str:
    return "-".join(reversed(day.split("/"))) if day else ""


_NAMED: Final = {
    Field.FIRST_NAMES: "nombre", Field.FIRST_SURNAME: "primer_apellido", Field.SECOND_SURNAME: "segundo_apellido",
    Field.FULL_NAME: "nombre_completo", Field.BIRTH_PLACE: "lugar", Field.REGISTRO_PATRONAL: "registro_patronal",
    Field.EMPLOYER: "razon_social", Field.DELEGACION: "delegacion", Field.RIGHT: "con_derecho",
}  # fmt: skip


def truth(said: Facts) -> dict[Field, str]:
    """What a paper with these facts says of each field, if it says it."""
    same = (Field.NSS, Field.CURP, Field.FOLIO, Field.UMF, Field.TURNO, Field.CONSULTORIO, Field.AGREGADO_MEDICO)
    days = {Field.BIRTH_DATE: "nacimiento", Field.ISSUED_ON: "fecha", Field.VIGENCIA_UNTIL: "vigente"}
    sex = {"Hombre": "H", "Mujer": "M", "No binario": "X"}[said["sexo"]]
    return (
        {field: said[field.value] for field in same} | {field: said[name] for field, name in _NAMED.items()}
        | {field: _iso(said[name]) for field, name in days.items()} | {Field.SEX: sex}
    )  # fmt: skip


_PERSON: Final = (Field.NSS, Field.CURP, Field.SEX, Field.BIRTH_DATE, Field.BIRTH_PLACE)
_CLINIC: Final = (Field.NSS, Field.CURP, Field.FULL_NAME, Field.UMF)
#: What each paper says; a reading of its text is whole if it has all of them that are not empty.
SAYS: Final = {
    "nss": (*_PERSON, Field.FIRST_NAMES, Field.FIRST_SURNAME, Field.SECOND_SURNAME, Field.FOLIO, Field.ISSUED_ON),
    "tarjeta": (Field.NSS, Field.CURP, Field.FULL_NAME),
    "vigencia": (
        *_PERSON, Field.FULL_NAME, Field.RIGHT, Field.VIGENCIA_UNTIL, Field.ISSUED_ON, Field.DELEGACION, Field.UMF, Field.TURNO,
        Field.CONSULTORIO, Field.AGREGADO_MEDICO, Field.REGISTRO_PATRONAL, Field.EMPLOYER,
    ),
    "acuse_clinica": (*_CLINIC, Field.FOLIO, Field.ISSUED_ON, Field.BIRTH_DATE, Field.SEX, Field.TURNO, Field.CONSULTORIO),
    "carnet": (*_CLINIC, Field.TURNO, Field.CONSULTORIO, Field.AGREGADO_MEDICO),
    "sav_002": _CLINIC,
}  # fmt: skip


class Held(NamedTuple):
    """What of a reading does not agree with the facts: values that are wrong, fields that are missing."""

    wrong: tuple[Value, ...]
    missing: tuple[Field, ...]


def held(kind: str, said: Facts, reading: Reading) -> Held:
    """Compare a reading with the facts its paper was printed from; names as IMSS writes them."""
    true = truth(said)
    found = {value.field for value in reading.values}
    wrong = [value for value in reading.values if not _agrees(value, true[value.field])]
    return Held(tuple(wrong), tuple(field for field in SAYS.get(kind, ()) if true[field] and field not in found))


def _agrees(value: Value, true: str) -> bool:
    return value.text == true or (value.field in _NAMES and is_same_name(value.text, true))


_NAMES: Final = (Field.FULL_NAME, Field.FIRST_NAMES, Field.FIRST_SURNAME, Field.SECOND_SURNAME)
