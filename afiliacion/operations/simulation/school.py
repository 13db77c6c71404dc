"""An invented school, for the demo and the rehearsal: planteles, a ciclo, and the lists its offices would load.

Everything comes from the seed: the same seed gives the same school.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from afiliacion.imss.models import LoteRegistro
from afiliacion.movements.models import RegistroProfile
from afiliacion.operations.simulation.invented_people import People, Person
from students.models import Calendar, Ciclo, NonWorkingDay, Plantel, RegistroPatronal
from students.registro_patronal import parse

#: clave, name, CCT, registro patronal, subdelegación, UMF, share of the students
PLANTELES: Final = (
    (
        "PREPA7", "Preparatoria Regional Núm. 7 «Ignacio M. Altamirano»", "12EBH0007X", "A0112345321", "Iguala", "UMF 5",
        "Begoña Ñáñez Ordóñez", 50,
    ),
    ("CBTA92", "Centro de Bachillerato Tecnológico 92", "12DTA0092K", "A0267890322", "Chilpancingo", "UMF 3", "Iñaki De la O Güemes", 30),
    ("UTCOSTA", "Universidad Tecnológica de la Costa Ñuu Savi", "12EUT0003J", "B0398765323", "Acapulco", "UMF 26", "Xóchitl Uc Pech", 20),
)  # fmt: skip
#: The plantel whose altas and bajas go by lotes: it has a registro patronal of its own, also in a rehearsal (share_a_registro).
BY_LOTES: Final = "UTCOSTA"
#: Columns as a school's own system exports them.
HEADER: Final = (
    "matricula", "curp", "nombre", "primer_apellido", "segundo_apellido", "fecha_nacimiento", "sexo", "entidad_nacimiento",
    "correo", "telefono", "nss", "grupo", "fecha_inscripcion", "estatus",
)  # fmt: skip


class Habit(StrEnum):
    """How a student behaves in the term."""

    PROMPT = "prompt"
    LATE = "late"
    NEVER = "never"
    PARENTS_NSS = "parents_nss"
    RENUNCIA = "renuncia"
    LEAVES = "leaves"
    BACK_AND_FORTH = "back_and_forth"
    FOREIGN = "foreign"


_SHARES: Final = {
    Habit.PROMPT: 55, Habit.LATE: 18, Habit.NEVER: 7, Habit.PARENTS_NSS: 4,
    Habit.RENUNCIA: 6, Habit.LEAVES: 4, Habit.BACK_AND_FORTH: 2, Habit.FOREIGN: 4,
}  # fmt: skip


#: Of the students at the first plantel with these habits so many study at the second too.
_AT_BOTH: Final = (Habit.PROMPT, Habit.LATE, Habit.LEAVES)
_SHARE_AT_BOTH: Final = 0.2


@dataclass(frozen=True, slots=True)
class Pupil:
    """One student of the invented school: person, enrolment, and what they will do on which day of their term."""

    person: Person
    plantel: str
    matricula: str
    grupo: str
    enrolled_on: dt.date
    habit: Habit
    #: Days after the enrolment on which the student does what the habit says.
    acts_after: int
    nss_in_roll: str
    email: str
    #: The owner of the NSS, for a student who brings a parent's.
    parent: Person | None


@dataclass(frozen=True, slots=True)
class School:
    ciclo: Ciclo
    planteles: dict[str, Plantel]
    pupils: Sequence[Pupil]

    def roll(self, clave: str, day: dt.date) -> bytes:
        """Return the list of one plantel as its system exports it on `day`, with the students enrolled by then: CSV, UTF-8."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(HEADER)
        writer.writerows(_row(pupil) for pupil in self.pupils if pupil.plantel == clave and pupil.enrolled_on <= day)
        return out.getvalue().encode()


def create(*, students: int, starts_on: dt.date, seed: int) -> School:
    """Create the planteles and the ciclo in the database, and invent the students; their lists are not loaded yet."""
    rng = random.Random(seed)
    closures, _ = Calendar.objects.get_or_create(clave="escolar", defaults={"name": "Calendario escolar estatal"})
    NonWorkingDay.objects.get_or_create(calendar=closures, date=starts_on + dt.timedelta(days=25), defaults={"reason": "Consejo técnico"})
    half = "1" if starts_on.month < 7 else "2"
    ciclo, _ = Ciclo.objects.get_or_create(
        clave=f"{starts_on.year}-{half}", defaults={"starts_on": starts_on, "ends_on": starts_on + dt.timedelta(days=180)}
    )
    planteles = {row[0]: _plantel(row, closures) for row in PLANTELES}
    people = People(rng)
    return School(ciclo, planteles, [_pupil(rng, people, n, starts_on) for n in range(students)])


