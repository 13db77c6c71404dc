"""Lists of enrolled students as a school's system exports them."""

from __future__ import annotations

import csv
import io

from afiliacion.operations.people import People, Person

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


def row(person: Person, matricula: str, **changed: str) -> dict[str, str]:
    known = {
        "matricula": matricula, "curp": person.curp, "nombre": person.nombre, "primer_apellido": person.primer_apellido,
        "segundo_apellido": person.segundo_apellido, "fecha_nacimiento": person.birth_date.isoformat(), "sexo": person.sex,
        "correo": f"a{matricula}@alumnos.example.mx", "grupo": "1-A", "fecha_inscripcion": "2026-08-06",
    }  # fmt: skip
    return known | changed


def as_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def a_list(people: People, good: int = 2) -> bytes:
    """`good` new students, and one row whose CURP does not hold."""
    rows = [row(people.one(), f"2600{n:04d}") for n in range(good)]
    return as_csv([*rows, row(people.one(), "26009999", curp="XXXX000000XXXXXXXX")])
