"""Lotes for a stand-in, as the office writes them; its answers, as the office reads them. Both programs check each other."""

from __future__ import annotations

import base64
import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from afiliacion.lotes.answers.papers import read_paper
from afiliacion.lotes.answers.rows import read_rows
from afiliacion.lotes.answers.values import Acuse, Constancia, Detail
from afiliacion.lotes.file.writing import write
from afiliacion.lotes.line.record import MovementData, MovementType
from afiliacion.lotes.profile import Profile, shipped
from afiliacion.operations.simulation.invented_people import People, Person
from paper_reader.text import pages_of
from tests.imss_mock.harness import StandIn

PORTAL, INTERMEDIARIO = shipped()["portal"], shipped()["intermediario"]
REGISTRO, OTHER = "A0112345321", "B9912345321"
LOTES = "/api/v1/idse/lotes"
Answer = dict[str, Any]
_people = People(random.Random(51))


def people(stand_in: StandIn, number: int, persona: str = "localizado") -> list[Person]:
    """So many people whom the register knows by name and NSS."""
    made = [_people.one() for _ in range(number)]
    rows = [
        {
            "curp": one.curp, "nss": one.nss, "nombre": one.nombre, "primer_apellido": one.primer_apellido,
            "segundo_apellido": one.segundo_apellido, "persona": persona,
        }
        for one in made
    ]  # fmt: skip
    assert stand_in.ask("POST", "/control/personas", rows)[1]["rechazadas"] == []
    return made


def alta(person: Person, day: date, registro: str = REGISTRO) -> MovementData:
    return MovementData(
        MovementType.ALTA, registro, person.nss, person.curp, person.primer_apellido, person.segundo_apellido, person.nombre, day,
        f"M{person.nss[-7:]}",
    )  # fmt: skip


def baja(person: Person, day: date, registro: str = REGISTRO) -> MovementData:
    return alta(person, day, registro)._replace(type=MovementType.BAJA, curp="", causa="6")


def altas(stand_in: StandIn, persons: Sequence[Person], registro: str = REGISTRO) -> list[MovementData]:
    return [alta(person, stand_in.today(), registro) for person in persons]


def written(stand_in: StandIn, movements: Sequence[MovementData], profile: Profile = PORTAL) -> bytes:
    return write(movements, profile, made_at=datetime.combine(stand_in.today(), time(9))).body


def upload(stand_in: StandIn, body: bytes, **also: object) -> tuple[int, Answer]:
    asked = {"archivo": base64.b64encode(body).decode(), "nombre_archivo": "lote.txt", "firma": "practica", **also}
    return stand_in.ask("POST", LOTES, asked)


@dataclass(frozen=True)
class Lote:
    """A lote that the stand-in took."""

    stand_in: StandIn
    reception: Answer

    @property
    def state(self) -> Answer:
        found: Answer = self.stand_in.get(f"{LOTES}/{self.reception['recibo']}")
        return found

    def document(self, key: str) -> bytes:
        answer = self.stand_in.get(f"{LOTES}/{self.reception['recibo']}/{key}")
        return base64.b64decode(answer["contenido"])

    def acuse(self) -> Acuse:
        found = read_paper(pages_of(self.document("acuse"), 50))
        assert isinstance(found, Acuse)
        return found

    def constancia(self, number: int = 1) -> Constancia:
        found = read_paper(pages_of(self.document(f"constancia-{number}"), 400))
        assert isinstance(found, Constancia)
        return found

    def detail(self, number: int = 1) -> Detail:
        headers, *rows = csv.reader(io.StringIO(self.document(f"respuesta-{number}").decode("cp1252")))
        return read_rows(headers, enumerate(rows, 2))

    def answered(self) -> Lote:
        """The same, once every answer of it has come."""
        asked = {"id_lote": self.reception["id_lote"]}
        assert self.stand_in.ask("POST", "/control/idse/respuestas", asked)[1]["contestados"] == [asked["id_lote"]]
        return self


def taken(stand_in: StandIn, movements: Sequence[MovementData], profile: Profile = PORTAL) -> Lote:
    """A lote, uploaded and received."""
    status, answer = upload(stand_in, written(stand_in, movements, profile))
    assert status == 200, answer
    return Lote(stand_in, answer)
