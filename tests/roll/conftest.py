from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from afiliacion.operations.simulation.invented_people import Person
from afiliacion.roll.parse.reading import spooled
from afiliacion.roll.upload import run_now
from afiliacion.roll.upload.run_now import Preview, Report

ROLLS = Path(__file__).resolve().parent.parent / "rolls"
HEADERS = (
    "matricula", "curp", "nombre", "primer_apellido", "segundo_apellido", "fecha_nacimiento", "sexo", "entidad_nacimiento", "correo",
    "telefono", "nss", "grupo", "fecha_inscripcion", "estatus",
)  # fmt: skip


def as_csv(rows: Iterable[dict[str, Any]], headers: Sequence[str] = HEADERS) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, headers, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row(person: Person, matricula: str, **fields: Any) -> dict[str, Any]:
    """A row as a school would export it, for one invented person."""
    known = {
        "matricula": matricula, "curp": person.curp, "nombre": person.nombre, "primer_apellido": person.primer_apellido,
        "segundo_apellido": person.segundo_apellido, "fecha_nacimiento": person.birth_date, "sexo": person.sex,
        "entidad_nacimiento": person.entity, "correo": f"a{matricula}@alumnos.example.mx", "telefono": "3312345678", "nss": "",
        "grupo": "1-A", "fecha_inscripcion": "2026-08-06", "estatus": "activo",
    }  # fmt: skip
    return {**known, **fields}


@pytest.fixture
def where(plantel, ciclo) -> dict[str, Any]:
    return {"plantel": plantel, "ciclo": ciclo}


@pytest.fixture
def look(where, today) -> Callable[..., Preview]:
    def preview(content: bytes | Iterable[dict[str, Any]], name: str = "lista.csv", **other: Any) -> Preview:
        with spooled(content if isinstance(content, bytes) else as_csv(content)) as path:
            return run_now.preview(path, name, **{**where, "today": today, **other})

    return preview


@pytest.fixture
def bring(where, now) -> Callable[..., Report]:
    def apply(content: bytes | Iterable[dict[str, Any]], name: str = "lista.csv", **other: Any) -> Report:
        with spooled(content if isinstance(content, bytes) else as_csv(content)) as path:
            return run_now.apply(path, name, **{**where, "now": now, **other})

    return apply


@pytest.fixture
def bring_file(bring: Callable[..., Report]) -> Callable[..., Report]:
    def apply(name: str, **other: Any) -> Report:
        path = next(ROLLS.glob(f"{name}*"))
        return bring(path.read_bytes(), path.name, **other)

    return apply