def share_a_registro(school: School, seed: int) -> School:
    """The same school with two planteles under one registro patronal, and some students of the first at the second as well.

    For a rehearsal: their cover is one, whatever they do at either plantel.
    """
    first, second = (row[0] for row in PLANTELES[:2])
    shared = school.planteles[first].registros.get().registro
    school.planteles[second].registros.update(registro=shared)
    rng, stays = random.Random(seed), list(school.pupils)
    for pupil in school.pupils:
        if pupil.plantel == first and pupil.habit in _AT_BOTH and rng.random() < _SHARE_AT_BOTH:
            later = pupil.enrolled_on + dt.timedelta(days=rng.randint(0, 40))
            habit = rng.choice((Habit.PROMPT, Habit.LEAVES))
            stay = replace(pupil, plantel=second, matricula=f"S{pupil.matricula}", enrolled_on=later)
            stays.append(replace(stay, habit=habit, acts_after=_acts_after(rng, habit)))
    return replace(school, pupils=stays)


def send_by_lotes(school: School) -> tuple[str, frozenset[int]]:
    """Have the movements of the last plantel go by lotes, the others' by the service; return its registro patronal, and its id in a set."""
    plantel = school.planteles[BY_LOTES]
    registro = plantel.registros.get().registro
    LoteRegistro.objects.get_or_create(registro=registro)
    RegistroProfile.objects.get_or_create(registro=registro, defaults={"signer": plantel.contact_name})
    return registro, frozenset({plantel.pk})


def _plantel(row: tuple[str, str, str, str, str, str, str, int], closures: Calendar) -> Plantel:
    clave, name, cct, registro, subdelegacion, umf, responsable, _share = row
    known = {
        "name": name, "cct": cct, "subdelegacion": subdelegacion, "umf": umf, "calendar": closures,
        "contact_name": responsable, "contact_email": f"afiliacion@{clave.lower()}.example.mx",
        "contact_phone": "733 555 0100", "address": "Domicilio conocido s/n, Guerrero", "office_hours": "Lunes a viernes, 8:00 a 15:00",
    }  # fmt: skip
    plantel, _ = Plantel.objects.get_or_create(clave=clave, defaults=known)
    RegistroPatronal.objects.get_or_create(plantel=plantel, valid_from=None, defaults={"registro": parse(registro), "added_at": None})
    return plantel


def _pupil(rng: random.Random, people: People, n: int, starts_on: dt.date) -> Pupil:
    habit = rng.choices(list(_SHARES), list(_SHARES.values()))[0]
    clave = rng.choices([row[0] for row in PLANTELES], [row[-1] for row in PLANTELES])[0]
    person = people.one()
    parent = people.one(born_from=1968, born_to=1985) if habit is Habit.PARENTS_NSS else None
    nss = parent.nss if parent else person.nss if rng.random() < 0.35 else ""
    email = "" if rng.random() < 0.02 else f"alumno{n + 1}@alumnos.example.mx"
    return Pupil(
        person, clave, f"{starts_on:%y}{n + 1:06d}", f"{rng.randint(1, 6)}-{rng.choice('ABCD')}", _enrolled_on(rng, starts_on),
        habit, _acts_after(rng, habit), nss, email, parent,
    )  # fmt: skip


def _enrolled_on(rng: random.Random, starts_on: dt.date) -> dt.date:
    """Most in the first days, a few for two weeks more, late ones all term long, and a second round in the seventh week."""
    if rng.random() < 0.2:
        return starts_on + dt.timedelta(days=rng.choice((rng.randrange(90), rng.randrange(45, 53))))
    return starts_on + dt.timedelta(days=min(int(rng.expovariate(0.35)), 20))


def _acts_after(rng: random.Random, habit: Habit) -> int:
    if habit is Habit.LATE:
        return rng.randint(6, 25)
    if habit in (Habit.LEAVES, Habit.BACK_AND_FORTH):
        return rng.randint(15, 50)
    return rng.randint(1, 3)


def _row(pupil: Pupil) -> tuple[str, ...]:
    p = pupil.person
    return (
        pupil.matricula, p.curp, p.nombre, p.primer_apellido, p.segundo_apellido, p.birth_date.isoformat(), p.sex, p.entity,
        pupil.email, "7335550100", pupil.nss_in_roll, pupil.grupo, pupil.enrolled_on.isoformat(), "activo",
    )  # fmt: skip
