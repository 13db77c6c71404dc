"""Writing lotes, beside a bare formatted write of the same lines: `python benchmarks/lotes.py [MOVEMENTS] [ROUNDS]`.

Medians of interleaved rounds, in seconds of processor time. *write*: from movements as the office has them, with everything it does: names
into the file's alphabet with every change told, form of every field, check digits, no person and no clave twice, checksum. *bare*: one
f-string a line, from records that are made already, joined and encoded; nothing is checked. Both give the same bytes. Then reading the file
back, and an answer of 5,000 movements read as rows and as words of a constancia, with their checks.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from afiliacion.lotes.answers.papers import read_paper
from afiliacion.lotes.answers.rows import read_rows
from afiliacion.lotes.file.reading import read
from afiliacion.lotes.file.writing import write
from afiliacion.lotes.line.record import MovementData, MovementType, Record
from afiliacion.lotes.profile import shipped
from afiliacion.operations.simulation.invented_people import People, Person
from tests.lotes.papers import Given, Row, constancia

PROFILE = replace(shipped()["portal"], most=999_999)
REGISTRO, DAY = "A0112345321", dt.date(2026, 8, 24)
MADE_AT = dt.datetime(2026, 8, 24, 10, tzinfo=dt.UTC)
ANSWERED = 5_000
HEADERS = ["nss", "tipo_mov", "fecha_mov", "codigoErrorMovimiento", "claveTrabajador", "registroPatronal", "nombreSINDO"]


def movement(at: int, p: Person) -> MovementData:
    return MovementData(MovementType.ALTA, REGISTRO, p.nss, p.curp, p.primer_apellido, p.segundo_apellido, p.nombre, DAY, f"A{at:07}")


def bare(records: Sequence[Record]) -> bytes:
    return "".join(
        [
            f"{r.registro_patronal:<11}{r.nss:<11}{r.primer_apellido:<27}{r.segundo_apellido:<27}{r.nombre:<27}{r.salario:06}      "
            f"{r.tipo_trabajador}{r.tipo_salario}{r.jornada}{r.fecha:%d%m%Y}{r.umf:<3}  08{r.guia:<5}{r.clave:<10} {r.curp:<18}9\r\n"
            for r in records
        ]
    ).encode()


def timed(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def answers(people: Sequence[Person]) -> tuple[float, float]:
    """Seconds for an answer as rows, and as a constancia."""
    rows = [[p.nss, "08", "24/08/2026", "0" if at % 9 else "1", f"A{at:07}", REGISTRO, p.nombre] for at, p in enumerate(people)]
    printed = [Row(p.nss, f"{p.primer_apellido} {p.nombre}".upper(), code="" if at % 9 else "1") for at, p in enumerate(people)]
    words = constancia(Given({REGISTRO: printed})).words()
    return timed(lambda: read_rows(HEADERS, enumerate(rows, 2))), timed(lambda: read_paper(words))


def main(number: int, rounds: int) -> None:
    invented = People(random.Random(7))
    people = [invented.one() for _ in range(number)]
    movements = [movement(at, person) for at, person in enumerate(people)]
    file = write(movements, PROFILE, made_at=MADE_AT)
    records = read(file.body, PROFILE).records
    assert bare(records) == file.body
    ours, usual, back = [], [], []
    for _ in range(rounds):
        ours.append(timed(lambda: write(movements, PROFILE, made_at=MADE_AT)))
        usual.append(timed(lambda: bare(records)))
        back.append(timed(lambda: read(file.body, PROFILE)))
    mine, theirs, again = map(statistics.median, (ours, usual, back))
    print(f"{number:,} movements, {len(file.changes):,} with a name changed")
    print(f"write {mine:.2f} s, bare {theirs:.2f} s, ratio {mine / theirs:.2f}")
    print(f"read back with its checks: {again:.2f} s")
    as_rows, as_words = answers(people[:ANSWERED])
    print(f"an answer of {len(people[:ANSWERED]):,}: rows {as_rows:.2f} s, words of a constancia {as_words:.2f} s")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    main(*given, *[100_000, 5][len(given) :])
