"""Lists of enrolled students as a school's system exports them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

from django.utils import timezone

from afiliacion.cases.models import Case, WithoutCurp
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Proof
from afiliacion.operations.simulation.invented_people import People, Person
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import Opening
from afiliacion.roll.opening import jobs as openings
from students.models import Ciclo, Plantel

HEADER = (
    "matricula",
    "curp",
    "nombre",
    "primer_apellido",
    "segundo_apellido",
    "fecha_nacimiento",
    "sexo",
    "correo",
    "grupo",
    "fecha_inscripcion",
)


def a_worker_looks() -> None:
    """What the wake-up would make a worker do."""
    while work.work(seconds=30, clock=JobClock()):
        pass


def row(person: Person, matricula: str, **changed: str) -> dict[str, str]:
    known = {
        "matricula": matricula, "curp": person.curp, "nombre": person.nombre, "primer_apellido": person.primer_apellido,
        "segundo_apellido": person.segundo_apellido, "fecha_nacimiento": person.birth_date.isoformat(), "sexo": person.sex,
        "correo": f"a{matricula}@alumnos.example.mx", "grupo": "1-A", "fecha_inscripcion": "2026-08-06",
    }  # fmt: skip
    return known | changed


def without_curp(plantel: Plantel, ciclo: Ciclo, person: Person, matricula: str, **fields: Any) -> WithoutCurp:
    """A student whom a list brought without the CURP that the person has."""
    known = {
        "plantel": plantel, "ciclo": ciclo, "matricula": matricula, "nombre": person.nombre, "primer_apellido": person.primer_apellido,
        "segundo_apellido": person.segundo_apellido, "birth_date": person.birth_date, "sex": person.sex,
        "email": f"a{matricula}@alumnos.example.mx", "grupo": "1-A", "enrolled_on": dt.date(2026, 8, 6), "why": WithoutCurp.Why.EMPTY,
        "follow_up_on": dt.date(2026, 9, 1), "noted_by": "Begoña Ñáñez · lista.csv", "noted_at": timezone.now(), "list_id": 0,
    }  # fmt: skip
    return WithoutCurp.objects.create(**{**known, **fields})


def as_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, dict.fromkeys([*HEADER, *(name for each in rows for name in each)]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def a_list(people: People, good: int = 2) -> bytes:
    """`good` new students, and one row whose CURP does not hold."""
    rows = [row(people.one(), f"2600{n:04d}") for n in range(good)]
    return as_csv([*rows, row(people.one(), "26009999", curp="XXXX000000XXXXXXXX")])


def covers_of(*cases: Case) -> bytes:
    """A list that says these are insured already."""
    return "\n".join(["Matrícula,Asegurado desde", *(f"{case.enrolment.matricula},05/02/2024" for case in cases)]).encode()


def opening_of(case: Case, act: Act, name: str = "seguros.csv") -> Opening:
    """Such a list, brought and checked."""
    content = io.BytesIO(covers_of(case))
    return openings.bring(content, name, plantel=case.plantel, since=dt.date(2024, 2, 5), proof=Proof.LIST, act=act)
