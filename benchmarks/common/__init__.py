"""What every benchmark stands on: the office in a database of its own, and medians of interleaved runs."""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from afiliacion.operations.launcher.office import Office, opened
from afiliacion.operations.simulation.invented_people import People

#: What the command says as --name or --name=value.
OPTIONS: Final = dict(arg[2:].partition("=")[::2] for arg in sys.argv[1:] if arg.startswith("--"))
ROOT = Path(__file__).resolve().parents[2]
COLUMNS = (
    "matricula", "curp", "nombre", "primer_apellido", "segundo_apellido", "fecha_nacimiento", "sexo", "entidad_nacimiento", "correo",
    "telefono", "nss", "grupo", "fecha_inscripcion", "estatus",
)  # fmt: skip


@contextmanager
def office(standing: Path | None = None) -> Iterator[None]:
    """Django, migrated, in a database that goes when the benchmark ends: on the embedded servers, or on DATABASE_URL's.

    `standing`: a folder whose office is kept and found again, for one that takes long to build.
    """
    with _folder(standing) as folder, opened(Office(folder, dict(os.environ))) as environment:
        # Only the owner may make a database of its own.
        url = environment["DATABASE_OWNER_URL"] or environment["DATABASE_URL"]
        os.environ.update(environment, DATABASE_URL=url, DJANGO_SETTINGS_MODULE="afiliacion.settings", LOG_LEVEL="ERROR")
        import django
        from django.test.utils import setup_databases, teardown_databases

        django.setup()
        made = setup_databases(verbosity=0, interactive=False, keepdb=standing is not None, serialized_aliases=[])
        try:
            yield
        finally:
            teardown_databases(made, verbosity=0, keepdb=standing is not None)


@contextmanager
def _folder(standing: Path | None) -> Iterator[Path]:
    if standing is None:
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            yield Path(folder)
    else:
        (standing / "run").mkdir(parents=True, exist_ok=True)
        yield standing


def roll_file(path: Path, rows: int, *, changed_every: int = 0) -> list[dict[str, str]]:
    """Write a list of so many invented students, always the same ones; every so many with another telephone. Returns its rows."""
    people, rng, enrolled = People(random.Random(7)), random.Random(3), dt.date.today().strftime("%d/%m/%Y")  # noqa: DTZ011
    table = []
    for n in range(rows):
        p = people.one()
        phone = f"55{rng.randrange(10**8):08d}"
        if changed_every and n % changed_every == 50:
            phone = "5500000000"
        values = (
            f"{26_000_000 + n}", p.curp, p.nombre, p.primer_apellido, p.segundo_apellido, p.birth_date.strftime("%d/%m/%Y"), p.sex,
            p.entity, f"a{n}@alumnos.example.mx", phone, p.nss if n % 3 else "",
            f"{1 + n % 6}-{'ABCD'[n % 4]}", enrolled, "activo",
        )  # fmt: skip
        table.append(dict(zip(COLUMNS, values, strict=True)))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(table)
    return table


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def median_seconds(runs: int, *works: Callable[[], object]) -> list[float]:
    """Median seconds of each work over `runs` rounds, A B A B …"""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for place, work in enumerate(works):
            began = time.perf_counter()
            work()
            taken[place].append(time.perf_counter() - began)
    return [statistics.median(times) for times in taken]
