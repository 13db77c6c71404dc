"""Invented people with well-formed CURP and NSS: for the demo, the rehearsal and the tests. No real data.

The same `random.Random` seed gives the same people.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Final

from stdnum import luhn
from stdnum.mx import curp as stdnum_curp

from students.curp import ENTITIES
from students.curp_letters import letters

WOMEN: Final = (
    "Ximena",
    "María Fernanda",
    "Renata",
    "Itzel",
    "Begoña",
    "Lucía",
    "Citlali",
    "Sofía",
    "Úrsula",
    "Ángela",
    "Inés",
    "Xóchitl-Noé",
)
MEN: Final = ("José Ángel", "Iñaki", "Mateo", "Óscar", "Emiliano", "Germán", "Raúl", "Ulises", "Hugo", "Leonardo", "Juan Carlos", "Nicolás")
SURNAMES: Final = (
    "Ñáñez", "De la O", "Muñoz", "Hernández", "García", "Núñez", "López", "Güemes", "Ibáñez", "Pech", "Uc", "Xool", "O'Farrill", "Peña",
    "Mac Gregor", "Von Raesfeld", "San Martín", "Del Río", "Zepeda", "Ek", "Tun", "Canul", "Rodríguez", "Martínez", "Aguirre-Ortiz",
    "Sánchez", "Ramírez", "Cruz", "Flores", "Gómez", "Y Barra", "Ordóñez",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    curp: str
    nss: str
    nombre: str
    primer_apellido: str
    segundo_apellido: str
    birth_date: dt.date
    sex: str
    entity: str


class People:
    """Make different people without end: no CURP and no NSS is made twice by one instance."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._curps: set[str] = set()
        self._serial = rng.randrange(1000)

    def one(self, *, born_from: int = 2001, born_to: int = 2011) -> Person:
        """Return a person born in those years (inclusive)."""
        while True:
            person = self._person(born_from, born_to)
            if person.curp not in self._curps:
                self._curps.add(person.curp)
                return person

    def _person(self, born_from: int, born_to: int) -> Person:
        rng = self._rng
        sex = rng.choices("HMX", (49, 50, 1))[0]
        nombre = rng.choice(MEN if sex == "H" else WOMEN)
        primero, segundo = rng.choice(SURNAMES), rng.choice(("", *SURNAMES * 2))
        born = dt.date(born_from, 1, 1) + dt.timedelta(days=rng.randrange(365 * (born_to - born_from + 1)))
        entity = rng.choice(sorted(ENTITIES))
        curp = make_curp(nombre, primero, segundo, born, sex, entity, rng.choice("0123456789" if born.year < 2000 else "ABCDEFGH"))
        return Person(curp, self._nss(born), nombre, primero, segundo, born, sex, entity)

    def _nss(self, born: dt.date) -> str:
        self._serial += 1
        rest = f"{self._serial % 10_000:04d}"
        body = f"{11 + self._serial // 10_000:02d}{self._rng.randrange(15, 27):02d}{born.year % 100:02d}{rest}"
        return body + luhn.calc_check_digit(body)


def make_curp(nombre: str, primero: str, segundo: str, born: dt.date, sex: str, entity: str, homonym: str) -> str:
    """Return the CURP those data give, by RENAPO's rules (docs/domain.md, 3.1)."""
    begins, consonants = letters(nombre, primero, segundo)
    body = f"{begins}{born:%y%m%d}{sex}{entity}{consonants}{homonym}"
    return body + str(stdnum_curp.calc_check_digit(body))
